package dev.countersign.clusters.web;

import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.clusters.ClusterView;
import dev.countersign.clusters.Registration;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Role;
import dev.countersign.web.Confirmation;
import dev.countersign.web.FieldErrors;
import dev.countersign.web.Notice;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/// Registering clusters and changing registered ones: for administrators of the tenant.
@Controller
class ClusterAdminController {
    private final ClusterRegistry registry;

    ClusterAdminController(ClusterRegistry registry) {
        this.registry = registry;
    }

    @GetMapping("/admin/clusters")
    String index() {
        return "redirect:/clusters";
    }

    @GetMapping("/admin/clusters/new")
    String form(@AuthenticationPrincipal CurrentPerson me, Model model) {
        requireAdministrator(me);
        return form(ClusterForm.EMPTY, model);
    }

    @PostMapping("/admin/clusters")
    String register(@AuthenticationPrincipal CurrentPerson me, ClusterForm form, Model model, RedirectAttributes flash, HttpServletResponse response) {
        requireAdministrator(me);
        return answered(registry.register(me.actor(), form.parsed()), "is registered.", model, flash, response, () -> form(form, model));
    }

    @GetMapping("/admin/clusters/{name}/edit")
    String edit(@AuthenticationPrincipal CurrentPerson me, @PathVariable String name, Model model) {
        requireAdministrator(me);
        return edit(cluster(name), model);
    }

    @PostMapping("/admin/clusters/{name}/namespaces")
    String namespaces(
            @AuthenticationPrincipal CurrentPerson me, @PathVariable String name, @RequestParam(defaultValue = "") String namespaces,
            Model model, RedirectAttributes flash, HttpServletResponse response) {
        requireAdministrator(me);
        ClusterView view = cluster(name);
        model.addAttribute("namespaces", namespaces);
        return answered(registry.changeNamespaces(me.actor(), view.id(), ClusterForm.names(namespaces)), "has new namespaces.", model, flash,
                response, () -> edit(view, model));
    }

    @PostMapping("/admin/clusters/{name}/trust-domain-aliases")
    String aliases(
            @AuthenticationPrincipal CurrentPerson me, @PathVariable String name, @RequestParam(defaultValue = "") String trustDomainAliases,
            Model model, RedirectAttributes flash, HttpServletResponse response) {
        requireAdministrator(me);
        ClusterView view = cluster(name);
        model.addAttribute("aliases", trustDomainAliases);
        return answered(registry.changeTrustDomainAliases(me.actor(), view.id(), ClusterForm.names(trustDomainAliases)), "has these trust domain aliases.",
                model, flash, response, () -> edit(view, model));
    }

    @PostMapping("/admin/clusters/{name}/credentials")
    String credentials(
            @AuthenticationPrincipal CurrentPerson me, @PathVariable String name, @RequestParam(defaultValue = "") String kubeconfig,
            Model model, RedirectAttributes flash, HttpServletResponse response) {
        requireAdministrator(me);
        ClusterView view = cluster(name);
        return answered(registry.rotateCredentials(me.actor(), view.id(), kubeconfig), "has new credentials.", model, flash, response,
                () -> edit(view, model));
    }

    @GetMapping("/admin/clusters/{name}/retirement")
    String confirm(@AuthenticationPrincipal CurrentPerson me, @PathVariable String name, Model model) {
        requireAdministrator(me);
        String path = "/admin/clusters/" + cluster(name).name() + "/retirement";
        model.addAttribute("ask", new Confirmation("clusters", "Retire cluster " + name + "?",
                "The portal stops reading and writing it and forgets its inventory. Policies that are in the cluster stay as they are; nobody expires or corrects them any more.",
                "Retire", path, "/clusters/" + name, true, true, Map.of()));
        return "layout/confirm";
    }

    @PostMapping("/admin/clusters/{name}/retirement")
    String retire(
            @AuthenticationPrincipal CurrentPerson me, @PathVariable String name, @RequestParam(defaultValue = "") String reason,
            RedirectAttributes flash) {
        requireAdministrator(me);
        if (!registry.retire(me.actor(), cluster(name).id(), reason)) {
            throw new Problem.Conflict("The cluster was retired before.");
        }
        flash.addFlashAttribute("notice", Notice.done("Retired.", "Cluster " + name + " is no longer used."));
        return "redirect:/clusters";
    }

    private String answered(
            Registration outcome, String words, Model model, RedirectAttributes flash, HttpServletResponse response, Supplier<String> again) {
        return switch (outcome) {
            case Registration.Registered(var cluster, List<String> warnings) -> {
                flash.addFlashAttribute("notice", warnings.isEmpty()
                        ? Notice.done("Done.", "Cluster " + cluster.name() + " " + words)
                        : Notice.waits("Cluster " + cluster.name() + " " + words, String.join(" ", warnings)));
                flash.addAttribute("name", cluster.name());
                yield "redirect:/clusters/{name}";
            }
            case Registration.Refused(List<Registration.Problem> problems) -> {
                FieldErrors errors = FieldErrors.NONE;
                for (Registration.Problem problem : problems) {
                    errors = errors.with(problem.field(), problem.message());
                }
                model.addAttribute("errors", errors);
                model.addAttribute("problems", problems.stream().map(Registration.Problem::message).toList());
                response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
                yield again.get();
            }
        };
    }

    private static String form(ClusterForm form, Model model) {
        model.addAttribute("form", form);
        model.addAttribute("rules", ClusterForm.rules());
        return "clusters/admin/new";
    }

    private static String edit(ClusterView view, Model model) {
        model.addAttribute("cluster", view);
        if (!model.containsAttribute("namespaces")) {
            model.addAttribute("namespaces", String.join("\n", view.namespaces()));
        }
        if (!model.containsAttribute("aliases")) {
            model.addAttribute("aliases", String.join(", ", view.trustDomainAliases()));
        }
        return "clusters/admin/edit";
    }

    private ClusterView cluster(String name) {
        return registry.find(name).filter(view -> view.retirement().isEmpty())
                .orElseThrow(() -> new Problem.NotFound("cluster of that name in use"));
    }

    /// The path is closed to others already; this holds wherever the method is called from.
    private static void requireAdministrator(CurrentPerson me) {
        if (!me.is(Role.ADMINISTRATOR)) {
            throw new Problem.Forbidden("Only administrators of the tenant change clusters. Ask one of them.");
        }
    }
}
