package dev.countersign.grants.web;

import dev.countersign.grants.Grant;
import dev.countersign.grants.GrantFilter;
import dev.countersign.grants.GrantLedger;
import dev.countersign.grants.GrantPage;
import dev.countersign.grants.Revocation;
import dev.countersign.grants.Rollouts;
import dev.countersign.grants.Suspensions;
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

/// Who may call whom, until when, by whose word; and taking it back.
@Controller
class GrantsController {
    private static final int PAGE = 50;

    private final GrantLedger ledger;
    private final Suspensions suspensions;
    private final Rollouts rollouts;

    GrantsController(GrantLedger ledger, Suspensions suspensions, Rollouts rollouts) {
        this.rollouts = rollouts;
        this.suspensions = suspensions;
        this.ledger = ledger;
    }

    @GetMapping("/grants")
    String index(@AuthenticationPrincipal CurrentPerson me, GrantsQuery query, @RequestParam Optional<Long> before, Model model) {
        GrantPage page = ledger.list(query.filter(me.id()), before, PAGE);
        model.addAttribute("query", query)
                .addAttribute("rows", page.grants().stream().map(GrantView::of).toList())
                .addAttribute("next", page.next().map(query::before).orElse(null));
        return "grants/index";
    }

    @GetMapping("/grants/{number:[0-9]{1,18}}")
    @Transactional(readOnly = true)
    String show(@PathVariable long number, Model model) {
        GrantLedger.Word word = ledger.word(found(number));
        model.addAttribute("grant", GrantView.of(word.grant())).addAttribute("word", word)
                .addAttribute("suspension", word.grant().suspension().flatMap(suspensions::find).orElse(null))
                .addAttribute("held", rollouts.heldBack(word.grant()).orElse(null));
        return "grants/show";
    }

    /// Asks before it ends.
    @GetMapping("/grants/{number:[0-9]{1,18}}/revocation")
    String ask(@PathVariable long number, Model model) {
        model.addAttribute("ask", confirmation(found(number))).addAttribute("errors", FieldErrors.NONE);
        return "layout/confirm";
    }

    @PostMapping("/grants/{number:[0-9]{1,18}}/revocation")
    String revoke(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @RequestParam(defaultValue = "") String reason,
            HttpServletResponse response, RedirectAttributes flash, Model model) {
        return switch (ledger.revoke(me, number, reason)) {
            case Revocation.Revoked(long n) -> {
                flash.addFlashAttribute("notice", Notice.done("Revoked.", "Grant " + number + " ended now; the clusters follow within seconds."));
                yield "redirect:/grants/" + number;
            }
            case Revocation.Ended(var state, String message) -> {
                flash.addFlashAttribute("notice", Notice.waits("It had ended.", message));
                yield "redirect:/grants/" + number;
            }
            case Revocation.ReasonNeeded(String message) -> {
                response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
                model.addAttribute("ask", confirmation(found(number))).addAttribute("errors", new FieldErrors(Map.of("reason", message)));
                yield "layout/confirm";
            }
            case Revocation.NotYours(String message) -> throw new Problem.Forbidden(message);
            case Revocation.Unknown() -> throw new Problem.NotFound("grant " + number);
        };
    }

    /// By whose word a service may be called: the slot of its page, and a page of its own without script.
    @GetMapping("/grants/of/{cluster}/{namespace}/{workload}")
    String of(@PathVariable String cluster, @PathVariable String namespace, @PathVariable String workload, HttpServletRequest request, Model model) {
        model.addAttribute("words", ledger.wordsFor(cluster, namespace, workload)).addAttribute("service", workload + " in " + namespace);
        return Htmx.view(request, "grants/of", "words");
    }

    private Grant found(long number) {
        return ledger.find(number).orElseThrow(() -> new Problem.NotFound("grant " + number));
    }

    private static Confirmation confirmation(Grant grant) {
        return new Confirmation("grants", "Revoke grant " + grant.number() + "?",
                "From now on this no longer holds: " + grant.sentence().text() + ". Calls that no other grant allows are refused; the service stays closed to everyone it does not name.",
                "Revoke", "/grants/" + grant.number() + "/revocation", "/grants/" + grant.number(), true, true, Map.of());
    }
}
