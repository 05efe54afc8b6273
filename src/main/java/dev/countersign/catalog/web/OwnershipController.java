package dev.countersign.catalog.web;

import dev.countersign.catalog.MeshCatalog;
import dev.countersign.catalog.Ownership;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Role;
import dev.countersign.web.FieldErrors;
import dev.countersign.web.Notice;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/// Which team owns what: administrators say it.
@Controller
class OwnershipController {
    private final Ownership ownership;
    private final MeshCatalog catalog;

    OwnershipController(Ownership ownership, MeshCatalog catalog) {
        this.ownership = ownership;
        this.catalog = catalog;
    }

    @GetMapping("/admin/ownership")
    String index(@AuthenticationPrincipal CurrentPerson me, @RequestParam(defaultValue = "") String service, Model model) {
        requireAdministrator(me);
        return page(service, "", model);
    }

    /// `service` is `cluster/namespace/workload`, or `cluster/namespace` for the default of a namespace.
    @PostMapping("/admin/ownership")
    String own(
            @AuthenticationPrincipal CurrentPerson me, @RequestParam(defaultValue = "") String service,
            @RequestParam(defaultValue = "") String team, Model model, RedirectAttributes flash, HttpServletResponse response) {
        requireAdministrator(me);
        String[] parts = service.strip().split("/", -1);
        Optional<ClusterRef> cluster = parts.length == 2 || parts.length == 3 ? catalog.cluster(parts[0]) : Optional.empty();
        if (cluster.isEmpty()) {
            return refused("service", "Choose a service of the list, or write cluster/namespace.", service, team, model, response);
        }
        Ownership.Outcome outcome = parts.length == 3
                ? ownership.own(me.actor(), new WorkloadKey(cluster.get().id(), parts[1], parts[2]), id(team))
                : ownership.ownByDefault(me.actor(), cluster.get().id(), parts[1], id(team));
        return switch (outcome) {
            case Ownership.Outcome.Set set -> {
                flash.addFlashAttribute("notice", Notice.done("Done.", "Team " + set.team().name() + " owns " + service.strip() + "."));
                yield "redirect:/admin/ownership";
            }
            case Ownership.Outcome.Refused refused -> refused("service", refused.reason(), service, team, model, response);
        };
    }

    @PostMapping("/admin/ownership/removal")
    String disown(
            @AuthenticationPrincipal CurrentPerson me, @RequestParam UUID cluster, @RequestParam String namespace,
            @RequestParam(defaultValue = "") String workload, RedirectAttributes flash) {
        requireAdministrator(me);
        if (!ownership.disown(me.actor(), cluster, namespace, Optional.of(workload).filter(name -> !name.isEmpty()))) {
            throw new Problem.NotFound("owner of that service");
        }
        flash.addFlashAttribute("notice", Notice.done("Done.", "It has no owner any more, and nobody can agree to access to it as one."));
        return "redirect:/admin/ownership";
    }

    private String refused(String field, String reason, String service, String team, Model model, HttpServletResponse response) {
        model.addAttribute("errors", FieldErrors.NONE.with(field, reason));
        response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
        return page(service, team, model);
    }

    private String page(String service, String team, Model model) {
        Map<String, String> teams = new LinkedHashMap<>();
        ownership.teams().forEach(one -> teams.put(one.id().toString(), one.name()));
        model.addAttribute("owned", ownership.list());
        model.addAttribute("teams", teams);
        model.addAttribute("service", service);
        model.addAttribute("team", team);
        return "catalog/owners/index";
    }

    private static UUID id(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException malformed) {
            return new UUID(0, 0); // no team has it: refused by the desk in its own words
        }
    }

    private static void requireAdministrator(CurrentPerson me) {
        if (!me.is(Role.ADMINISTRATOR)) {
            throw new Problem.Forbidden("Only administrators of the tenant say who owns what. Ask one of them.");
        }
    }
}
