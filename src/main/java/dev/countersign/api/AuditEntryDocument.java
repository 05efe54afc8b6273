package dev.countersign.api;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditReader;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// One line of the record. `content` is the exact text that `digest` covers: SHA-256 over the previous digest, the number as
/// 8 bytes, the time in microseconds since 1970 as 8 bytes, and the content as UTF-8. Content has marks in place of people's
/// names; `actor` and `sentence` have the names, until the person is erased: docs/record.md.
record AuditEntryDocument(
        long number, Instant at, String kind, ActorDocument actor, SubjectDocument subject, String sentence, String content,
        String previousDigest, String digest) {
    record ActorDocument(Actor.Kind kind, String id, String name) {}

    record SubjectDocument(String kind, String id) {}

    record AuditEntryListDocument(List<AuditEntryDocument> items, Optional<String> next) {}

    static AuditEntryDocument of(AuditReader.Line line) {
        return new AuditEntryDocument(line.seq(), line.at(), line.kind(),
                new ActorDocument(line.actor().kind(), line.actor().id(), line.actor().name()),
                new SubjectDocument(line.subject().kind(), line.subject().id()), line.sentence(), line.entry().content(),
                line.entry().previousDigest(), line.entry().digest());
    }
}
