package dev.countersign.requests;

import dev.countersign.identity.CurrentPerson;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// The front desk of asking, for pages and the API. Answers about the current tenant only; a request of another tenant is as
/// if it did not exist. Every change is recorded in its transaction.
public interface RequestDesk {
    /// Everything that submitting would say, storing nothing.
    Foresight preview(CurrentPerson me, Draft draft);

    /// Submits, or says why not.
    Submission submit(CurrentPerson me, Draft draft);

    /// As `submit`, once for this key of this person: a repeated key answers the number that it got before.
    Submission submitOnce(CurrentPerson me, String key, Draft draft);

    /// Makes a new version of one's own open request, which voids every review. `expectedVersion`: refuse as stale unless
    /// this is the present version.
    Revising revise(CurrentPerson me, long number, Draft draft, OptionalInt expectedVersion);

    Withdrawal withdraw(CurrentPerson me, long number, String words);

    Optional<RequestView> find(long number);

    /// Those of the numbers that are requests of this tenant, in one look.
    Set<Long> known(Set<Long> numbers);

    /// What the present version would open and cut now, who must agree, and the policy; empty for an unknown number.
    Optional<Foresight> foresight(long number);

    /// What the present version was foreseen to do when it was submitted; empty for an unknown number.
    Optional<ForeseenEffect> foreseen(long number);

    /// At most `limit` (1 to 100) requests with a number below `before`, newest first.
    RequestPage list(RequestFilter filter, Optional<Long> before, int limit);

    /// As `list`, as lines.
    RequestLine.Page lines(RequestFilter filter, Optional<Long> before, int limit);
}
