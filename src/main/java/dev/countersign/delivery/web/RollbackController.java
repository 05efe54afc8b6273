package dev.countersign.delivery.web;

import dev.countersign.catalog.MeshCatalog;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.delivery.DeliveryBoard;
import dev.countersign.delivery.DeliveryStop.Held;
import dev.countersign.delivery.PolicyKey;
import dev.countersign.delivery.Resuming;
import dev.countersign.delivery.Rollback;
import dev.countersign.delivery.RollbackDesk;
import dev.countersign.delivery.RollingBack;
import dev.countersign.grants.Suspension;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.requests.EffectLines;
import dev.countersign.web.FieldErrors;
import dev.countersign.web.Notice;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import java.util.function.Supplier;
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

/// Rolling a policy back to an earlier revision, what became of that, and lifting it.
@Controller
class RollbackController {
    private static final String ROLLBACK = "/clusters/{name}/policies/{namespace}/{policy}/revisions/{revision:[0-9]{1,18}}/rollback";
    private static final String RESUMPTION = "/suspensions/{number:[0-9]{1,18}}/resumption";

    private final RollbackDesk desk;
    private final DeliveryBoard board;
    private final MeshCatalog catalog;

    RollbackController(RollbackDesk desk, DeliveryBoard board, MeshCatalog catalog) {
        this.desk = desk;
        this.board = board;
        this.catalog = catalog;
    }

    @GetMapping(ROLLBACK)
    @Transactional(readOnly = true)
    String ask(@PathVariable String name, @PathVariable String namespace, @PathVariable String policy, @PathVariable long revision,
            @AuthenticationPrincipal CurrentPerson me, Model model) {
        return asked(me, key(name, namespace, policy), revision, "", FieldErrors.NONE, "", model);
    }

    @PostMapping(ROLLBACK)
    @Transactional
    String rollBack(@PathVariable String name, @PathVariable String namespace, @PathVariable String policy, @PathVariable long revision,
            @AuthenticationPrincipal CurrentPerson me, @RequestParam(defaultValue = "") String digest, @RequestParam(defaultValue = "") String reason,
            HttpServletResponse response, RedirectAttributes flash, Model model) {
        PolicyKey key = key(name, namespace, policy);
        return answered(desk.rollBack(me, key, revision, digest, reason), address(name, key), response, flash,
                (errors, moved) -> asked(me, key, revision, reason, errors, moved, model));
    }

    @GetMapping("/suspensions/{number:[0-9]{1,18}}")
    @Transactional(readOnly = true)
    String show(@PathVariable long number, @AuthenticationPrincipal CurrentPerson me, Model model) {
        Suspension suspension = suspension(number);
        model.addAttribute("suspension", suspension).addAttribute("mayResume", suspension.holds() && desk.mayResume(me, suspension));
        return "delivery/suspensions/show";
    }

    @GetMapping(RESUMPTION)
    @Transactional(readOnly = true)
    String askResume(@PathVariable long number, @AuthenticationPrincipal CurrentPerson me, Model model) {
        return askedToResume(me, number, "", FieldErrors.NONE, "", model);
    }

    @PostMapping(RESUMPTION)
    @Transactional
    String resume(@PathVariable long number, @AuthenticationPrincipal CurrentPerson me, @RequestParam(defaultValue = "") String digest,
            @RequestParam(defaultValue = "") String reason, HttpServletResponse response, RedirectAttributes flash, Model model) {
        return answered(desk.resume(me, number, digest, reason), "/suspensions/" + number, response, flash,
                (errors, moved) -> askedToResume(me, number, reason, errors, moved, model));
    }

    /// Shows the question again, with what is wrong with the answer or with the words that say what moved.
    private interface Again {
        String page(FieldErrors errors, String moved);
    }

    private static String answered(RollingBack outcome, String page, HttpServletResponse response, RedirectAttributes flash, Again again) {
        return switch (outcome) {
            case RollingBack.Suspended(long number) -> {
                flash.addFlashAttribute("notice", Notice.done("Rolled back.", "The grants are suspended, and the cluster follows within seconds; this is suspension " + number + "."));
                yield "redirect:/suspensions/" + number;
            }
            case RollingBack.Resumed(long number) -> {
                flash.addFlashAttribute("notice", Notice.done("Lifted.", "Suspension " + number + " keeps nothing out any more; the cluster follows within seconds."));
                yield "redirect:" + page;
            }
            case RollingBack.Nothing(String message) -> {
                flash.addFlashAttribute("notice", Notice.waits("It is so already.", message));
                yield "redirect:" + page;
            }
            case RollingBack.Moved(String message, String ignored, long current) -> with(response, HttpStatus.CONFLICT, () -> again.page(FieldErrors.NONE, message));
            case RollingBack.ReasonNeeded(String message) ->
                with(response, HttpStatus.UNPROCESSABLE_CONTENT, () -> again.page(new FieldErrors(Map.of("reason", message)), ""));
            case RollingBack.Impossible(String ignored) -> with(response, HttpStatus.UNPROCESSABLE_CONTENT, () -> again.page(FieldErrors.NONE, ""));
            case RollingBack.NotYours(String message) -> throw new Problem.Forbidden(message);
            case RollingBack.Unknown(String what) -> throw new Problem.NotFound(what);
        };
    }

    private static String with(HttpServletResponse response, HttpStatus status, Supplier<String> page) {
        response.setStatus(status.value());
        return page.get();
    }

    private String asked(CurrentPerson me, PolicyKey key, long revision, String typed, FieldErrors errors, String moved, Model model) {
        Rollback rollback = desk.look(key, revision).orElseThrow(() -> new Problem.NotFound("earlier revision " + revision + " of " + key.inCluster()));
        model.addAttribute("rollback", rollback)
                .addAttribute("effect", EffectLines.of(rollback.effect(), false))
                .addAttribute("text", board.revision(key, revision).orElseThrow())
                .addAttribute("may", desk.mayRollBack(me, rollback.cluster(), new Held(rollback.target().namespace(), rollback.target().workload())));
        return question(model, typed, errors, moved, "delivery/suspensions/new");
    }

    private String askedToResume(CurrentPerson me, long number, String typed, FieldErrors errors, String moved, Model model) {
        Suspension suspension = suspension(number);
        Resuming resuming = desk.lookAtResuming(number).orElse(null);
        model.addAttribute("suspension", suspension)
                .addAttribute("resuming", resuming)
                .addAttribute("effect", resuming == null ? null : EffectLines.of(resuming.effect(), false))
                .addAttribute("may", desk.mayResume(me, suspension));
        return question(model, typed, errors, moved, "delivery/suspensions/resume");
    }

    private static String question(Model model, String typed, FieldErrors errors, String moved, String view) {
        model.addAttribute("typed", typed).addAttribute("errors", errors).addAttribute("moved", moved);
        return view;
    }

    private Suspension suspension(long number) {
        return desk.find(number).orElseThrow(() -> new Problem.NotFound("suspension " + number));
    }

    private PolicyKey key(String cluster, String namespace, String policy) {
        return new PolicyKey(catalog.cluster(cluster).map(ClusterRef::id).orElseThrow(() -> new Problem.NotFound("cluster " + cluster)), namespace, policy);
    }

    private static String address(String cluster, PolicyKey key) {
        return UriComponentsBuilder.fromPath("/clusters/{name}/policies/{namespace}/{policy}").build().expand(cluster, key.namespace(), key.name()).encode().toUriString();
    }
}
