package dev.countersign.api;

import dev.countersign.requests.Draft;
import dev.countersign.requests.DraftReader;
import dev.countersign.requests.FieldProblem;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.requests.RequestView;
import dev.countersign.web.Problem;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A request as it is sent: what, why, and for how long (`grantFor`, or `until`, or neither for access without an end).
record AccessRequestBody(
        @Written(AskDocument.class) Map<String, Object> ask, JustificationBody justification, Optional<String> grantFor,
        Optional<java.time.Instant> until) {

    record JustificationBody(String reason, Optional<String> ticket) {}

    /// By the same reader as the form in the browser.
    static Draft read(byte[] body) {
        return read(Member.body(body, Member::tree), "");
    }

    /// As `read`; an Ask alone keeps reason and period of the version that stands.
    static Draft revision(byte[] body, RequestView present) {
        Map<String, Object> tree = Member.body(body, Member::tree);
        return tree.containsKey("kind") ? read(around(tree, present), "/ask") : read(tree, "");
    }

    private static Draft read(Map<String, Object> tree, String unsent) {
        return switch (DraftReader.read(tree)) {
            case DraftReader.Reading.Read(Draft draft) -> draft;
            case DraftReader.Reading.Unreadable(List<FieldProblem> problems) -> throw refused(problems, unsent);
        };
    }

    static Problem.Refused refused(List<FieldProblem> problems, String unsent) {
        return new Problem.Refused("The request cannot be taken as it is. See errors, correct what they point at, and send it again.", problems.stream()
                .map(problem -> new Problem.Wrong(
                        problem.pointer().startsWith(unsent) ? problem.pointer().substring(unsent.length()) : problem.pointer(), "CS9422", problem.message()))
                .toList());
    }

    private static Map<String, Object> around(Map<String, Object> ask, RequestView present) {
        Map<String, Object> whole = new LinkedHashMap<>();
        whole.put("ask", ask);
        Map<String, Object> justification = new LinkedHashMap<>();
        justification.put("reason", present.justification().reason());
        present.justification().ticket().ifPresent(ticket -> justification.put("ticket", ticket));
        whole.put("justification", justification);
        switch (present.period()) {
            case GrantPeriod.For(Duration length) -> whole.put("grantFor", length.toString());
            case GrantPeriod.Until(java.time.Instant end) -> whole.put("until", end.toString());
            case GrantPeriod.Permanent() -> {}
        }
        return whole;
    }
}
