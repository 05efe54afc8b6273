package dev.countersign.delivery;

import dev.countersign.catalog.MeshCatalog;
import dev.countersign.catalog.PolicyVersion;
import dev.countersign.tenancy.CurrentTenant;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/// The net beneath the watch. What another hand did is told once, by an event: it is lost where a replica dies, or loses the answer
/// of its commit, between the catalog and the look at it, and it says nothing while a delivery is under way that has read back already.
/// So now and then everything that is said to be applied is held against the catalog, and where that shows another state, or none, the
/// cluster is asked: nothing is called drift here, for the catalog may be behind.
@Component
class Doubts {
    /// So long after a delivery the watch has had its time.
    static final Duration SETTLED = Duration.ofSeconds(30);
    /// The most of one cluster at a time, those that were looked at longest ago.
    private static final int AT_ONCE = 100;

    private final MeshCatalog catalog;
    private final JdbcClient jdbc;

    Doubts(MeshCatalog catalog, JdbcClient jdbc) {
        this.catalog = catalog;
        this.jdbc = jdbc;
    }

    private record Confirmed(String namespace, String name, String uid, String resourceVersion) {
        String key() {
            return namespace + "/" + name;
        }
    }

    /// Makes due what is doubtful in the cluster; returns how much that is.
    @Transactional
    public int raise(UUID cluster) {
        Map<String, PolicyVersion> seen = catalog.policyVersions(cluster).stream()
                .collect(Collectors.toMap(policy -> policy.namespace() + "/" + policy.name(), Function.identity()));
        List<Confirmed> doubtful = confirmed(cluster).stream()
                .filter(policy -> isDoubtful(Optional.ofNullable(seen.get(policy.key())), policy.uid(), policy.resourceVersion()))
                .limit(AT_ONCE)
                .toList();
        return doubtful.isEmpty() ? 0 : makeDue(cluster, doubtful);
    }

    /// Whether what was seen last is not what was confirmed as `uid` at `resourceVersion`, nor an older state of it.
    static boolean isDoubtful(Optional<PolicyVersion> seen, String uid, String resourceVersion) {
        return seen.map(policy -> !policy.uid().equals(uid)
                || !policy.resourceVersion().equals(resourceVersion) && !DriftWatch.isOlder(policy.resourceVersion(), resourceVersion)).orElse(true);
    }

    private List<Confirmed> confirmed(UUID cluster) {
        return jdbc.sql("""
                        select namespace, name, uid, resource_version
                        from policy_object
                        where tenant_id = :tenant
                          and cluster_id = :cluster
                          and namespace = any (:namespaces)
                          and state = 'APPLIED'
                          and due_at is null
                          and applied_at < now() - make_interval(secs => :settled)
                          and not exists (select from delivery_repository g where g.tenant_id = policy_object.tenant_id and g.cluster_id = policy_object.cluster_id)
                        order by applied_at""")
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", cluster)
                .param("namespaces", catalog.namespaces(cluster).toArray(String[]::new))
                .param("settled", SETTLED.toSeconds())
                .query(Doubts::confirmed)
                .list();
    }

    private static Confirmed confirmed(ResultSet row, int number) throws SQLException {
        return new Confirmed(row.getString("namespace"), row.getString("name"), row.getString("uid"), row.getString("resource_version"));
    }

    private int makeDue(UUID cluster, List<Confirmed> doubtful) {
        return jdbc.sql("""
                        update policy_object o
                        set due_at = now()
                        from unnest(:namespaces::text[], :names::text[], :versions::text[]) as d (namespace, name, resource_version)
                        where (o.tenant_id, o.cluster_id, o.namespace, o.name) = (:tenant, :cluster, d.namespace, d.name)
                          and o.state = 'APPLIED'
                          and o.resource_version = d.resource_version""")
                .param("namespaces", doubtful.stream().map(Confirmed::namespace).toArray(String[]::new))
                .param("names", doubtful.stream().map(Confirmed::name).toArray(String[]::new))
                .param("versions", doubtful.stream().map(Confirmed::resourceVersion).toArray(String[]::new))
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", cluster)
                .update();
    }
}
