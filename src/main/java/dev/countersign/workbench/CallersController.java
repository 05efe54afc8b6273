package dev.countersign.workbench;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.delivery.DeliveryBoard;
import dev.countersign.delivery.PastCallers;
import dev.countersign.web.Htmx;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import org.springframework.stereotype.Controller;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;

/// Two parts of a service's page, which are pages of their own to a browser without script.
@Controller
class CallersController {
    private final MeshCatalog catalog;
    private final CallersOf callers;
    private final PastCallers past;
    private final DeliveryBoard board;

    CallersController(MeshCatalog catalog, CallersOf callers, PastCallers past, DeliveryBoard board) {
        this.board = board;
        this.catalog = catalog;
        this.callers = callers;
        this.past = past;
    }

    @GetMapping("/services/{cluster}/{namespace}/{workload}/callers")
    @Transactional(readOnly = true)
    String callers(@PathVariable String cluster, @PathVariable String namespace, @PathVariable String workload, Model model,
            HttpServletRequest request) {
        CatalogWorkload service = service(cluster, namespace, workload);
        model.addAttribute("service", service).addAttribute("callers", callers.callers(service))
                .addAttribute("refusal", board.refusal(service.cluster().id(), namespace, workload).orElse(null));
        return Htmx.view(request, "workbench/callers/index", "callers");
    }

    @GetMapping("/services/{cluster}/{namespace}/{workload}/callees")
    @Transactional(readOnly = true)
    String callees(@PathVariable String cluster, @PathVariable String namespace, @PathVariable String workload, Model model,
            HttpServletRequest request) {
        CatalogWorkload service = service(cluster, namespace, workload);
        model.addAttribute("service", service).addAttribute("callees", callers.callees(service));
        return Htmx.view(request, "workbench/callers/callees", "callees");
    }

    /// At a moment of the past, from the record. The moment is given in UTC, to the minute or finer.
    @GetMapping("/services/{cluster}/{namespace}/{workload}/callers/then")
    @Transactional(readOnly = true)
    String then(@PathVariable String cluster, @PathVariable String namespace, @PathVariable String workload,
            @RequestParam(defaultValue = "") String at, Model model) {
        CatalogWorkload service = service(cluster, namespace, workload);
        Moment moment = Moment.read(at, Instant.now());
        model.addAttribute("service", service).addAttribute("typed", moment.typed()).addAttribute("problem", moment.problem());
        model.addAttribute("then", moment.at() == null ? null
                : past.at(service, service.asPoliciesSeeIt(), callers.known(service, catalog.mesh(service.cluster().id())), moment.at()));
        return "workbench/callers/then";
    }

    private CatalogWorkload service(String cluster, String namespace, String workload) {
        return catalog.cluster(cluster)
                .map(ClusterRef::id)
                .flatMap(id -> catalog.workload(new WorkloadKey(id, namespace, workload)))
                .orElseThrow(() -> new Problem.NotFound("service of that name"));
    }
}
