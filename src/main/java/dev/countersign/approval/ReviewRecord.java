package dev.countersign.approval;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import dev.countersign.requests.RequestProgress;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.springframework.stereotype.Component;

/// What the record is told of reviews: one entry for each word, complete: the word, what it was about, and where all words of
/// the version stand after it.
@Component
class ReviewRecord {
    private final AuditLog audit;

    ReviewRecord(AuditLog audit) {
        this.audit = audit;
    }

    /// `review`: the word given now; `reviews`: all of the version, it included; `outcome`: PENDING or what they amount to.
    record ReviewFact(
            UUID request,
            long number,
            int version,
            String digest,
            int ruleSet,
            String rule,
            Review review,
            List<Review> reviews,
            List<Reviews.SettledStage> stages,
            Tally.Outcome outcome) {}

    void reviewed(Actor by, RequestProgress.Locked request, Plan plan, Tally tally, Review review, List<Review> reviews) {
        String kind = switch (tally.outcome()) {
            case PENDING -> "request.reviewed";
            case APPROVED -> "request.approved";
            case REJECTED -> "request.rejected";
            case CHANGES_REQUESTED -> "request.changes-requested";
        };
        audit.append(new AuditEvent(kind, by, new Subject("request", Long.toString(request.number())), sentence(request, tally, review),
                new ReviewFact(request.id(), request.number(), request.version(), request.digest(), plan.ruleSet(), plan.rule().name(), review,
                        List.copyOf(reviews), Reviews.SettledStage.of(tally), tally.outcome())));
    }

    private static String sentence(RequestProgress.Locked request, Tally tally, Review review) {
        String what = "version " + request.version() + " of request " + request.number();
        String as = tally.stages().stream()
                .filter(stage -> stage.agreed().contains(review))
                .findFirst()
                .map(stage -> " as " + stage.seats().name().toLowerCase(Locale.ROOT))
                .orElse("");
        return switch (review.decision()) {
            case REJECT -> "rejected " + what;
            case REQUEST_CHANGES -> "asked for changes to " + what;
            case APPROVE -> tally.outcome() == Tally.Outcome.APPROVED
                    ? "agreed to " + what + as + ", which approved it"
                    : "agreed to " + what + as + "; missing: " + StageWords.missing(tally);
        };
    }
}
