package dev.countersign.catalog;

import dev.countersign.clusters.ClusterRef;
import dev.countersign.identity.TeamName;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.PeerAuthentication;
import dev.countersign.policy.model.TrustDomains;
import dev.countersign.tenancy.CurrentTenant;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// The catalog from its tables. A cluster that was retired is as if it did not exist.
@Service
@Transactional(readOnly = true)
class PostgresCatalog implements MeshCatalog {
    private static final int MAX_FOUND = 100;
    private static final int MAX_WORDS = 6;
    private static final String IN_USE =
            " and not exists (select from cluster_retirement r where r.tenant_id = c.tenant_id and r.cluster_id = c.id)";

    private final JdbcClient jdbc;
    private final WorkloadRows workloads;
    private final PolicyRows policies;

    PostgresCatalog(JdbcClient jdbc, WorkloadRows workloads, PolicyRows policies) {
        this.jdbc = jdbc;
        this.workloads = workloads;
        this.policies = policies;
    }

    @Override
    public List<ClusterRef> clusters() {
        return jdbc.sql("select c.id, c.name from cluster c where c.tenant_id = ?" + IN_USE + " order by c.name")
                .param(tenant())
                .query(ClusterRef.class)
                .list();
    }

    @Override
    public Optional<ClusterRef> cluster(String name) {
        return jdbc.sql("select c.id, c.name from cluster c where c.tenant_id = ? and c.name = ?" + IN_USE)
                .params(tenant(), name)
                .query(ClusterRef.class)
                .optional();
    }

    @Override
    public List<ClusterMesh> meshes(List<String> names) {
        return jdbc.sql("""
                        select c.id,
                               c.name,
                               c.root_namespace,
                               c.trust_domain,
                               c.trust_domain_aliases,
                               c.istio_version,
                               array(select n.namespace
                                     from cluster_namespace n
                                     where n.tenant_id = c.tenant_id
                                       and n.cluster_id = c.id
                                     order by n.namespace) as namespaces
                        from cluster c
                        where c.tenant_id = :tenant
                          and c.name = any (:names)""" + IN_USE)
                .param("tenant", tenant())
                .param("names", names.toArray(String[]::new))
                .query((row, number) -> new ClusterMesh(new ClusterRef(row.getObject("id", UUID.class), row.getString("name")), settings(row),
                        Optional.ofNullable(row.getString("istio_version")), List.of((String[]) row.getArray("namespaces").getArray())))
                .list();
    }

    private static MeshSettings settings(ResultSet row) throws SQLException {
        return new MeshSettings(row.getString("root_namespace"),
                new TrustDomains(row.getString("trust_domain"), List.of((String[]) row.getArray("trust_domain_aliases").getArray())));
    }

    @Override
    public MeshSettings mesh(UUID cluster) {
        return jdbc.sql("select root_namespace, trust_domain, trust_domain_aliases from cluster where tenant_id = ? and id = ?")
                .params(tenant(), cluster)
                .query((row, number) -> settings(row))
                .optional()
                .orElseThrow(() -> new IllegalArgumentException("the tenant has no cluster " + cluster));
    }

    @Override
    public List<String> namespaces(UUID cluster) {
        return jdbc.sql("select namespace from cluster_namespace where tenant_id = ? and cluster_id = ? order by namespace")
                .params(tenant(), cluster)
                .query(String.class)
                .list();
    }

    @Override
    public Optional<CatalogWorkload> workload(WorkloadKey key) {
        return workloads.query(jdbc.sql(WorkloadRows.SELECT + WorkloadRows.FROM
                                + " and w.cluster_id = :cluster and w.namespace = :namespace and w.name = :name order by w.kind limit 1")
                        .param("cluster", key.cluster())
                        .param("namespace", key.namespace())
                        .param("name", key.name()))
                .stream()
                .findFirst();
    }

    @Override
    public List<CatalogWorkload> workloads(UUID cluster, String namespace) {
        return workloads.query(jdbc.sql(WorkloadRows.SELECT + WorkloadRows.FROM
                        + " and w.cluster_id = :cluster and w.namespace = :namespace order by w.name, w.kind")
                .param("cluster", cluster)
                .param("namespace", namespace));
    }

    @Override
    public List<Resident> residents(UUID cluster, List<String> namespaces, int most) {
        return jdbc.sql("""
                        select w.namespace,
                               w.name,
                               w.service_account
                        from unnest(:namespaces::text[]) with ordinality as s (namespace, place)
                        join cluster_namespace n on n.tenant_id = :tenant and n.cluster_id = :cluster and n.namespace = s.namespace
                        cross join lateral (select l.namespace, l.name, l.kind, l.service_account
                                            from catalog_workload l
                                            where l.tenant_id = n.tenant_id
                                              and l.cluster_id = n.cluster_id
                                              and l.namespace = n.namespace
                                            order by l.name, l.kind
                                            limit :most) w
                        order by s.place, w.name, w.kind""")
                .param("tenant", tenant())
                .param("cluster", cluster)
                .param("namespaces", namespaces.toArray(String[]::new))
                .param("most", most)
                .query((row, number) -> new Resident(new WorkloadKey(cluster, row.getString("namespace"), row.getString("name")), row.getString("service_account")))
                .list();
    }

    @Override
    public List<CatalogWorkload> runningAs(UUID cluster, String namespace, String serviceAccount) {
        return workloads.query(jdbc.sql(WorkloadRows.SELECT + WorkloadRows.FROM
                        + " and w.cluster_id = :cluster and w.namespace = :namespace and w.service_account = :account order by w.name, w.kind")
                .param("cluster", cluster)
                .param("namespace", namespace)
                .param("account", serviceAccount));
    }

    private static final String CALLING = """
            select w.cluster_id, w.namespace, w.name, w.service_account, w.membership, t.id as team_id, t.slug as team_slug, t.name as team_name""";

    @Override
    public Optional<List<CallingWorkload>> callers(UUID cluster, String namespace, String serviceAccount) {
        record Found(CallingWorkload workload, boolean accountExists) {}
        List<Found> found = jdbc.sql(CALLING + """
                        ,
                               exists (select from catalog_object a
                                       where a.tenant_id = w.tenant_id and a.cluster_id = w.cluster_id and a.kind = 'ServiceAccount'
                                         and a.namespace = w.namespace and a.name = w.service_account) as account_exists
                        """ + WorkloadRows.FROM + " and w.cluster_id = :cluster and w.namespace = :namespace and w.service_account = :account order by w.name, w.kind")
                .param("tenant", tenant())
                .param("cluster", cluster)
                .param("namespace", namespace)
                .param("account", serviceAccount)
                .query((row, number) -> new Found(calling(row), row.getBoolean("account_exists")))
                .list();
        // A workload may name an account that is not there, and an account may be there that no workload names.
        boolean exists = found.isEmpty() ? serviceAccountExists(cluster, namespace, serviceAccount) : found.getFirst().accountExists();
        return exists ? Optional.of(found.stream().map(Found::workload).toList()) : Optional.empty();
    }

    @Override
    public List<CallingWorkload> callers(UUID cluster, List<String> namespaces) {
        return jdbc.sql(CALLING + "\n" + WorkloadRows.FROM
                        + " and w.cluster_id = :cluster and w.namespace = any (:namespaces) order by array_position(:namespaces::text[], w.namespace), w.name, w.kind")
                .param("tenant", tenant())
                .param("cluster", cluster)
                .param("namespaces", namespaces.toArray(String[]::new))
                .query((row, number) -> calling(row))
                .list();
    }

    private static CallingWorkload calling(ResultSet row) throws SQLException {
        return new CallingWorkload(new WorkloadKey(row.getObject("cluster_id", UUID.class), row.getString("namespace"), row.getString("name")),
                row.getString("service_account"), CatalogWorkload.Membership.valueOf(row.getString("membership")), WorkloadRows.owner(row));
    }

    @Override
    public boolean serviceAccountExists(UUID cluster, String namespace, String serviceAccount) {
        return jdbc.sql("""
                        select exists (select from catalog_object o
                                       join cluster_namespace n on n.tenant_id = o.tenant_id and n.cluster_id = o.cluster_id
                                                                   and n.namespace = o.namespace
                                       where o.tenant_id = :tenant and o.cluster_id = :cluster and o.kind = 'ServiceAccount'
                                         and o.namespace = :namespace and o.name = :name)""")
                .param("tenant", tenant())
                .param("cluster", cluster)
                .param("namespace", namespace)
                .param("name", serviceAccount)
                .query(Boolean.class)
                .single();
    }

    @Override
    public List<CatalogWorkload> search(String text, Optional<String> cluster, Optional<String> namespace, int limit) {
        String[] words = words(text);
        // Every word must be in the names, or nearly; a word that begins the workload's own name counts most.
        return workloads.query(jdbc.sql(WorkloadRows.SELECT + WorkloadRows.FROM + """
                          and (:cluster::text is null or c.name = :cluster::text)
                          and (:namespace::text is null or w.namespace = :namespace::text)
                          and not exists (
                                select from unnest(:words::text[]) as word,
                                            lower(concat_ws(' ', w.name, w.namespace, c.name, t.slug, t.name)) as names
                                where position(word in names) = 0 and word_similarity(word, names) < 0.4)
                        order by (select coalesce(sum(case when w.name = word then 8
                                                           when starts_with(w.name, word) then 4
                                                           when position(word in w.name) > 0 then 2
                                                           else 0 end
                                                      + word_similarity(word, w.name)), 0)
                                  from unnest(:words::text[]) as word) desc,
                                 w.name, w.namespace, c.name, w.kind
                        limit :limit""")
                .param("cluster", cluster.map(StorableText::of).orElse(null))
                .param("namespace", namespace.map(StorableText::of).orElse(null))
                .param("words", words)
                .param("limit", Math.clamp(limit, 0, MAX_FOUND)));
    }

    static String[] words(String text) {
        return Arrays.stream(text.substring(0, Math.min(text.length(), 400)).toLowerCase(Locale.ROOT).split("[\\s/,]+"))
                .map(StorableText::of)
                .filter(word -> !word.isEmpty())
                .limit(MAX_WORDS)
                .map(word -> word.substring(0, Math.min(63, word.length())))
                .toArray(String[]::new);
    }

    @Override
    public List<LivePolicy> policies(UUID cluster, String namespace) {
        return policies.all(cluster, Optional.of(namespace));
    }

    @Override
    public List<LivePolicy> policies(UUID cluster) {
        return policies.all(cluster, Optional.empty());
    }

    @Override
    public Optional<LivePolicy> policy(UUID cluster, String namespace, String name) {
        return policies.one(cluster, namespace, name);
    }

    @Override
    public List<PolicyVersion> policyVersions(UUID cluster) {
        return policies.versions(cluster);
    }

    @Override
    public List<PeerAuthentication> peerAuthentications(UUID cluster, String namespace) {
        return policies.peerAuthentications(cluster, namespace);
    }

    @Override
    public List<TeamName> owners(List<WorkloadKey> keys) {
        return jdbc.sql("""
                        select distinct t.id, t.slug, t.name
                        from unnest(:clusters::uuid[], :namespaces::text[], :names::text[]) as k (cluster_id, namespace, name)
                        left join workload_owner o on o.tenant_id = :tenant and o.cluster_id = k.cluster_id and o.namespace = k.namespace
                                                      and o.workload = k.name
                        left join workload_owner d on d.tenant_id = :tenant and d.cluster_id = k.cluster_id and d.namespace = k.namespace
                                                      and d.workload = ''
                        join team t on t.tenant_id = :tenant and t.id = coalesce(o.team_id, d.team_id)
                        order by t.slug""")
                .param("tenant", tenant())
                .param("clusters", keys.stream().map(WorkloadKey::cluster).toArray(UUID[]::new))
                .param("namespaces", keys.stream().map(WorkloadKey::namespace).toArray(String[]::new))
                .param("names", keys.stream().map(WorkloadKey::name).toArray(String[]::new))
                .query(TeamName.class)
                .list();
    }

    private static UUID tenant() {
        return CurrentTenant.require().value();
    }
}
