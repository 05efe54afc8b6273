package dev.countersign.audit;

import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/// A fact to record.
///
/// - `kind`: what happened, dotted and in the past tense: `request.submitted`, `policy.applied`. Never renamed.
/// - `sentence`: the fact for a person, without the actor: "approved request 42 as owner".
/// - `content`: a record of plain values, complete: whoever folds the entries from the first needs no table. Never a secret.
/// - `also`: what else it is about; the entry is found under these too. The content says it as well.
public record AuditEvent(String kind, Actor actor, Subject subject, String sentence, Object content, List<Subject> also) {
    private static final Pattern KIND = Pattern.compile("[a-z]+(-[a-z]+)*(\\.[a-z]+(-[a-z]+)*)+");

    public AuditEvent {
        also = List.copyOf(also);
        if (!KIND.matcher(kind).matches()) {
            throw new IllegalArgumentException("not an event kind: " + kind);
        }
    }

    public AuditEvent(String kind, Actor actor, Subject subject, String sentence, Object content) {
        this(kind, actor, subject, sentence, content, List.of());
    }

    /// The same event, found under these requests too.
    public AuditEvent aboutRequests(Collection<Long> numbers) {
        return new AuditEvent(kind, actor, subject, sentence, content,
                numbers.stream().map(number -> new Subject("request", Long.toString(number))).toList());
    }
}
