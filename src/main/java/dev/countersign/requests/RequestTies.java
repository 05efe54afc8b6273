package dev.countersign.requests;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/// What a request is tied to beyond itself: asked by requests, answered by the room that tied it. Every method joins the caller's
/// transaction.
public interface RequestTies {
    /// What a person who looks at the request has to know; empty for most. `holds`: all that it rests on is still so.
    record Tie(String title, String words, boolean holds, String href) {}

    Optional<Tie> of(long number);

    /// A word or two for each of the numbers that is tied, as "adoption 3"; for lists.
    Map<Long, String> names(Collection<Long> numbers);

    /// Why it must not be approved at this moment.
    Optional<String> hindersApproval(long number);

    /// Why it must not ask for anything else than it does; reason and period may change.
    Optional<String> hindersOtherAsk(long number);
}
