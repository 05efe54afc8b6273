package dev.countersign.grants;

import dev.countersign.audit.Actor;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.policy.compile.TargetWorkload;
import dev.countersign.requests.AskJson;
import dev.countersign.requests.Place;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// How a grant is read from its rows.
final class GrantRow {
    private static final JsonMapper JSON = new JsonMapper();

    /// By the database's clock, no other: `g.ends_at <= now()` decides expiry. A grant that ended is no longer suspended, nor held.
    static final String STATE = "coalesce(e.state, case when g.ends_at <= now() then 'EXPIRED' when s.suspension_number is not null then 'SUSPENDED'"
            + " when h.grant_id is not null then 'HELD' else 'ACTIVE' end)";

    /// What every query that ends in `grant` selects. `s` is the suspension that keeps it out and was not lifted: there is at most one;
    /// `h` is there while its wave has not been let in.
    static final String COLUMNS = """
            select g.id,
                   g.number,
                   g.request_id,
                   g.request_number,
                   g.request_version,
                   g.digest,
                   g.ask,
                   g.cluster_id,
                   g.cluster_name,
                   g.trust_domain,
                   g.namespace,
                   g.workload,
                   g.selector,
                   g.requester_id,
                   g.requester_name,
                   g.starts_at,
                   g.ends_at,
                   """ + STATE + """
                    as state,
                   s.suspension_number,
                   e.at as ended_at,
                   e.actor_kind,
                   e.actor_id,
                   e.actor_name,
                   e.reason
            from access_grant g
            left join grant_end e on e.tenant_id = g.tenant_id and e.grant_id = g.id
            left join (select d.tenant_id, d.grant_id, d.suspension_number
                       from suspended_grant d
                       where not exists (select from resumption r where r.tenant_id = d.tenant_id and r.suspension_number = d.suspension_number)) s
                on s.tenant_id = g.tenant_id and s.grant_id = g.id
            left join (select d.tenant_id, d.grant_id
                       from rollout_grant d
                       where not exists (select from rollout_admission a where (a.tenant_id, a.request_id, a.wave) = (d.tenant_id, d.request_id, d.wave))) h
                on h.tenant_id = g.tenant_id and h.grant_id = g.id
            """;

    private GrantRow() {}

    static Grant grant(ResultSet row, int number) throws SQLException {
        Place place = new Place(
                new ClusterRef(row.getObject("cluster_id", UUID.class), row.getString("cluster_name")),
                row.getString("trust_domain"),
                new TargetWorkload(row.getString("namespace"), row.getString("workload"), selector(row.getString("selector"))));
        GrantState state = GrantState.valueOf(row.getString("state"));
        return new Grant(
                row.getObject("id", UUID.class),
                row.getLong("number"),
                row.getObject("request_id", UUID.class),
                row.getLong("request_number"),
                row.getInt("request_version"),
                row.getString("digest"),
                AskJson.read(row.getString("ask")),
                place,
                row.getObject("requester_id", UUID.class),
                row.getString("requester_name"),
                instant(row, "starts_at").orElseThrow(),
                instant(row, "ends_at"),
                state,
                state == GrantState.SUSPENDED ? Optional.of(row.getLong("suspension_number")) : Optional.empty(),
                end(row));
    }

    private static Optional<GrantEnd> end(ResultSet row) throws SQLException {
        Optional<Instant> at = instant(row, "ended_at");
        if (at.isEmpty()) {
            return Optional.empty();
        }
        Actor by = new Actor(Actor.Kind.valueOf(row.getString("actor_kind")), row.getString("actor_id"), row.getString("actor_name"));
        return Optional.of(new GrantEnd(GrantState.valueOf(row.getString("state")), at.get(), by, row.getString("reason")));
    }

    static Map<String, String> selector(String json) {
        return JSON.readValue(json, new TypeReference<Map<String, String>>() {});
    }

    static String selector(Map<String, String> labels) {
        return JSON.writeValueAsString(labels);
    }

    static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        @Nullable OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
        return Optional.ofNullable(at).map(OffsetDateTime::toInstant);
    }
}
