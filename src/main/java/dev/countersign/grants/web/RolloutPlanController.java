package dev.countersign.grants.web;

import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.clusters.ClusterView;
import dev.countersign.grants.RolloutPlan;
import dev.countersign.grants.RolloutPlan.Change;
import dev.countersign.grants.RolloutPlans;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Role;
import dev.countersign.web.FieldErrors;
import dev.countersign.web.Notice;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/// The waves of the tenant: read and written on one page, by administrators.
@Controller
class RolloutPlanController {
    private static final String PAGE = "/admin/rollout";

    private final RolloutPlans plans;
    private final ClusterRegistry clusters;

    RolloutPlanController(RolloutPlans plans, ClusterRegistry clusters) {
        this.plans = plans;
        this.clusters = clusters;
    }

    @GetMapping(PAGE)
    String show(@AuthenticationPrincipal CurrentPerson me, Model model) {
        if (!me.is(Role.ADMINISTRATOR)) {
            throw new Problem.Forbidden(RolloutPlans.ADMINISTRATORS);
        }
        RolloutPlan present = plans.present();
        return page(present, RolloutForm.of(present).toWriteIn(), present.version(), FieldErrors.NONE, model);
    }

    /// A form without waves takes the plan away.
    @PostMapping(PAGE)
    String save(@AuthenticationPrincipal CurrentPerson me, @RequestParam int base, @RequestParam MultiValueMap<String, String> sent, HttpServletResponse response,
            RedirectAttributes flash, Model model) {
        RolloutForm form = RolloutForm.read(sent);
        return switch (plans.change(me, base, form.plan())) {
            case Change.Changed(int version) -> {
                flash.addFlashAttribute("notice", form.waves().isEmpty()
                        ? Notice.done("Taken away.", "What is approved from now on is delivered everywhere at once. Rollouts under way keep their waves.")
                        : Notice.done("Saved.", "Version " + version + " of the plan holds for what is approved from now on."));
                yield "redirect:" + PAGE;
            }
            case Change.Refused(List<RolloutPlan.Problem> problems) -> {
                FieldErrors errors = FieldErrors.NONE;
                for (RolloutPlan.Problem problem : problems) {
                    errors = errors.with(problem.field() + "-" + (problem.index() + 1), problem.message());
                }
                response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
                yield page(plans.present(), form, base, errors, model);
            }
            case Change.Stale(int ignored, String message) -> {
                response.setStatus(HttpStatus.CONFLICT.value());
                model.addAttribute("refused", message);
                yield page(plans.present(), form, base, FieldErrors.NONE, model);
            }
            case Change.NotYours(String message) -> throw new Problem.Forbidden(message);
        };
    }

    private String page(RolloutPlan present, RolloutForm form, int base, FieldErrors errors, Model model) {
        model.addAttribute("present", present)
                .addAttribute("form", form)
                .addAttribute("base", base)
                .addAttribute("errors", errors)
                .addAttribute("clusters", clusters.list().stream().filter(cluster -> cluster.retirement().isEmpty()).map(ClusterView::name).toList());
        return "grants/rollout/edit";
    }
}
