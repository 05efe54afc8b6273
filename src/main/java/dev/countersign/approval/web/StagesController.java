package dev.countersign.approval.web;

import dev.countersign.approval.Deciding;
import dev.countersign.approval.Decision;
import dev.countersign.approval.ReviewBoard;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.requests.RequestState;
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
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/// Who decides on a request: the slot of its page, a page of its own without script, and where the decision goes. `effect` is the
/// digest of the effect that the page around it shows; a decision sent from here agrees to that one.
@Controller
class StagesController {
    private final ReviewBoard board;

    StagesController(ReviewBoard board) {
        this.board = board;
    }

    @GetMapping("/requests/{number:[0-9]{1,18}}/stages")
    String show(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @RequestParam Optional<String> effect,
            HttpServletRequest request, Model model) {
        model.addAttribute("stages", view(me, number)).addAttribute("effect", effect.filter(StagesController::isDigest).orElse(null)).addAttribute("comment", "").addAttribute("errors", FieldErrors.NONE);
        return Htmx.view(request, "approval/stages/show", "stages");
    }

    /// The line of stages alone, asked for every few seconds. Once the request has moved on from what was seen, the answer
    /// wakes the whole slot, so that nobody goes on writing about what is settled.
    @GetMapping("/requests/{number:[0-9]{1,18}}/stages/line")
    String line(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @RequestParam(defaultValue = "") String seen,
            HttpServletResponse response, Model model) {
        StagesView view = view(me, number);
        if (!view.stamp().equals(seen)) {
            Htmx.trigger(response, "decided");
        }
        model.addAttribute("stages", view);
        return "approval/stages/show :: line";
    }

    @PostMapping("/requests/{number:[0-9]{1,18}}/reviews")
    String decide(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @RequestParam Decision decision, @RequestParam String digest,
            @RequestParam Optional<String> effect, @RequestParam(defaultValue = "") String comment, HttpServletResponse response, RedirectAttributes flash, Model model) {
        Optional<String> shown = effect.filter(StagesController::isDigest);
        model.addAttribute("effect", shown.orElse(null));
        return switch (board.decide(me, number, decision, digest, shown, comment)) {
            case Deciding.Recorded(long n, int version, RequestState state, String missing) -> {
                flash.addFlashAttribute("notice", notice(number, state, missing));
                yield "redirect:/requests/" + number;
            }
            case Deciding.Unknown() -> throw new Problem.NotFound("request " + number);
            case Deciding.CommentRefused(String message) ->
                again(me, number, comment, message, new FieldErrors(Map.of("comment", message)), HttpStatus.UNPROCESSABLE_CONTENT, response, model);
            case Deciding.Stale(int version, String current, String message) -> again(me, number, comment, message, FieldErrors.NONE, HttpStatus.CONFLICT, response, model);
            case Deciding.NotOpen(var state, var at, String message) -> again(me, number, comment, message, FieldErrors.NONE, HttpStatus.CONFLICT, response, model);
            case Deciding.AlreadySaid(var said, var at, String message) -> again(me, number, comment, message, FieldErrors.NONE, HttpStatus.CONFLICT, response, model);
            case Deciding.NotEligible(String message) -> again(me, number, comment, message, FieldErrors.NONE, HttpStatus.FORBIDDEN, response, model);
        };
    }

    /// The same page again, with the status of the refusal, its words, and everything the person typed.
    private String again(CurrentPerson me, long number, String comment, String message, FieldErrors errors, HttpStatus status,
            HttpServletResponse response, Model model) {
        response.setStatus(status.value());
        model.addAttribute("stages", view(me, number))
                .addAttribute("comment", comment)
                .addAttribute("errors", errors)
                .addAttribute("refused", message);
        return "approval/stages/show";
    }

    private static boolean isDigest(String text) {
        return text.matches("sha256:[0-9a-f]{64}");
    }

    private StagesView view(CurrentPerson me, long number) {
        return board.standing(me, number).map(StagesView::of).orElseThrow(() -> new Problem.NotFound("request " + number));
    }

    private static Notice notice(long number, RequestState state, String missing) {
        return switch (state) {
            case APPROVED -> Notice.done("Approved.", "Request " + number + " is granted from this moment on.");
            case REJECTED -> Notice.done("Rejected.", "The requester reads your words.");
            case CHANGES_REQUESTED -> Notice.done("Asked for changes.", "The requester reads your words and may change request " + number + ".");
            case SUBMITTED -> Notice.waits("Your word counts.", "Request " + number + " now waits for " + missing + ".");
            case WITHDRAWN, LAPSED -> throw new IllegalStateException("request " + number + " was decided into " + state);
        };
    }
}
