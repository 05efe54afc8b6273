package dev.countersign.requests.web;

import dev.countersign.identity.CurrentPerson;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestFilter;
import dev.countersign.requests.RequestLine;
import dev.countersign.requests.RequestState;
import dev.countersign.web.Htmx;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.util.UriComponentsBuilder;

/// The requests of the tenant: filters are links, a place in the list can be sent to a colleague.
@Controller
class RequestIndexController {
    private static final int ROWS = 50;
    private static final Pattern NAMESPACE = Pattern.compile("[-a-z0-9]{1,63}");

    private final RequestDesk desk;

    RequestIndexController(RequestDesk desk) {
        this.desk = desk;
    }

    public record Row(long number, String sentence, String kind, String state, Instant submittedAt, String requester) {
        static Row of(RequestLine line) {
            return new Row(line.number(), line.sentence(), RequestPageWords.kind(line.state()), RequestPageWords.word(line.state()),
                    line.submittedAt(), line.requester());
        }
    }

    /// A filter as a link; `current` is where the reader is.
    public record Choice(String words, String url, boolean current) {}

    public record IndexPage(List<Row> rows, List<Choice> choices, @Nullable String next, boolean narrowed) {}

    @GetMapping("/requests")
    String index(@AuthenticationPrincipal CurrentPerson me,
            @RequestParam(defaultValue = "") String state,
            @RequestParam(defaultValue = "false") boolean mine,
            @RequestParam(defaultValue = "") String namespace,
            @RequestParam(defaultValue = "") String q,
            @RequestParam(defaultValue = "") String before,
            Model model, HttpServletRequest request) {
        Address here = new Address(state, mine, namespace, q);
        RequestLine.Page found = desk.lines(here.filter(me), before.matches("[0-9]{1,18}") ? Optional.of(Long.valueOf(before)) : Optional.empty(), ROWS);
        model.addAttribute("q", q).addAttribute("here", here).addAttribute("page", new IndexPage(
                found.lines().stream().map(Row::of).toList(), here.choices(),
                found.next().map(here::after).orElse(null), here.narrowed() || !before.isEmpty()));
        return Htmx.view(request, "requests/index", "rows");
    }

    /// The list's address, as values.
    public record Address(String state, boolean mine, String namespace, String q) {
        RequestFilter filter(CurrentPerson me) {
            String text = q.codePoints().filter(c -> c >= 0x20 && !(c >= 0xd800 && c <= 0xdfff)).limit(200)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
            return new RequestFilter(states(), mine ? Optional.of(me.id()) : Optional.empty(),
                    Optional.of(namespace).filter(name -> NAMESPACE.matcher(name).matches()), Optional.of(text).filter(words -> !words.isBlank()));
        }

        private Set<RequestState> states() {
            return switch (state) {
                case "open" -> EnumSet.of(RequestState.SUBMITTED, RequestState.CHANGES_REQUESTED);
                case "changes" -> EnumSet.of(RequestState.CHANGES_REQUESTED);
                case "approved" -> EnumSet.of(RequestState.APPROVED);
                case "closed" -> EnumSet.of(RequestState.REJECTED, RequestState.WITHDRAWN, RequestState.LAPSED);
                default -> Set.of();
            };
        }

        boolean narrowed() {
            return !state.isEmpty() || mine || !namespace.isEmpty() || !q.isEmpty();
        }

        List<Choice> choices() {
            return List.of(
                    choice("All", "", false), choice("Mine", state, true), choice("Open", "open", mine), choice("Waits for changes", "changes", mine),
                    choice("Approved", "approved", mine), choice("Not granted", "closed", mine));
        }

        private Choice choice(String words, String next, boolean nextMine) {
            boolean current = words.equals("Mine") ? mine : next.equals(state) && (!words.equals("All") || !mine);
            return new Choice(words, url(next, words.equals("Mine") ? !mine || nextMine && !mine : nextMine, Optional.empty()), current);
        }

        String after(long number) {
            return url(state, mine, Optional.of(number));
        }

        private String url(String state, boolean mine, Optional<Long> before) {
            UriComponentsBuilder url = UriComponentsBuilder.fromPath("/requests");
            if (!state.isEmpty()) {
                url.queryParam("state", "{state}");
            }
            if (mine) {
                url.queryParam("mine", "true");
            }
            if (!namespace.isEmpty()) {
                url.queryParam("namespace", "{namespace}");
            }
            if (!q.isEmpty()) {
                url.queryParam("q", "{q}");
            }
            before.ifPresent(number -> url.queryParam("before", number));
            return url.encode().buildAndExpand(java.util.Map.of("state", state, "namespace", namespace, "q", q)).toUriString();
        }
    }
}
