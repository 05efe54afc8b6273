package dev.countersign.workbench;

import dev.countersign.web.Problem;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;

/// Who reaches whom in a cluster.
@Controller
class ReachController {
    private final ReachOf reach;

    ReachController(ReachOf reach) {
        this.reach = reach;
    }

    @GetMapping("/clusters/{name}/reach")
    String reach(@PathVariable String name, @RequestParam(defaultValue = "") String namespace, Model model) {
        ReachOf.Mesh mesh = reach.mesh(name, namespace).orElseThrow(() -> new Problem.NotFound("cluster of that name, or namespace of yours in it"));
        model.addAttribute("cluster", name).addAttribute("namespace", namespace).addAttribute("namespaces", mesh.namespaces());
        model.addAttribute("told", ReachOf.reckon(mesh, namespace));
        return "workbench/reach/index";
    }
}
