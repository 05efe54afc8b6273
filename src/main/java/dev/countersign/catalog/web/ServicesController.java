package dev.countersign.catalog.web;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.catalog.ServiceList;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.web.Htmx;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Controller;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.util.UriComponentsBuilder;

/// The inventory: a list, one service, and the answers to a typeahead.
@Controller
class ServicesController {
    private static final int PAGE = 50;
    private static final int OPTIONS = 12;

    private final MeshCatalog catalog;
    private final ServiceList list;

    ServicesController(MeshCatalog catalog, ServiceList list) {
        this.catalog = catalog;
        this.list = list;
    }

    @GetMapping("/services")
    String index(
            @RequestParam(defaultValue = "") String q, @RequestParam(defaultValue = "") String cluster,
            @RequestParam(defaultValue = "") String namespace, @RequestParam(defaultValue = "") String after, Model model,
            HttpServletRequest request) {
        Optional<String> inCluster = Optional.of(cluster).filter(text -> !text.isBlank());
        Optional<String> inNamespace = Optional.of(namespace).filter(text -> !text.isBlank());
        List<CatalogWorkload> rows;
        Optional<ServiceList.After> next = Optional.empty();
        if (q.isBlank()) {
            ServiceList.Page page = list.page(inCluster, inNamespace, ServiceList.After.of(after), PAGE);
            rows = page.rows();
            next = page.next();
        } else {
            rows = catalog.search(q, inCluster, inNamespace, PAGE);
        }
        model.addAttribute("q", q);
        model.addAttribute("cluster", cluster);
        model.addAttribute("namespace", namespace);
        model.addAttribute("narrowed", !q.isBlank() || inCluster.isPresent() || inNamespace.isPresent());
        model.addAttribute("rows", rows.stream().map(ServiceLine::of).toList());
        model.addAttribute("next", next.map(place -> url(cluster, namespace, place)).orElse(null));
        return Htmx.view(request, "catalog/services/index", "rows");
    }

    private static String url(String cluster, String namespace, ServiceList.After after) {
        return UriComponentsBuilder.fromPath("/services")
                .queryParam("cluster", "{cluster}")
                .queryParam("namespace", "{namespace}")
                .queryParam("after", "{after}")
                .build()
                .expand(cluster, namespace, after.toString())
                .encode()
                .toUriString();
    }

    /// The options of a typeahead; its value is `cluster/namespace/workload`. A browser without script gets the list.
    @GetMapping("/services/options")
    String options(
            @RequestParam(defaultValue = "") String q, @RequestParam(defaultValue = "") String cluster,
            @RequestParam(defaultValue = "service") String id, Model model, HttpServletRequest request) {
        if (!Htmx.asks(request)) {
            return "redirect:" + UriComponentsBuilder.fromPath("/services").queryParam("q", "{q}").build().expand(q).encode().toUriString();
        }
        model.addAttribute("id", id.matches("[A-Za-z][-A-Za-z0-9_.]{0,60}") ? id : "service");
        model.addAttribute("found", catalog.search(q, Optional.of(cluster).filter(text -> !text.isBlank()), Optional.empty(), OPTIONS).stream()
                .map(ServiceOption::of)
                .toList());
        return "catalog/services/options";
    }

    @GetMapping("/services/{cluster}/{namespace}/{workload}")
    @Transactional(readOnly = true)
    String show(@PathVariable String cluster, @PathVariable String namespace, @PathVariable String workload, Model model) {
        CatalogWorkload found = catalog.cluster(cluster)
                .map(ClusterRef::id)
                .flatMap(id -> catalog.workload(new WorkloadKey(id, namespace, workload)))
                .orElseThrow(() -> new Problem.NotFound("service of that name"));
        model.addAttribute("service", found);
        model.addAttribute("line", ServiceLine.of(found));
        model.addAttribute("tls", TlsLine.of(found, catalog.mesh(found.cluster().id()), catalog.peerAuthentications(found.cluster().id(), namespace)));
        model.addAttribute("policies", PolicyLine.of(found, catalog.mesh(found.cluster().id()), catalog.policies(found.cluster().id(), namespace)));
        return "catalog/services/show";
    }
}
