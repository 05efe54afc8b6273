package dev.countersign.approval;

import dev.countersign.requests.AskFact;
import dev.countersign.requests.Effect;
import dev.countersign.requests.Foresight;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestProgress;
import dev.countersign.tenancy.CurrentTenant;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// What the queue needs to order and filter without deciding anything: risk, the effect as foreseen at submission, and whose
/// word is still wanted. Kept beside each change; who may really decide is computed when they do.
@Component
class QueueStandings {
    /// Usual, raised, high.
    static final int USUAL = 0;
    static final int RAISED = 1;
    static final int HIGH = 2;

    private static final Set<AskFact> WIDE =
            EnumSet.of(AskFact.WHOLE_SERVICE, AskFact.WILDCARD_PRINCIPAL, AskFact.WILDCARD_METHOD, AskFact.PERMANENT);
    private static final Set<AskFact> FAR = EnumSet.of(AskFact.CROSS_NAMESPACE, AskFact.SEVERAL_CLUSTERS);

    private final JdbcClient jdbc;
    private final RequestDesk desk;

    QueueStandings(JdbcClient jdbc, RequestDesk desk) {
        this.jdbc = jdbc;
        this.desk = desk;
    }

    /// A new version waits.
    void begin(RequestProgress.Locked request, Plan plan, Tally tally) {
        Optional<Effect> effect = desk.foresight(request.number()).flatMap(Foresight::effect);
        int opens = effect.map(found -> found.newlyAllowed().size()).orElse(0);
        int cuts = effect.map(found -> found.newlyCut().size()).orElse(0);
        jdbc.sql("""
                        insert into request_standing (tenant_id, request_id, risk, opens, cuts, wanted, missing, submitted_at)
                        values (:tenant, :request, :risk, :opens, :cuts, :wanted, :missing, :submitted)
                        on conflict on constraint request_standing_pk do update
                        set risk = excluded.risk,
                            opens = excluded.opens,
                            cuts = excluded.cuts,
                            wanted = excluded.wanted,
                            missing = excluded.missing,
                            submitted_at = excluded.submitted_at""")
                .param("tenant", CurrentTenant.require().value())
                .param("request", plan.request())
                .param("risk", risk(request.stakes().facts(), cuts))
                .param("opens", opens)
                .param("cuts", cuts)
                .param("wanted", wanted(tally))
                .param("missing", StageWords.missing(tally))
                .param("submitted", request.submittedAt().atOffset(ZoneOffset.UTC))
                .update();
    }

    /// A review changed whose word is wanted.
    void update(UUID request, Tally tally) {
        jdbc.sql("""
                        update request_standing
                        set wanted = :wanted,
                            missing = :missing
                        where request_id = :request""")
                .param("request", request)
                .param("wanted", wanted(tally))
                .param("missing", StageWords.missing(tally))
                .update();
    }

    static int risk(Set<AskFact> facts, int cuts) {
        if (cuts > 0 || facts.stream().anyMatch(WIDE::contains)) {
            return HIGH;
        }
        return facts.stream().anyMatch(FAR::contains) ? RAISED : USUAL;
    }

    private static String[] wanted(Tally tally) {
        return tally.stages().stream()
                .filter(stage -> !stage.done())
                .flatMap(stage -> stage.seats().keys().stream())
                .distinct()
                .toArray(String[]::new);
    }
}
