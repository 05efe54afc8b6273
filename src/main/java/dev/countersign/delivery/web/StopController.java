package dev.countersign.delivery.web;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.delivery.DeliveryBoard;
import dev.countersign.delivery.DeliveryStop;
import dev.countersign.delivery.DeliveryStop.Held;
import dev.countersign.delivery.StopDesk;
import dev.countersign.delivery.Stopping;
import dev.countersign.grants.Grant;
import dev.countersign.grants.GrantLedger;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.web.Confirmation;
import dev.countersign.web.FieldErrors;
import dev.countersign.web.Htmx;
import dev.countersign.web.Notice;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;
import org.springframework.web.util.UriComponentsBuilder;

/// Stopping deliveries and letting them go on; and what stops a service or a grant, for their pages.
@Controller
class StopController {
    private static final String SERVICE = "/services/{cluster}/{namespace}/{workload}";

    private final StopDesk desk;
    private final StopViews views;
    private final DeliveryBoard board;
    private final GrantLedger grants;
    private final MeshCatalog catalog;

    StopController(StopDesk desk, StopViews views, DeliveryBoard board, GrantLedger grants, MeshCatalog catalog) {
        this.desk = desk;
        this.views = views;
        this.board = board;
        this.grants = grants;
        this.catalog = catalog;
    }

    /// The slot on a service's page.
    @GetMapping("/delivery/of/{cluster}/{namespace}/{workload}")
    @Transactional(readOnly = true)
    String ofService(@PathVariable String cluster, @PathVariable String namespace, @PathVariable String workload, @AuthenticationPrincipal CurrentPerson me, Model model,
            HttpServletRequest request) {
        CatalogWorkload service = service(cluster, namespace, workload);
        Held held = new Held(namespace, workload);
        model.addAttribute("service", service)
                .addAttribute("stops", views.of(me, service.cluster().id(), held))
                .addAttribute("suspensions", views.suspensions(me, service.cluster().id(), held))
                .addAttribute("mayStop", desk.mayStop(me, cluster, Optional.of(held)))
                .addAttribute("lines", board.forCluster(service.cluster().id()).stream()
                        .filter(one -> one.namespace().equals(namespace) && one.workload().equals(workload))
                        .map(StandingLine::of)
                        .toList());
        return Htmx.view(request, "delivery/stops/service", "service");
    }

    /// The slot on a grant's page.
    @GetMapping("/grants/{number:[0-9]{1,18}}/delivery")
    @Transactional(readOnly = true)
    String ofGrant(@PathVariable long number, Model model, HttpServletRequest request) {
        Grant grant = grants.find(number).orElseThrow(() -> new Problem.NotFound("grant " + number));
        model.addAttribute("number", number)
                .addAttribute("lines", board.forRequest(grant.requestNumber()).stream()
                        .filter(one -> one.cluster().id().equals(grant.place().cluster().id()))
                        .map(StandingLine::of)
                        .toList());
        return Htmx.view(request, "delivery/policies/grant", "standing");
    }

    @GetMapping(SERVICE + "/stop")
    @Transactional(readOnly = true)
    String askService(@PathVariable String cluster, @PathVariable String namespace, @PathVariable String workload, Model model) {
        return asked(model, service(service(cluster, namespace, workload)), FieldErrors.NONE);
    }

    @PostMapping(SERVICE + "/stop")
    String stopService(@AuthenticationPrincipal CurrentPerson me, @PathVariable String cluster, @PathVariable String namespace, @PathVariable String workload,
            @RequestParam(defaultValue = "") String reason, HttpServletResponse response, RedirectAttributes flash, Model model) {
        Stopping outcome = desk.stop(me, cluster, Optional.of(new Held(namespace, workload)), reason);
        return answered(outcome, address("", cluster, namespace, workload), response, flash, model, () -> service(service(cluster, namespace, workload)));
    }

    @GetMapping("/clusters/{name}/stop")
    @Transactional(readOnly = true)
    String askCluster(@PathVariable String name, Model model) {
        return asked(model, cluster(name), FieldErrors.NONE);
    }

    @PostMapping("/clusters/{name}/stop")
    String stopCluster(@AuthenticationPrincipal CurrentPerson me, @PathVariable String name, @RequestParam(defaultValue = "") String reason, HttpServletResponse response,
            RedirectAttributes flash, Model model) {
        return answered(desk.stop(me, name, Optional.empty(), reason), policies(name), response, flash, model, () -> cluster(name));
    }

    @GetMapping("/stops/{number:[0-9]{1,18}}/release")
    @Transactional(readOnly = true)
    String askRelease(@PathVariable long number, Model model) {
        return asked(model, release(stop(number)), FieldErrors.NONE);
    }

    @PostMapping("/stops/{number:[0-9]{1,18}}/release")
    String release(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @RequestParam(defaultValue = "") String reason, HttpServletResponse response,
            RedirectAttributes flash, Model model) {
        DeliveryStop stop = stop(number);
        return answered(desk.release(me, number, reason), page(stop), response, flash, model, () -> release(stop));
    }

    private static String asked(Model model, Confirmation ask, FieldErrors errors) {
        model.addAttribute("ask", ask).addAttribute("errors", errors);
        return "layout/confirm";
    }

    private static String answered(Stopping outcome, String page, HttpServletResponse response, RedirectAttributes flash, Model model,
            java.util.function.Supplier<Confirmation> again) {
        return switch (outcome) {
            case Stopping.Stopped(long number) -> {
                flash.addFlashAttribute("notice", Notice.done("Stopped.", "From now on nothing that opens is delivered; this is stop " + number + ". What only closes still goes."));
                yield "redirect:" + page;
            }
            case Stopping.Released(long number) -> {
                flash.addFlashAttribute("notice", Notice.done("Released.", "Stop " + number + " holds no more; what waited is delivered within seconds."));
                yield "redirect:" + page;
            }
            case Stopping.Already(long ignored, String message) -> {
                flash.addFlashAttribute("notice", Notice.waits("It is so already.", message));
                yield "redirect:" + page;
            }
            case Stopping.ReasonNeeded(String message) -> {
                response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
                yield asked(model, again.get(), new FieldErrors(Map.of("reason", message)));
            }
            case Stopping.NotYours(String message) -> throw new Problem.Forbidden(message);
            case Stopping.Unknown(String what) -> throw new Problem.NotFound(what);
        };
    }

    private static Confirmation service(CatalogWorkload service) {
        String page = address("", service.cluster().name(), service.namespace(), service.name());
        return new Confirmation("services", "Stop deliveries of " + service.name() + "?",
                "Nothing that lets anybody newly call " + service.name() + " in " + service.namespace() + " reaches cluster " + service.cluster().name()
                        + " until this is released. What it allows now stays; grants that end are still taken out. Asking and approving go on.",
                "Stop deliveries", address("/stop", service.cluster().name(), service.namespace(), service.name()), page, true, true, Map.of());
    }

    private Confirmation cluster(String name) {
        ClusterRef cluster = catalog.cluster(name).orElseThrow(() -> new Problem.NotFound("cluster " + name));
        return new Confirmation("clusters", "Stop deliveries to " + cluster.name() + "?",
                "Nothing that lets anybody newly call any service reaches this cluster until this is released. What it allows now stays; grants that end are still taken out. Asking and approving go on.",
                "Stop deliveries", "/clusters/" + cluster.name() + "/stop", policies(cluster.name()), true, true, Map.of());
    }

    private static Confirmation release(DeliveryStop stop) {
        return new Confirmation(stop.workload().isPresent() ? "services" : "clusters", "Release stop " + stop.number() + "?",
                "From then on what was approved is delivered again, what waited first. Deliveries of " + stop.what() + " in cluster " + stop.cluster().name() + " were "
                        + stop.words(),
                "Release", "/stops/" + stop.number() + "/release", page(stop), false, true, Map.of());
    }

    private static String page(DeliveryStop stop) {
        return stop.workload().map(held -> address("", stop.cluster().name(), held.namespace(), held.workload())).orElseGet(() -> policies(stop.cluster().name()));
    }

    private static String policies(String cluster) {
        return UriComponentsBuilder.fromPath("/clusters/{name}/policies").build().expand(cluster).encode().toUriString();
    }

    private static String address(String verb, String cluster, String namespace, String workload) {
        return UriComponentsBuilder.fromPath(SERVICE + verb).build().expand(cluster, namespace, workload).encode().toUriString();
    }

    private DeliveryStop stop(long number) {
        return desk.find(number).orElseThrow(() -> new Problem.NotFound("stop " + number));
    }

    private CatalogWorkload service(String cluster, String namespace, String workload) {
        return catalog.cluster(cluster)
                .map(ClusterRef::id)
                .flatMap(id -> catalog.workload(new WorkloadKey(id, namespace, workload)))
                .orElseThrow(() -> new Problem.NotFound("service of that name"));
    }
}
