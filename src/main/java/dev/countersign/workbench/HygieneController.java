package dev.countersign.workbench;

import dev.countersign.web.Problem;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;

/// Which live rules do nothing, or too much, and by whose word they stand.
@Controller
class HygieneController {
    private final HygieneOf hygiene;

    HygieneController(HygieneOf hygiene) {
        this.hygiene = hygiene;
    }

    @GetMapping("/clusters/{name}/hygiene")
    String hygiene(@PathVariable String name, @RequestParam(defaultValue = "") String namespace, Model model) {
        HygieneOf.Rules rules = hygiene.rules(name, namespace).orElseThrow(() -> new Problem.NotFound("cluster of that name, or namespace of yours in it"));
        model.addAttribute("cluster", name).addAttribute("namespace", namespace).addAttribute("namespaces", rules.namespaces());
        model.addAttribute("told", HygieneOf.judge(rules));
        return "workbench/hygiene/index";
    }
}
