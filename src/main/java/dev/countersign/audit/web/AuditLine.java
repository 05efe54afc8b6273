package dev.countersign.audit.web;

import dev.countersign.audit.AuditReader.Line;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// An entry as a page shows it: prose, when, and where its subject lives.
public record AuditLine(long seq, Instant at, String kind, String actor, boolean byThePortal, String sentence, @Nullable String subjectUrl, String subject) {
    static AuditLine of(Line line) {
        return new AuditLine(line.seq(), line.at(), line.kind(), line.actor().name(),
                line.actor().kind() == dev.countersign.audit.Actor.Kind.SYSTEM, line.sentence(), url(line), line.subject().kind() + " " + line.subject().id());
    }

    private static @Nullable String url(Line line) {
        String id = line.subject().id();
        return switch (line.subject().kind()) {
            case "request", "rollout" -> id.matches("[0-9]{1,18}") ? "/requests/" + id : null;
            case "grant" -> id.matches("[0-9]{1,18}") ? "/grants/" + id : null;
            case "cluster" -> id.matches("[a-z0-9-]{1,63}") ? "/clusters/" + id : null;
            default -> null;
        };
    }
}
