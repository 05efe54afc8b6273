package dev.countersign.requests.web;

import dev.countersign.identity.CurrentPerson;
import dev.countersign.requests.Effect;
import dev.countersign.requests.Foresight;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestState;
import dev.countersign.requests.RequestTies;
import dev.countersign.requests.RequestView;
import dev.countersign.requests.Withdrawal;
import dev.countersign.web.Notice;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/// One request, read like a good pull request. Who decides, what happened and what was delivered are slots that upper rooms fill.
@Controller
class RequestController {
    private final RequestDesk desk;
    private final ObjectProvider<RequestTies> ties;

    RequestController(RequestDesk desk, ObjectProvider<RequestTies> ties) {
        this.desk = desk;
        this.ties = ties;
    }

    @GetMapping("/requests/{number:[0-9]{1,18}}")
    String show(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, Model model) {
        RequestView request = desk.find(number).orElseThrow(() -> new Problem.NotFound("request " + number));
        Optional<Foresight> foresight = request.state().terminal() ? Optional.empty() : desk.foresight(number);
        foresight.ifPresent(seen -> {
            model.addAttribute("foresight", ForesightPage.of(seen));
            model.addAttribute("hindrances", seen.refusals());
            model.addAttribute("shown", seen.effect().map(Effect::digest).orElse(null));
            seen.effect().ifPresent(now -> desk.foreseen(number).filter(then -> then.differsFrom(now))
                    .ifPresent(then -> model.addAttribute("then", ForeseenPage.changed(then))));
        });
        if (request.state().terminal()) {
            desk.foreseen(number).ifPresent(then -> model.addAttribute("foreseen", ForeseenPage.of(request, then)));
        }
        Optional.ofNullable(ties.getIfAvailable()).flatMap(tied -> tied.of(number)).ifPresent(tie -> model.addAttribute("tie", tie));
        model.addAttribute("request", request)
                .addAttribute("page", RequestPageWords.of(request))
                .addAttribute("mine", request.requester().id().equals(me.id()) && !request.state().terminal());
        return "requests/show";
    }

    @PostMapping("/requests/{number:[0-9]{1,18}}/withdrawal")
    String withdraw(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @RequestParam(defaultValue = "") String words,
            HttpServletRequest request, RedirectAttributes redirect) {
        if (words.codePointCount(0, words.length()) > 4_000 || words.indexOf('\0') >= 0) {
            throw new Problem.Refused("Say it in at most 4,000 characters.", java.util.List.of());
        }
        Notice notice = switch (desk.withdraw(me, number, words.strip())) {
            case Withdrawal.Withdrawn() -> Notice.done("Withdrawn.", "Nobody needs to decide on request " + number + " any more.");
            case Withdrawal.NotOpen(RequestState state) -> throw new Problem.Conflict(
                    "Request " + number + " is " + RequestPageWords.word(state) + " and cannot be withdrawn any more. Access that was granted is revoked on its grant.");
            case Withdrawal.NotYours() -> throw new Problem.Forbidden("Only the person who asked withdraws request " + number + ".");
            case Withdrawal.Unknown() -> throw new Problem.NotFound("request " + number);
        };
        redirect.addFlashAttribute("notice", notice);
        return SeeOther.to(request, "/requests/" + number);
    }
}
