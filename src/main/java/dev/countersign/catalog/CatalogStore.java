package dev.countersign.catalog;

import dev.countersign.catalog.Observation.Gone;
import dev.countersign.catalog.Observation.Key;
import dev.countersign.catalog.Observation.Put;
import dev.countersign.clusters.ObjectVersion;
import dev.countersign.tenancy.CurrentTenant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import tools.jackson.databind.json.JsonMapper;

/// Writes what was observed, many rows a statement, in the caller's transaction and tenant.
@Repository
class CatalogStore {
    private static final String ROWS = "jsonb_to_recordset(:rows::jsonb) as r (kind text, namespace text, name text, uid text, version text";

    private final JdbcClient jdbc;
    private final Memberships memberships;
    private final JsonMapper json = JsonMapper.builder().build();

    CatalogStore(JdbcClient jdbc, Memberships memberships) {
        this.jdbc = jdbc;
        this.memberships = memberships;
    }

    /// A policy that is not as it was.
    record PolicyChange(Key key, boolean gone) {}

    /// Brings the rows to what was observed last of each thing; answers the policies that changed.
    List<PolicyChange> write(UUID cluster, Collection<Observation> observations) {
        Map<Key, Observation> last = new LinkedHashMap<>();
        observations.forEach(observation -> {
            last.remove(observation.key());
            last.put(observation.key(), observation);
        });
        List<PolicyChange> changes = new ArrayList<>();
        List<Map<String, Object>> puts = last.values().stream().filter(Put.class::isInstance).map(put -> ((Put) put).row()).toList();
        List<Key> gone = last.values().stream().filter(Gone.class::isInstance).map(Observation::key).toList();
        for (Shelf shelf : Shelf.values()) {
            List<Map<String, Object>> rows = puts.stream().filter(row -> shelf.holds((String) row.get("kind"))).toList();
            if (!rows.isEmpty()) {
                upsert(cluster, shelf, rows).forEach(key -> changes.add(new PolicyChange(key, false)));
            }
            List<Key> keys = gone.stream().filter(key -> shelf.holds(key.kind())).toList();
            if (!keys.isEmpty()) {
                delete(cluster, shelf, keys).forEach(key -> changes.add(new PolicyChange(key, true)));
            }
        }
        memberships.count(cluster, last.keySet().stream()
                .filter(key -> key.kind().equals("Pod") || Shelf.WORKLOADS.holds(key.kind()))
                .map(Key::namespace)
                .collect(Collectors.toCollection(TreeSet::new)));
        return changes.stream().filter(change -> Shelf.POLICIES.holds(change.key.kind())).toList();
    }

    /// As `write`, and forgets what of the kind in these namespaces was not observed. What has the uid and version that it had is not
    /// written: of a list most is.
    List<PolicyChange> replace(UUID cluster, String kind, Collection<String> namespaces, List<Observation> observed) {
        Map<Key, ObjectVersion> known = known(cluster, kind, namespaces);
        Map<Key, Observation> news = new LinkedHashMap<>();
        known.keySet().forEach(key -> news.put(key, new Gone(key)));
        observed.forEach(observation -> news.put(observation.key(), observation));
        news.values().removeIf(observation -> observation instanceof Put(Key key, Map<String, Object> row)
                && new ObjectVersion(String.valueOf(row.get("uid")), String.valueOf(row.get("version"))).equals(known.get(key)));
        return write(cluster, news.values());
    }

    /// Forgets everything outside these namespaces; policies of the root namespace stay.
    void keepOnly(UUID cluster, Collection<String> namespaces, String rootNamespace) {
        for (Shelf shelf : Shelf.values()) {
            List<String> kept = new ArrayList<>(namespaces);
            if (shelf == Shelf.POLICIES && !namespaces.isEmpty()) {
                kept.add(rootNamespace);
            }
            jdbc.sql("delete from " + shelf.table + " where tenant_id = :tenant and cluster_id = :cluster and namespace <> all(:kept)")
                    .param("tenant", tenant())
                    .param("cluster", cluster)
                    .param("kept", kept.toArray(String[]::new))
                    .update();
        }
    }

    private Map<Key, ObjectVersion> known(UUID cluster, String kind, Collection<String> namespaces) {
        Map<Key, ObjectVersion> known = new LinkedHashMap<>();
        jdbc.sql("select namespace, name, uid, version from " + Shelf.of(kind).table
                        + " where tenant_id = :tenant and cluster_id = :cluster and kind = :kind and namespace = any(:namespaces)")
                .param("tenant", tenant())
                .param("cluster", cluster)
                .param("kind", kind)
                .param("namespaces", namespaces.toArray(String[]::new))
                .query(row -> {
                    known.put(new Key(kind, row.getString(1), row.getString(2)), new ObjectVersion(row.getString(3), row.getString(4)));
                });
        return known;
    }

    private List<Key> upsert(UUID cluster, Shelf shelf, List<Map<String, Object>> rows) {
        return jdbc.sql(shelf.upsert)
                .param("tenant", tenant())
                .param("cluster", cluster)
                .param("rows", text(rows))
                .query(Key.class)
                .list();
    }

    private List<Key> delete(UUID cluster, Shelf shelf, List<Key> keys) {
        return jdbc.sql("delete from " + shelf.table + " t using " + ROWS + ")"
                        + " where t.tenant_id = :tenant and t.cluster_id = :cluster and t.kind = r.kind and t.namespace = r.namespace"
                        + " and t.name = r.name returning t.kind, t.namespace, t.name")
                .param("tenant", tenant())
                .param("cluster", cluster)
                .param("rows", text(keys))
                .query(Key.class)
                .list();
    }

    /// Takes or keeps the word for a cluster; false while another replica has it, or still writes with it. The database's clock decides.
    boolean hold(UUID cluster, String holder, Duration length) {
        // What only moves the time is compatible with the lock of `has`, for a replica may keep its word while it writes.
        return word("update catalog_sync set held_until = now() + make_interval(secs => :length)"
                        + " where tenant_id = :tenant and cluster_id = :cluster and holder = :holder", cluster, holder, length)
                || word("""
                        with over as (
                            select tenant_id, cluster_id from catalog_sync
                            where tenant_id = :tenant and cluster_id = :cluster and held_until < now()
                            for update skip locked)
                        update catalog_sync s set holder = :holder, held_until = now() + make_interval(secs => :length)
                        from over where (s.tenant_id, s.cluster_id) = (over.tenant_id, over.cluster_id)""", cluster, holder, length)
                || word("""
                        insert into catalog_sync (tenant_id, cluster_id, holder, held_until)
                        values (:tenant, :cluster, :holder, now() + make_interval(secs => :length))
                        on conflict (tenant_id, cluster_id) do nothing""", cluster, holder, length);
    }

    /// Takes the word for a cluster, whoever has it; waits for what that one writes, which writes nothing more.
    void take(UUID cluster, String holder, Duration length) {
        if (!hold(cluster, holder, length)) {
            word("""
                    with taken as (
                        select tenant_id, cluster_id from catalog_sync where tenant_id = :tenant and cluster_id = :cluster for update)
                    update catalog_sync s set holder = :holder, held_until = now() + make_interval(secs => :length)
                    from taken where (s.tenant_id, s.cluster_id) = (taken.tenant_id, taken.cluster_id)""", cluster, holder, length);
        }
    }

    private boolean word(String sql, UUID cluster, String holder, Duration length) {
        return jdbc.sql(sql)
                .param("tenant", tenant())
                .param("cluster", cluster)
                .param("holder", holder)
                .param("length", (double) length.toMillis() / 1000)
                .update() == 1;
    }

    /// Whether nobody else took the word since; until the end of the transaction nobody does.
    boolean has(UUID cluster, String holder) {
        return jdbc.sql("select true from catalog_sync where tenant_id = :tenant and cluster_id = :cluster and holder = :holder for key share")
                .param("tenant", tenant())
                .param("cluster", cluster)
                .param("holder", holder)
                .query(Boolean.class)
                .optional()
                .isPresent();
    }

    void letGo(UUID cluster, String holder) {
        jdbc.sql("update catalog_sync set held_until = now() where tenant_id = :tenant and cluster_id = :cluster and holder = :holder")
                .param("tenant", tenant())
                .param("cluster", cluster)
                .param("holder", holder)
                .update();
    }

    void letGoAll(String holder) {
        jdbc.sql("update catalog_sync set held_until = now() where tenant_id = :tenant and holder = :holder")
                .param("tenant", tenant())
                .param("holder", holder)
                .update();
    }

    private String text(Object rows) {
        String text = json.writeValueAsString(rows);
        return StorableText.of(text.contains("\\u0000") ? json.writeValueAsString(StorableText.withoutNul(rows)) : text);
    }

    private static UUID tenant() {
        return CurrentTenant.require().value();
    }

    /// Where a kind lies.
    private enum Shelf {
        WORKLOADS("catalog_workload", List.of("Deployment", "StatefulSet", "DaemonSet"),
                List.of("selector_labels jsonb", "pod_labels jsonb", "service_account text", "ports jsonb")),
        OBJECTS("catalog_object", List.of("Namespace", "Service", "ServiceAccount", "Pod"), List.of("facts jsonb")),
        POLICIES("catalog_policy", List.of("AuthorizationPolicy", "PeerAuthentication"), List.of("tree json", "managers text[]"));

        private final String table;
        private final List<String> kinds;
        private final String upsert;

        Shelf(String table, List<String> kinds, List<String> columns) {
            this.table = table;
            this.kinds = kinds;
            List<String> names = columns.stream().map(column -> column.substring(0, column.indexOf(' '))).toList();
            this.upsert = "insert into " + table + " as t (tenant_id, cluster_id, kind, namespace, name, uid, version, " + String.join(", ", names) + ")"
                    + " select :tenant, :cluster, r.* from " + ROWS + ", " + String.join(", ", columns) + ")"
                    + " on conflict (tenant_id, cluster_id, kind, namespace, name) do update set uid = excluded.uid, version = excluded.version, "
                    + String.join(", ", names.stream().map(name -> name + " = excluded." + name).toList())
                    + " where t.uid <> excluded.uid or t.version <> excluded.version returning t.kind, t.namespace, t.name";
        }

        boolean holds(String kind) {
            return kinds.contains(kind);
        }

        static Shelf of(String kind) {
            for (Shelf shelf : values()) {
                if (shelf.holds(kind)) {
                    return shelf;
                }
            }
            throw new IllegalArgumentException("the catalog keeps no " + kind);
        }
    }
}
