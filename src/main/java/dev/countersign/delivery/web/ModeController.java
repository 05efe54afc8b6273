package dev.countersign.delivery.web;

import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.clusters.ClusterView;
import dev.countersign.delivery.DeliveryMode;
import dev.countersign.delivery.DeliveryRepository;
import dev.countersign.delivery.ModeChange;
import dev.countersign.delivery.ModeDesk;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Role;
import dev.countersign.web.Confirmation;
import dev.countersign.web.FieldErrors;
import dev.countersign.web.Notice;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
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
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/// How a cluster gets its policies: for administrators of the tenant.
@Controller
class ModeController {
    private static final String PAGE = "/admin/clusters/{name}/delivery";

    private final ModeDesk desk;
    private final ClusterRegistry registry;

    ModeController(ModeDesk desk, ClusterRegistry registry) {
        this.desk = desk;
        this.registry = registry;
    }

    @GetMapping(PAGE)
    @Transactional(readOnly = true)
    String show(@AuthenticationPrincipal CurrentPerson me, @PathVariable String name, Model model) {
        requireAdministrator(me);
        ClusterView cluster = cluster(name);
        return page(cluster, desk.repository(cluster.id()).map(RepositoryForm::of).orElseGet(() -> RepositoryForm.empty(cluster.name())), model);
    }

    @PostMapping(PAGE)
    String repository(@AuthenticationPrincipal CurrentPerson me, @PathVariable String name, RepositoryForm form, Model model, RedirectAttributes flash, HttpServletResponse response) {
        return answered(desk.toRepository(me, name, form.setting()), name, form, model, flash, response);
    }

    @GetMapping(PAGE + "/direct")
    @Transactional(readOnly = true)
    String confirm(@AuthenticationPrincipal CurrentPerson me, @PathVariable String name, Model model) {
        requireAdministrator(me);
        String page = "/admin/clusters/" + cluster(name).name() + "/delivery";
        model.addAttribute("ask", new Confirmation("clusters", "Write to cluster " + name + " again?",
                "Let Argo CD, Flux or whatever follows the repository stop applying these files first: else it and the portal would write the same policies. What is pushed stays in the repository, and the cluster keeps what it holds.",
                "Write to the cluster", page + "/direct", page, true, false, Map.of()));
        return "layout/confirm";
    }

    @PostMapping(PAGE + "/direct")
    String direct(@AuthenticationPrincipal CurrentPerson me, @PathVariable String name, Model model, RedirectAttributes flash, HttpServletResponse response) {
        return answered(desk.toDirect(me, name), name, RepositoryForm.empty(name), model, flash, response);
    }

    private String answered(ModeChange outcome, String name, RepositoryForm form, Model model, RedirectAttributes flash, HttpServletResponse response) {
        return switch (outcome) {
            case ModeChange.Changed(DeliveryMode mode) -> {
                flash.addFlashAttribute("notice", mode == DeliveryMode.REPOSITORY
                        ? Notice.done("Delivered by a Git repository.", "The portal writes nothing to cluster " + name + " any more. Its policies are pushed within seconds.")
                        : Notice.done("Delivered directly.", "The portal writes policies to cluster " + name + " itself."));
                flash.addAttribute("name", name);
                yield "redirect:" + PAGE;
            }
            case ModeChange.Refused(List<ModeChange.Problem> problems) -> {
                FieldErrors errors = FieldErrors.NONE;
                for (ModeChange.Problem problem : problems) {
                    errors = errors.with(problem.field(), problem.message());
                }
                model.addAttribute("errors", errors);
                response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
                yield page(cluster(name), form, model);
            }
            case ModeChange.UnderWay(String message) -> throw new Problem.Conflict(message);
            case ModeChange.NotYours(String message) -> throw new Problem.Forbidden(message);
            case ModeChange.Unknown(String what) -> throw new Problem.NotFound(what);
        };
    }

    private String page(ClusterView cluster, RepositoryForm form, Model model) {
        Optional<DeliveryRepository> repository = desk.repository(cluster.id());
        model.addAttribute("cluster", cluster)
                .addAttribute("form", form)
                .addAttribute("repository", repository.orElse(null));
        return "delivery/modes/edit";
    }

    private ClusterView cluster(String name) {
        return registry.find(name).filter(view -> view.retirement().isEmpty()).orElseThrow(() -> new Problem.NotFound("cluster of that name in use"));
    }

    /// The path is closed to others already; this holds wherever the method is called from.
    private static void requireAdministrator(CurrentPerson me) {
        if (!me.is(Role.ADMINISTRATOR)) {
            throw new Problem.Forbidden(ModeDesk.ADMINISTRATORS);
        }
    }
}
