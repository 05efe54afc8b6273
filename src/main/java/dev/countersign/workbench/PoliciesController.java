package dev.countersign.workbench;

import dev.countersign.catalog.MeshCatalog;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.web.FieldErrors;
import dev.countersign.web.Htmx;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Controller;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;

/// What Istio would say about a text. Sent by POST, for it is too long for an address; nothing of it is kept.
@Controller
class PoliciesController {
    private final MeshCatalog catalog;
    private final Checker checker;

    PoliciesController(MeshCatalog catalog, Checker checker) {
        this.catalog = catalog;
        this.checker = checker;
    }

    @GetMapping("/policies")
    @Transactional(readOnly = true)
    String fresh(Model model) {
        return page("", "", FieldErrors.NONE, model);
    }

    @PostMapping("/policies")
    @Transactional(readOnly = true)
    String check(@RequestParam(defaultValue = "") String yaml, @RequestParam(defaultValue = "") String cluster, Model model,
            HttpServletRequest request, HttpServletResponse response) {
        Optional<ClusterRef> compared = cluster.isEmpty() ? Optional.empty() : catalog.cluster(cluster);
        FieldErrors errors = !cluster.isEmpty() && compared.isEmpty()
                ? FieldErrors.NONE.with("cluster", "There is no cluster of that name. Choose another, or compare with none.")
                : FieldErrors.NONE;
        if (yaml.getBytes(StandardCharsets.UTF_8).length > Checker.MOST_BYTES) {
            errors = errors.with("yaml", "This is more than 1 MiB. Check it in parts.");
        }
        if (errors.isEmpty()) {
            switch (checker.check(yaml, compared)) {
                case Checker.Outcome.Checked checked -> model.addAttribute("checked", checked);
                case Checker.Outcome.Unreadable unreadable -> {
                    response.setStatus(422);
                    model.addAttribute("unreadable", unreadable);
                }
            }
        } else {
            response.setStatus(422);
        }
        page(yaml, cluster, errors, model);
        return Htmx.view(request, "workbench/checks/index", "result");
    }

    private String page(String yaml, String cluster, FieldErrors errors, Model model) {
        Map<String, String> clusters = new LinkedHashMap<>();
        clusters.put("", "with nothing");
        catalog.clusters().forEach(one -> clusters.put(one.name(), "with what lives in " + one.name()));
        model.addAttribute("yaml", yaml).addAttribute("cluster", cluster).addAttribute("clusters", clusters).addAttribute("errors", errors);
        return "workbench/checks/index";
    }
}
