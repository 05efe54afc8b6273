package dev.countersign.adoption;

import dev.countersign.requests.FieldProblem;
import java.util.List;

/// What became of proposing an adoption.
public sealed interface Adopting {
    /// Every rule is a request now.
    record Proposed(long number, List<Long> requests) implements Adopting {
        public Proposed {
            requests = List.copyOf(requests);
        }
    }

    /// Nothing was stored. Each problem says what to do; `pointer` is `/policy`, or a place of the reason or the period.
    record Refused(List<FieldProblem> problems) implements Adopting {
        public Refused {
            problems = List.copyOf(problems);
        }
    }

    /// Somebody proposed this very policy before, and that is not over.
    record UnderWay(long number, String message) implements Adopting {}

    /// No such policy in a namespace of the tenant.
    record Unknown() implements Adopting {}
}
