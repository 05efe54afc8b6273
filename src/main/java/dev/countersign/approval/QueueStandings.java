package dev.countersign.approval;

import dev.countersign.requests.AskFact;
import dev.countersign.requests.Effect;
import dev.countersign.requests.RequestProgress;
import dev.countersign.tenancy.CurrentTenant;
import java.sql.Types;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// What the queue needs to order and filter without deciding anything: risk, the effect as last reckoned, and whose word is
/// still wanted. Kept beside each change, and reckoned again when live policies move (`StandingRefresh`); who may really
/// decide is computed when they do.
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
    private final RequestProgress requests;

    QueueStandings(JdbcClient jdbc, RequestProgress requests) {
        this.jdbc = jdbc;
        this.requests = requests;
    }

    /// A new version waits.
    void begin(RequestProgress.Locked request, RequestProgress.Outlook outlook, Tally tally) {
        Optional<Reckoned> effect = outlook.effect().map(Reckoned::of);
        int asked = risk(outlook.stakes().facts(), 0);
        jdbc.sql("""
                        insert into request_standing (tenant_id, request_id, asked_risk, risk, opens, cuts, wanted, missing, submitted_at)
                        values (:tenant, :request, :asked, :risk, :opens, :cuts, :wanted, :missing, :submitted)
                        on conflict on constraint request_standing_pk do update
                        set asked_risk = excluded.asked_risk,
                            risk = excluded.risk,
                            opens = excluded.opens,
                            cuts = excluded.cuts,
                            wanted = excluded.wanted,
                            missing = excluded.missing,
                            submitted_at = excluded.submitted_at,
                            reckoned_at = now()""")
                .param("tenant", CurrentTenant.require().value())
                .param("request", request.id())
                .param("asked", asked)
                .param("risk", effect.filter(Reckoned::harmless).isPresent() ? asked : HIGH)
                .param("opens", effect.map(Reckoned::opens).orElse(0))
                .param("cuts", effect.map(Reckoned::cuts).orElse(0))
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

    /// Reckons a waiting request against what is live now. In the current tenant and transaction. Where nothing can be
    /// reckoned any more (the workload is gone, a policy cannot be read) the counts stay, and the risk is high.
    void reckonAgain(long number) {
        Optional<Reckoned> effect = requests.look(number).flatMap(request -> requests.outlook(request).effect()).map(Reckoned::of);
        jdbc.sql("""
                        update request_standing s
                        set opens = coalesce(:opens, s.opens),
                            cuts = coalesce(:cuts, s.cuts),
                            risk = case when :harmless then s.asked_risk else :high end,
                            reckoned_at = now()
                        from access_request r
                        where r.number = :number
                          and r.state = 'SUBMITTED'
                          and (s.tenant_id, s.request_id) = (r.tenant_id, r.id)""")
                .param("opens", effect.map(Reckoned::opens).orElse(null), Types.INTEGER)
                .param("cuts", effect.map(Reckoned::cuts).orElse(null), Types.INTEGER)
                .param("harmless", effect.filter(Reckoned::harmless).isPresent())
                .param("high", HIGH)
                .param("number", number)
                .update();
    }

    /// Numbers of waiting requests that nobody reckoned for ten minutes, those of longest first.
    List<Long> longestUnreckoned(int most) {
        return jdbc.sql("""
                        select r.number
                        from request_standing s
                        join access_request r on (r.tenant_id, r.id) = (s.tenant_id, s.request_id)
                        where r.state = 'SUBMITTED'
                          and s.reckoned_at < now() - interval '10 minutes'
                        order by s.reckoned_at
                        limit :most""")
                .param("most", most)
                .query(Long.class)
                .list();
    }

    private record Reckoned(int opens, int cuts, int uncertain) {
        static Reckoned of(Effect effect) {
            return new Reckoned(effect.newlyAllowed().size(), effect.newlyCut().size(), effect.uncertain().size());
        }

        /// Cuts nobody, and nothing about it is uncertain.
        boolean harmless() {
            return cuts == 0 && uncertain == 0;
        }
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
