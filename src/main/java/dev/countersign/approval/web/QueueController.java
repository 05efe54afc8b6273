package dev.countersign.approval.web;

import dev.countersign.approval.Decision;
import dev.countersign.approval.Queue;
import dev.countersign.approval.QueueFilter;
import dev.countersign.approval.QueuePage;
import dev.countersign.approval.ReviewBoard;
import dev.countersign.approval.Standing;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.requests.Effect;
import dev.countersign.requests.Foresight;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestTies;
import dev.countersign.web.Htmx;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;

/// What waits for whom, and decisions over one or many of them.
@Controller
class QueueController {
    private static final int PAGE = 50;
    private static final int MOST_AT_ONCE = 100;

    private final Queue queue;
    private final ReviewBoard board;
    private final RequestDesk desk;
    private final ObjectProvider<RequestTies> ties;

    QueueController(Queue queue, ReviewBoard board, RequestDesk desk, ObjectProvider<RequestTies> ties) {
        this.queue = queue;
        this.board = board;
        this.desk = desk;
        this.ties = ties;
    }

    @GetMapping("/queue")
    String index(@AuthenticationPrincipal CurrentPerson me, QueueQuery query, @RequestParam Optional<String> after, Model model) {
        QueuePage page = queue.page(me, query.filter(), after, PAGE);
        List<Long> numbers = page.rows().stream().map(QueuePage.Row::number).toList();
        Map<Long, String> tied = Optional.ofNullable(ties.getIfAvailable()).map(ask -> ask.names(numbers)).orElse(Map.of());
        model.addAttribute("query", query)
                .addAttribute("rows", page.rows().stream().map(QueueRow::of).toList())
                .addAttribute("tied", tied)
                .addAttribute("counts", queue.counts(me))
                .addAttribute("next", page.next().map(query::after).orElse(null))
                .addAttribute("handled", query.filter().view() == QueueFilter.View.HANDLED);
        return "approval/queue/index";
    }

    /// The number beside the room's name; nothing where nothing waits.
    @GetMapping("/queue/count")
    String count(@AuthenticationPrincipal CurrentPerson me, Model model) {
        int mine = queue.counts(me).mine();
        model.addAttribute("count", mine == 0 ? "" : mine == 100 ? "99+" : Integer.toString(mine));
        return "approval/queue/_count :: count";
    }

    /// Whose word a row still wants; once somebody settled or changed the request, the whole row says so instead.
    @GetMapping("/queue/{number:[0-9]{1,18}}/missing")
    String missing(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @RequestParam int version, HttpServletRequest request,
            HttpServletResponse response, Model model) {
        if (!Htmx.asks(request)) {
            return "redirect:/requests/" + number;
        }
        Standing standing = board.standing(me, number).orElseThrow(() -> new Problem.NotFound("request " + number));
        if (standing.reviews().stream().anyMatch(review -> review.person().equals(me.id()))) {
            // The answer to their own decision says it, and may have taken the row's place already.
            response.setStatus(HttpStatus.NO_CONTENT.value());
            return "approval/queue/_count :: nothing";
        }
        Optional<RowResult> meanwhile = RowResult.meanwhile(standing, version);
        if (meanwhile.isPresent()) {
            model.addAttribute("result", meanwhile.get());
            Htmx.instead(response, "#r" + number);
            return "approval/queue/decisions :: row";
        }
        model.addAttribute("missing", standing.missing());
        return "approval/queue/_count :: missing";
    }

    /// A row opened in place: what it opens and cuts now, and the decision.
    @GetMapping("/queue/{number:[0-9]{1,18}}")
    String open(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, HttpServletRequest request, Model model) {
        if (!Htmx.asks(request)) {
            return "redirect:/requests/" + number;
        }
        Standing standing = board.standing(me, number).orElseThrow(() -> new Problem.NotFound("request " + number));
        Optional<Effect> effect = desk.foresight(number).flatMap(Foresight::effect);
        Optional.ofNullable(ties.getIfAvailable()).flatMap(tied -> tied.of(number)).ifPresent(tie -> model.addAttribute("tie", tie));
        model.addAttribute("stages", StagesView.of(standing))
                .addAttribute("shown", effect.map(Effect::digest).orElse(null))
                .addAttribute("effect", effect.map(EffectView::of).orElse(null));
        return "approval/queue/_open :: open";
    }

    /// Decides each of the picked requests on its own; one that may not be decided says why, and stops none of the others.
    @PostMapping("/queue/decisions")
    String decide(@AuthenticationPrincipal CurrentPerson me, @RequestParam(defaultValue = "") List<String> pick,
            @RequestParam(defaultValue = "") String only, @RequestParam(defaultValue = "APPROVE") Decision decision,
            @RequestParam(defaultValue = "") String comment, HttpServletRequest request, HttpServletResponse response, Model model) {
        List<Pick> picks = only.isEmpty() ? Pick.of(pick) : Pick.of(List.of(only));
        if (picks.size() > MOST_AT_ONCE) {
            throw new Problem.Refused("CS0422", "At most " + MOST_AT_ONCE + " requests are decided at once. Choose fewer.", List.of());
        }
        List<RowResult> results = new ArrayList<>();
        for (Pick one : picks) {
            results.add(RowResult.of(one.number(), board.decide(me, one.number(), decision, one.digest(), comment)));
        }
        model.addAttribute("results", results).addAttribute("decision", DecisionView.of(decision));
        Htmx.trigger(response, "decided");
        if (Htmx.asks(request) && !only.isEmpty() && results.size() == 1) {
            model.addAttribute("result", results.getFirst());
            return "approval/queue/decisions :: row";
        }
        return "approval/queue/decisions";
    }
}
