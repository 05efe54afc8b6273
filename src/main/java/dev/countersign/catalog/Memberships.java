package dev.countersign.catalog;

import dev.countersign.catalog.CatalogWorkload.Membership;
import dev.countersign.tenancy.CurrentTenant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import tools.jackson.databind.json.JsonMapper;

/// Which workloads are of the mesh: that follows from the pods that their selectors select. In the caller's transaction and tenant.
///
/// Two statements read a namespace, and each selector looks up here the pods with its rarest label: a join of the database would hold
/// every selector against every pod.
@Repository
class Memberships {
    /// The first of these that one of its pods has is the workload's: one pod without a proxy is where policies enforce nothing.
    private static final List<Membership> TELLING = List.of(Membership.NONE, Membership.SIDECAR, Membership.AMBIENT);

    private final JdbcClient jdbc;
    private final JsonMapper json = JsonMapper.builder().build();

    Memberships(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    private record Workload(String kind, String namespace, String name, Map<?, ?> selector, Membership membership) {
        boolean selects(Pods pods) {
            return pods.labels.entrySet().containsAll(selector.entrySet());
        }
    }

    /// Pods that are alike.
    private record Pods(String namespace, Map<?, ?> labels, Membership membership) {}

    private record Label(String namespace, Object key, Object value) {}

    /// Brings the workloads of these namespaces to what their pods say.
    void count(UUID cluster, Collection<String> namespaces) {
        if (namespaces.isEmpty()) {
            return;
        }
        List<Workload> workloads = workloads(cluster, namespaces);
        Map<Label, List<Pods>> having = new HashMap<>();
        for (Pods pods : workloads.isEmpty() ? List.<Pods>of() : pods(cluster, namespaces)) {
            pods.labels.forEach((key, value) -> having.computeIfAbsent(new Label(pods.namespace, key, value), label -> new ArrayList<>()).add(pods));
        }
        List<Map<String, String>> changed = new ArrayList<>();
        for (Workload workload : workloads) {
            Membership now = membership(workload, having);
            if (now != workload.membership) {
                changed.add(Map.of("kind", workload.kind, "namespace", workload.namespace, "name", workload.name, "membership", now.name()));
            }
        }
        if (!changed.isEmpty()) {
            write(cluster, changed);
        }
    }

    /// A workload without a selector selects nothing.
    private static Membership membership(Workload workload, Map<Label, List<Pods>> having) {
        List<Pods> selected = workload.selector.entrySet().stream()
                .map(entry -> having.getOrDefault(new Label(workload.namespace, entry.getKey(), entry.getValue()), List.of()))
                .min(Comparator.comparingInt(List::size))
                .orElse(List.of())
                .stream()
                .filter(workload::selects)
                .toList();
        return TELLING.stream()
                .filter(telling -> selected.stream().anyMatch(pods -> pods.membership == telling))
                .findFirst()
                .orElse(Membership.UNKNOWN);
    }

    private List<Workload> workloads(UUID cluster, Collection<String> namespaces) {
        return jdbc.sql("""
                        select kind, namespace, name, selector_labels, membership
                        from catalog_workload
                        where tenant_id = :tenant and cluster_id = :cluster and namespace = any(:namespaces)""")
                .param("tenant", tenant())
                .param("cluster", cluster)
                .param("namespaces", namespaces.toArray(String[]::new))
                .query((row, number) -> new Workload(row.getString("kind"), row.getString("namespace"), row.getString("name"),
                        labels(row.getString("selector_labels")), Membership.valueOf(row.getString("membership"))))
                .list();
    }

    /// What another version of the portal wrote of a pod, and this one does not know, tells nothing.
    private List<Pods> pods(UUID cluster, Collection<String> namespaces) {
        return jdbc.sql("""
                        select distinct namespace, coalesce(facts -> 'labels', '{}') as labels,
                               case when facts ->> 'membership' in ('SIDECAR', 'AMBIENT', 'NONE') then facts ->> 'membership' else 'UNKNOWN' end as membership
                        from catalog_object
                        where tenant_id = :tenant and cluster_id = :cluster and kind = 'Pod' and namespace = any(:namespaces)""")
                .param("tenant", tenant())
                .param("cluster", cluster)
                .param("namespaces", namespaces.toArray(String[]::new))
                .query((row, number) -> new Pods(row.getString("namespace"), labels(row.getString("labels")), Membership.valueOf(row.getString("membership"))))
                .list();
    }

    private void write(UUID cluster, List<Map<String, String>> changed) {
        jdbc.sql("""
                        update catalog_workload w
                        set membership = r.membership
                        from jsonb_to_recordset(:rows::jsonb) as r (kind text, namespace text, name text, membership text)
                        where w.tenant_id = :tenant
                          and w.cluster_id = :cluster
                          and (w.kind, w.namespace, w.name) = (r.kind, r.namespace, r.name)""")
                .param("tenant", tenant())
                .param("cluster", cluster)
                .param("rows", json.writeValueAsString(changed))
                .update();
    }

    private Map<?, ?> labels(String text) {
        return json.readValue(text, Map.class);
    }

    private static UUID tenant() {
        return CurrentTenant.require().value();
    }
}
