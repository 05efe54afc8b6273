package dev.countersign.audit;

/// A fact to record.
///
/// - `kind`: what happened, dotted and in the past tense: `request.submitted`, `policy.applied`. Never renamed.
/// - `sentence`: the fact for a person, without the actor: "approved request 42 as owner".
/// - `content`: a record of plain values, complete: whoever folds the entries from the first needs no table. Never a secret.
public record AuditEvent(String kind, Actor actor, Subject subject, String sentence, Object content) {
    public AuditEvent {
        if (!kind.matches("[a-z]+(-[a-z]+)*(\\.[a-z]+(-[a-z]+)*)+")) {
            throw new IllegalArgumentException("not an event kind: " + kind);
        }
    }
}
