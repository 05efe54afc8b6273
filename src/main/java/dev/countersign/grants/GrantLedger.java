package dev.countersign.grants;

import dev.countersign.identity.CurrentPerson;
import dev.countersign.policy.compile.GrantedAccess;
import dev.countersign.policy.compile.TargetWorkload;
import dev.countersign.requests.ActiveGrants;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// The front desk of grants: what is allowed now, since when, until when and by which request. Answers about the current
/// tenant only. Time is the database's.
@Service
public class GrantLedger implements ActiveGrants {
    /// Not ended; held or suspended or not.
    private static final String STANDS = " and e.grant_id is null and (g.ends_at is null or g.ends_at > now())";

    private static final String IS_ACTIVE = STANDS + " and s.suspension_number is null and h.grant_id is null";

    private final JdbcClient jdbc;
    private final GrantBook book;

    GrantLedger(JdbcClient jdbc, GrantBook book) {
        this.jdbc = jdbc;
        this.book = book;
    }

    /// What all active grants of the cluster allow: the input of the compiler. A grant stops being in it at its end, to the
    /// microsecond, whether or not the end has been recorded yet, and is not in it while it is held or suspended.
    @Transactional(readOnly = true)
    public List<GrantedAccess> active(UUID cluster) {
        return activeGrants(cluster).stream().flatMap(grant -> grant.compile().stream()).toList();
    }

    /// The active grants themselves, by number.
    @Transactional(readOnly = true)
    public List<Grant> activeGrants(UUID cluster) {
        return jdbc.sql(GrantRow.COLUMNS + " where g.cluster_id = :cluster" + IS_ACTIVE + " order by g.number")
                .param("cluster", cluster)
                .query(GrantRow::grant)
                .list();
    }

    /// The workloads of the cluster that ever had a grant. Their policy stays when the last grant ends: without it they
    /// would be open to everyone.
    @Transactional(readOnly = true)
    public List<TargetWorkload> baselines(UUID cluster) {
        return jdbc.sql("""
                        select namespace,
                               workload,
                               selector
                        from workload_baseline
                        where cluster_id = :cluster
                        order by namespace, workload""")
                .param("cluster", cluster)
                .query((row, number) -> new TargetWorkload(
                        row.getString("namespace"), row.getString("workload"), GrantRow.selector(row.getString("selector"))))
                .list();
    }

    /// As `baselines(cluster)`, for one workload.
    @Transactional(readOnly = true)
    public Optional<TargetWorkload> baseline(UUID cluster, String namespace, String workload) {
        return jdbc.sql("""
                        select selector
                        from workload_baseline
                        where cluster_id = :cluster
                          and namespace = :namespace
                          and workload = :workload""")
                .param("cluster", cluster)
                .param("namespace", namespace)
                .param("workload", workload)
                .query((row, number) -> new TargetWorkload(namespace, workload, GrantRow.selector(row.getString("selector"))))
                .optional();
    }

    @Override
    @Transactional(readOnly = true)
    public List<GrantedAccess> of(UUID cluster, String namespace, String workload) {
        return activeOn(cluster, namespace, workload).stream()
                .flatMap(grant -> grant.compile().stream())
                .toList();
    }

    /// By whose word the workload may be called now, by number.
    @Transactional(readOnly = true)
    public List<Grant> activeOn(UUID cluster, String namespace, String workload) {
        return on(cluster, namespace, workload, IS_ACTIVE);
    }

    /// The same, and those that are held or suspended.
    @Transactional(readOnly = true)
    public List<Grant> standingOn(UUID cluster, String namespace, String workload) {
        return on(cluster, namespace, workload, STANDS);
    }

    /// `which`: one of the conditions above.
    private List<Grant> on(UUID cluster, String namespace, String workload, String which) {
        return jdbc.sql(GrantRow.COLUMNS
                        + " where g.cluster_id = :cluster and g.namespace = :namespace and g.workload = :workload" + which
                        + " order by g.number")
                .param("cluster", cluster)
                .param("namespace", namespace)
                .param("workload", workload)
                .query(GrantRow::grant)
                .list();
    }

    /// Those of these ids, ended or not, by number.
    @Transactional(readOnly = true)
    public List<Grant> all(Collection<UUID> ids) {
        return jdbc.sql(GrantRow.COLUMNS + " where g.id = any (:ids) order by g.number")
                .param("ids", ids.toArray(UUID[]::new))
                .query(GrantRow::grant)
                .list();
    }

    /// By whose word the workload may be called, or might but for a suspension or a wave to come; by the cluster's name, with the words that led to each.
    @Transactional(readOnly = true)
    public List<Word> wordsFor(String cluster, String namespace, String workload) {
        return words(jdbc.sql(GrantRow.COLUMNS
                        + " where g.cluster_name = :cluster and g.namespace = :namespace and g.workload = :workload" + STANDS
                        + " order by g.number")
                .param("cluster", cluster)
                .param("namespace", namespace)
                .param("workload", workload)
                .query(GrantRow::grant)
                .list());
    }

    /// By whose word a grant stands.
    @Transactional(readOnly = true)
    public Word word(Grant grant) {
        return words(List.of(grant)).getFirst();
    }

    private List<Word> words(List<Grant> grants) {
        record Version(UUID request, int version) {}
        record Said(Version version, Optional<String> person, String reason) {}
        Map<Version, List<Said>> said = jdbc.sql("""
                        select w.request_id,
                               w.version,
                               v.person_name,
                               w.reason
                        from unnest(:requests::uuid[], :versions::int[]) as k (request_id, version)
                        join request_version w on w.request_id = k.request_id and w.version = k.version
                        left join review v on v.tenant_id = w.tenant_id and v.request_id = w.request_id and v.version = w.version
                             and v.decision = 'APPROVE'
                        order by v.at, v.person_id""")
                .param("requests", grants.stream().map(Grant::requestId).toArray(UUID[]::new))
                .param("versions", grants.stream().map(Grant::requestVersion).toArray(Integer[]::new))
                .query((row, number) -> new Said(new Version(row.getObject("request_id", UUID.class), row.getInt("version")),
                        Optional.ofNullable(row.getString("person_name")), row.getString("reason")))
                .list()
                .stream()
                .collect(Collectors.groupingBy(Said::version));
        return grants.stream()
                .map(grant -> {
                    List<Said> ofGrant = said.get(new Version(grant.requestId(), grant.requestVersion()));
                    return new Word(grant, ofGrant.getFirst().reason(), ofGrant.stream().flatMap(one -> one.person().stream()).toList());
                })
                .toList();
    }

    /// A grant, the reason that its requester gave, and who agreed, in the order of their agreement.
    public record Word(Grant grant, String reason, List<String> agreed) {
        public Word {
            agreed = List.copyOf(agreed);
        }
    }

    @Transactional(readOnly = true)
    public Optional<Grant> find(long number) {
        return jdbc.sql(GrantRow.COLUMNS + " where g.number = :number")
                .param("number", number)
                .query(GrantRow::grant)
                .optional();
    }

    @Transactional(readOnly = true)
    public Optional<Grant> find(UUID id) {
        return jdbc.sql(GrantRow.COLUMNS + " where g.id = :id").param("id", id).query(GrantRow::grant).optional();
    }

    /// What became of a request: its grants, one a cluster, by cluster name; none before it is approved.
    @Transactional(readOnly = true)
    public List<Grant> ofRequest(long requestNumber) {
        return jdbc.sql(GrantRow.COLUMNS + " where g.request_number = :request order by g.cluster_name, g.number")
                .param("request", requestNumber)
                .query(GrantRow::grant)
                .list();
    }

    /// At most `limit` (1 to 100) grants with a number below `before`, newest first.
    @Transactional(readOnly = true)
    public GrantPage list(GrantFilter filter, Optional<Long> before, int limit) {
        int most = Math.clamp(limit, 1, 100);
        StringBuilder sql = new StringBuilder(GrantRow.COLUMNS).append(" where g.number < :before");
        Set<String> states = filter.states().stream().map(Enum::name).collect(Collectors.toSet());
        if (!states.isEmpty()) {
            sql.append(" and " + GrantRow.STATE + " in (:states)");
        }
        filter.cluster().ifPresent(ignored -> sql.append(" and g.cluster_id = :cluster"));
        filter.namespace().ifPresent(ignored -> sql.append(" and g.namespace = :namespace"));
        filter.workload().ifPresent(ignored -> sql.append(" and g.workload = :workload"));
        filter.requester().ifPresent(ignored -> sql.append(" and g.requester_id = :requester"));
        filter.endingWithinDays().ifPresent(ignored -> sql.append(" and e.grant_id is null and g.ends_at > now()"
                + " and g.ends_at <= now() + make_interval(days => :days)"));
        List<Grant> found = jdbc.sql(sql.append(" order by g.number desc limit :limit").toString())
                .param("before", before.orElse(Long.MAX_VALUE))
                .param("states", states)
                .param("cluster", filter.cluster().orElse(null))
                .param("namespace", filter.namespace().orElse(null))
                .param("workload", filter.workload().orElse(null))
                .param("requester", filter.requester().orElse(null))
                .param("days", filter.endingWithinDays().orElse(null))
                .param("limit", most + 1)
                .query(GrantRow::grant)
                .list();
        boolean more = found.size() > most;
        List<Grant> page = new ArrayList<>(more ? found.subList(0, most) : found);
        return new GrantPage(page, more ? Optional.of(page.getLast().number()) : Optional.empty());
    }

    /// Takes a grant back at once, or gives it up. May: the team that owns the called service, security, administrators; the
    /// requester and the teams that gain, for it is their own access. Recorded, with the reason.
    @Transactional
    public Revocation revoke(CurrentPerson me, long number, String reason) {
        return book.revoke(me, number, reason);
    }
}
