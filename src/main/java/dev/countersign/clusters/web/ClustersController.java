package dev.countersign.clusters.web;

import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.clusters.ClusterView;
import dev.countersign.web.Problem;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;

/// The tenant's clusters, for everyone to see.
@Controller
class ClustersController {
    private final ClusterRegistry registry;

    ClustersController(ClusterRegistry registry) {
        this.registry = registry;
    }

    @GetMapping("/clusters")
    String index(Model model) {
        model.addAttribute("clusters", registry.list().stream().map(ClusterLine::of).toList());
        return "clusters/clusters/index";
    }

    @GetMapping("/clusters/{name}")
    String show(@PathVariable String name, Model model) {
        ClusterView view = registry.find(name).orElseThrow(() -> new Problem.NotFound("cluster of that name"));
        model.addAttribute("cluster", view);
        model.addAttribute("line", ClusterLine.of(view));
        return "clusters/clusters/show";
    }
}
