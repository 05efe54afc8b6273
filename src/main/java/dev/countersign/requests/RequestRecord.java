package dev.countersign.requests;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// What the audit log is told about requests: complete facts, from which every request can be rebuilt.
@Component
class RequestRecord {
    private final AuditLog audit;

    RequestRecord(AuditLog audit) {
        this.audit = audit;
    }

    /// The whole of a version; both `request.submitted` and `request.revised` carry it.
    record VersionFact(
            UUID id,
            long number,
            int version,
            String digest,
            UUID requester,
            String requesterName,
            Map<String, Object> ask,
            List<Place> places,
            String sentence,
            String reason,
            @Nullable String ticket,
            @Nullable Long grantMinutes,
            @Nullable Instant until,
            Instant submittedAt,
            Instant lapsesAt,
            EffectFact effect) {
        static VersionFact of(RequestView view, ForeseenEffect seen) {
            return new VersionFact(view.id(), view.number(), view.version(), view.digest(), view.requester().id(),
                    view.requester().name(), view.ask().tree(), view.places(), view.sentence().text(),
                    view.justification().reason(), view.justification().ticket().orElse(null),
                    view.period() instanceof GrantPeriod.For(var length) ? Long.valueOf(length.toMinutes()) : null,
                    view.period() instanceof GrantPeriod.Until(var end) ? end : null, view.submittedAt(), view.lapsesAt(),
                    EffectFact.of(seen));
        }
    }

    /// What the version was foreseen to do: the verdict, and how many regions of calls each way.
    record EffectFact(Effect.Verdict verdict, List<String> firstAllow, int newlyAllowed, int newlyCut, int uncertain) {
        static EffectFact of(ForeseenEffect seen) {
            return new EffectFact(seen.effect().verdict(), seen.effect().firstAllow(), seen.counts().newlyAllowed(), seen.counts().newlyCut(),
                    seen.counts().uncertain());
        }
    }

    record WithdrawalFact(UUID id, long number, int version, String words) {}

    record LapseFact(UUID id, long number, int version) {}

    void submitted(Actor by, RequestView view, ForeseenEffect seen) {
        append("request.submitted", by, view.number(), "submitted request " + view.number() + ": " + view.sentence().text(), VersionFact.of(view, seen));
    }

    void revised(Actor by, RequestView view, ForeseenEffect seen) {
        append("request.revised", by, view.number(), "changed request " + view.number() + " to version " + view.version() + ": "
                + view.sentence().text(), VersionFact.of(view, seen));
    }

    void withdrawn(Actor by, AccessRequest request, String words) {
        append("request.withdrawn", by, request.number(), "withdrew request " + request.number(),
                new WithdrawalFact(Optional.ofNullable(request.getId()).orElseThrow(), request.number(), request.version(), words));
    }

    void lapsed(UUID id, long number, int version) {
        append("request.lapsed", Actor.system("lapse"), number, "let request " + number + " lapse: it was not decided in time",
                new LapseFact(id, number, version));
    }

    private void append(String kind, Actor by, long number, String sentence, Object content) {
        audit.append(new AuditEvent(kind, by, new Subject("request", Long.toString(number)), sentence, content));
    }
}
