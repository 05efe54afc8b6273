package dev.countersign.approval;

import dev.countersign.requests.RequestState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// How far a request has come, as one person sees it at this moment.
///
/// - `rule`: the approval rule that it goes by; `commentNeeded`: whether an approval needs words.
/// - `stages`: for a settled version as they were when it was settled.
/// - `reviews`: all of the present version, oldest first.
/// - `possible`: whether the people exist who could settle it; `why` says whom to add where they do not.
/// - `refusal`: why the person cannot decide now; empty where they can.
/// - `settled`: when the present version was decided, and by whom.
public record Standing(
        UUID requestId,
        long number,
        int version,
        String digest,
        RequestState state,
        Instant lapsesAt,
        String rule,
        boolean commentNeeded,
        List<StageStanding> stages,
        List<Review> reviews,
        boolean possible,
        String why,
        Optional<String> refusal,
        Optional<Settled> settled) {

    /// - `eligible`: whom the rule names: `team:payments`, `role:SECURITY`, `person:Olga Owner`.
    /// - `agreed`: who sits in it; `missing`: how many more must agree.
    /// - `canAct`: people who may still decide, by name, at most six; `canActMore`: how many further ones there are.
    /// - `mine`: whether the person who looks is one of them.
    public record StageStanding(
            String name,
            int needed,
            List<String> eligible,
            List<Review> agreed,
            int missing,
            List<String> canAct,
            int canActMore,
            boolean mine) {
        public StageStanding {
            eligible = List.copyOf(eligible);
            agreed = List.copyOf(agreed);
            canAct = List.copyOf(canAct);
        }

        /// PENDING until everyone needed has agreed.
        public String outcome() {
            return missing == 0 ? "APPROVED" : "PENDING";
        }
    }

    /// In the words of the queue: "owner and 2 of security".
    public String missing() {
        return StageWords.missing(this);
    }

    public record Settled(RequestState outcome, String by, Instant at) {}

    public Standing {
        stages = List.copyOf(stages);
        reviews = List.copyOf(reviews);
    }
}
