package dev.countersign.requests;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What the tenant's settings have against a draft.
final class TenantRules {
    private TenantRules() {}

    static List<FieldProblem> refusals(Draft draft, TenantSettings settings, Instant now) {
        List<FieldProblem> problems = new ArrayList<>();
        int length = Limits.characters(draft.justification().reason());
        if (length < settings.reasonMinimum()) {
            problems.add(new FieldProblem("/justification/reason", "Say why in at least " + settings.reasonMinimum()
                    + " characters; these are " + length + ". What breaks without it, and for whom?"));
        }
        switch (draft.period()) {
            case GrantPeriod.For(Duration span) -> {
                if (span.compareTo(settings.longestGrant()) > 0) {
                    problems.add(new FieldProblem("/grantFor", "At most " + PeriodWords.span(settings.longestGrant())
                            + " are possible; access can be renewed before it ends."));
                }
            }
            case GrantPeriod.Until(Instant end) -> {
                if (!end.isAfter(now)) {
                    problems.add(new FieldProblem("/until", "This time has passed. Name a later one."));
                } else if (end.isAfter(now.plus(settings.longestGrant()))) {
                    problems.add(new FieldProblem("/until", "At most " + PeriodWords.span(settings.longestGrant())
                            + " from now are possible; access can be renewed before it ends."));
                }
            }
            case GrantPeriod.Permanent() -> {
                if (!settings.permanentAllowed()) {
                    problems.add(new FieldProblem("/grantFor", "Access without an end is not possible here. Say how long, at most "
                            + PeriodWords.span(settings.longestGrant()) + "."));
                }
            }
        }
        return problems;
    }
}
