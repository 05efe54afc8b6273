package dev.countersign.delivery.web;

import dev.countersign.delivery.Continuing;
import dev.countersign.delivery.RolloutDesk;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.web.FieldErrors;
import dev.countersign.web.Notice;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
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

/// How far the rollout of a request is, and letting its next wave in.
@Controller
class RolloutController {
    private static final String CONTINUATION = "/requests/{number:[0-9]{1,18}}/rollout/continuation";

    private final RolloutDesk desk;

    RolloutController(RolloutDesk desk) {
        this.desk = desk;
    }

    @GetMapping(CONTINUATION)
    @Transactional(readOnly = true)
    String ask(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, Model model) {
        return page(me, number, "", FieldErrors.NONE, "", model);
    }

    @PostMapping(CONTINUATION)
    @Transactional
    String goOn(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @RequestParam(defaultValue = "") String digest, @RequestParam(defaultValue = "") String reason,
            HttpServletResponse response, RedirectAttributes flash, Model model) {
        return switch (desk.goOn(me, number, digest, reason)) {
            case Continuing.Continued(int wave) -> {
                flash.addFlashAttribute("notice", Notice.done("Continued.", "Wave " + wave + " is let in; its clusters follow within seconds."));
                yield "redirect:/requests/" + number;
            }
            case Continuing.Nothing(String message) -> {
                flash.addFlashAttribute("notice", Notice.waits("It is so already.", message));
                yield "redirect:/requests/" + number;
            }
            case Continuing.Moved(String message, String ignored) -> again(me, number, reason, FieldErrors.NONE, message, HttpStatus.CONFLICT, response, model);
            case Continuing.Stopped(long ignored, String message) -> again(me, number, reason, FieldErrors.NONE, message, HttpStatus.CONFLICT, response, model);
            case Continuing.ReasonNeeded(String message) ->
                again(me, number, reason, new FieldErrors(Map.of("reason", message)), "", HttpStatus.UNPROCESSABLE_CONTENT, response, model);
            case Continuing.NotYours(String message) -> throw new Problem.Forbidden(message);
            case Continuing.Unknown(String what) -> throw new Problem.NotFound(what);
        };
    }

    private String again(CurrentPerson me, long number, String typed, FieldErrors errors, String moved, HttpStatus status, HttpServletResponse response, Model model) {
        response.setStatus(status.value());
        return page(me, number, typed, errors, moved, model);
    }

    private String page(CurrentPerson me, long number, String typed, FieldErrors errors, String moved, Model model) {
        model.addAttribute("rollout", desk.look(number).map(progress -> RolloutView.of(progress, desk.mayGoOn(me, number)))
                        .orElseThrow(() -> new Problem.NotFound("rollout of request " + number)))
                .addAttribute("typed", typed)
                .addAttribute("errors", errors)
                .addAttribute("moved", moved);
        return "delivery/rollouts/continue";
    }
}
