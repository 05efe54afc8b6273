package dev.countersign.adoption;

import dev.countersign.adoption.Adoption.AdoptedRule;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.clusters.ObjectVersion;
import dev.countersign.requests.RequestState;
import dev.countersign.tenancy.CurrentTenant;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// The rows of adoptions. How one stands follows from its requests and its removal, and is stored nowhere else.
@Repository
class Adoptions {
    static final JsonMapper JSON = new JsonMapper();

    private static final String COLUMNS = """
            select a.id, a.number, a.cluster_id, a.cluster_name, a.namespace, a.name, a.uid, a.resource_version, a.object, a.workload,
                   a.proposer_name, a.at, m.state, m.words, m.advice
            from adoption a
            left join adoption_removal m on m.tenant_id = a.tenant_id and m.adoption_id = a.id
            """;

    private final JdbcClient jdbc;

    Adoptions(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// Numbers have no gaps and no doubles, and of two proposals of one object one is first: the lock is held until the transaction ends.
    long nextNumber() {
        jdbc.sql("select pg_advisory_xact_lock(hashtextextended('adoption ' || :tenant, 0))")
                .param("tenant", CurrentTenant.require().toString())
                .query((row, number) -> true)
                .single();
        return jdbc.sql("select coalesce(max(number), 0) + 1 from adoption").query(Long.class).single();
    }

    void write(Adoption adoption, UUID proposer) {
        UUID tenant = CurrentTenant.require().value();
        jdbc.sql("""
                        insert into adoption (tenant_id, id, number, cluster_id, cluster_name, namespace, name, uid, resource_version, object, workload,
                                              proposer_id, proposer_name, at)
                        values (:tenant, :id, :number, :cluster, :clusterName, :namespace, :name, :uid, :resourceVersion, :object, :workload,
                                :proposer, :proposerName, :at)""")
                .param("tenant", tenant)
                .param("id", adoption.id())
                .param("number", adoption.number())
                .param("cluster", adoption.cluster().id())
                .param("clusterName", adoption.cluster().name())
                .param("namespace", adoption.namespace())
                .param("name", adoption.name())
                .param("uid", adoption.version().uid())
                .param("resourceVersion", adoption.version().resourceVersion())
                .param("object", JSON.writeValueAsString(adoption.object()))
                .param("workload", adoption.workload())
                .param("proposer", proposer)
                .param("proposerName", adoption.proposer())
                .param("at", adoption.at().atOffset(java.time.ZoneOffset.UTC))
                .update();
        for (AdoptedRule rule : adoption.rules()) {
            jdbc.sql("""
                            insert into adoption_rule (tenant_id, adoption_id, rule, request_id, request_number)
                            select :tenant, :adoption, :rule, id, number
                            from access_request
                            where number = :request""")
                    .param("tenant", tenant)
                    .param("adoption", adoption.id())
                    .param("rule", rule.rule())
                    .param("request", rule.request())
                    .update();
        }
    }

    Instant now() {
        return jdbc.sql("select now()").query(OffsetDateTime.class).single().toInstant();
    }

    Optional<Adoption> find(long number) {
        return jdbc.sql(COLUMNS + " where a.number = :number").param("number", number).query(this::adoption).optional();
    }

    Optional<Adoption> find(UUID id) {
        return jdbc.sql(COLUMNS + " where a.id = :id").param("id", id).query(this::adoption).optional();
    }

    Optional<Adoption> ofRequest(long request) {
        return jdbc.sql(COLUMNS + """
                        where a.id = (select r.adoption_id from adoption_rule r where r.request_number = :request)""")
                .param("request", request)
                .query(this::adoption)
                .optional();
    }

    Map<Long, Long> ofRequests(Collection<Long> requests) {
        Map<Long, Long> numbers = new HashMap<>();
        jdbc.sql("""
                        select r.request_number, a.number
                        from adoption_rule r
                        join adoption a on a.tenant_id = r.tenant_id and a.id = r.adoption_id
                        where r.request_number = any (:requests)""")
                .param("requests", requests.toArray(Long[]::new))
                .query(row -> {
                    numbers.put(row.getLong(1), row.getLong(2));
                });
        return numbers;
    }

    /// All there ever were of objects of that name, newest first.
    List<Adoption> of(UUID cluster, String namespace, String name) {
        return jdbc.sql(COLUMNS + """
                        where a.cluster_id = :cluster
                          and a.namespace = :namespace
                          and a.name = :name
                        order by a.number desc
                        limit 20""")
                .param("cluster", cluster)
                .param("namespace", namespace)
                .param("name", name)
                .query(this::adoption)
                .list();
    }

    /// Whether the object that lives with this uid is one that the portal delivers.
    boolean ours(UUID cluster, String namespace, String name, String uid) {
        return jdbc.sql("""
                        select exists (select from policy_object
                                       where tenant_id = :tenant
                                         and (cluster_id, namespace, name, uid) = (:cluster, :namespace, :name, :uid))""")
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", cluster)
                .param("namespace", namespace)
                .param("name", name)
                .param("uid", uid)
                .query(Boolean.class)
                .single();
    }

    private Adoption adoption(ResultSet row, int index) throws SQLException {
        UUID id = row.getObject("id", UUID.class);
        List<AdoptedRule> rules = rules(id);
        @Nullable String removal = row.getString("state");
        return new Adoption(id, row.getLong("number"), new ClusterRef(row.getObject("cluster_id", UUID.class), row.getString("cluster_name")),
                row.getString("namespace"), row.getString("name"), new ObjectVersion(row.getString("uid"), row.getString("resource_version")),
                JSON.readValue(row.getString("object"), new TypeReference<Map<String, Object>>() {}), row.getString("workload"),
                row.getString("proposer_name"), row.getObject("at", OffsetDateTime.class).toInstant(), rules, state(rules, removal),
                Optional.ofNullable(row.getString("words")).orElse(""), Optional.ofNullable(row.getString("advice")).orElse(""));
    }

    private static AdoptionState state(List<AdoptedRule> rules, @Nullable String removal) {
        if (removal != null) {
            return AdoptionState.valueOf(removal);
        }
        if (rules.stream().anyMatch(rule -> rule.state().terminal() && rule.state() != RequestState.APPROVED)) {
            return AdoptionState.ABANDONED;
        }
        return rules.stream().allMatch(rule -> rule.state() == RequestState.APPROVED) ? AdoptionState.WAITING : AdoptionState.OPEN;
    }

    private List<AdoptedRule> rules(UUID adoption) {
        return jdbc.sql("""
                        select a.rule, r.number,
                               case when r.state in ('SUBMITTED', 'CHANGES_REQUESTED') and r.lapses_at <= now() then 'LAPSED' else r.state end as state
                        from adoption_rule a
                        join access_request r on r.tenant_id = a.tenant_id and r.id = a.request_id
                        where a.adoption_id = :adoption
                        order by a.rule""")
                .param("adoption", adoption)
                .query((row, number) -> new AdoptedRule(row.getInt("rule"), row.getLong("number"), RequestState.valueOf(row.getString("state"))))
                .list();
    }
}
