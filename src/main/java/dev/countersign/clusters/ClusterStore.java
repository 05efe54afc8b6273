package dev.countersign.clusters;

import dev.countersign.tenancy.CurrentTenant;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// The rows of the clusters of the current tenant. Runs in the caller's transaction.
@Repository
class ClusterStore {
    private final JdbcClient jdbc;

    ClusterStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// What a connection is built from; `credential` is sealed; `uid`: of the cluster that was registered.
    record Row(ClusterRef ref, String apiServer, Optional<String> authority, String kind, byte[] credential, long version, String uid) {}

    record New(ClusterRef ref, String apiServer, Optional<String> authority, String kind, byte[] credential, RegistrationForm form,
            ClusterProbe.Report report, String by) {}

    /// False where the name is taken.
    boolean insert(New cluster) {
        return jdbc.sql("""
                        insert into cluster (tenant_id, id, name, api_server, certificate_authority, credential_kind, credential, trust_domain,
                                             trust_domain_aliases, root_namespace, path_normalization, kubernetes_version, istio_version, cluster_uid, registered_by)
                        values (:tenant, :id, :name, :server, :authority, :kind, :credential, :trust, :aliases, :root, :path, :kubernetes, :istio, :uid, :by)
                        on conflict do nothing""")
                .param("tenant", tenant())
                .param("id", cluster.ref().id())
                .param("name", cluster.ref().name())
                .param("server", cluster.apiServer())
                .param("authority", cluster.authority().orElse(null))
                .param("kind", cluster.kind())
                .param("credential", cluster.credential())
                .param("trust", cluster.form().trustDomain())
                .param("aliases", cluster.form().trustDomainAliases().toArray(String[]::new))
                .param("root", cluster.form().rootNamespace())
                .param("path", cluster.form().pathNormalization().name())
                .param("kubernetes", cluster.report().kubernetesVersion())
                .param("istio", cluster.report().istioVersion().orElse(null))
                .param("uid", cluster.report().uid())
                .param("by", cluster.by())
                .update() == 1;
    }

    void rotate(UUID id, String apiServer, Optional<String> authority, String kind, byte[] credential, ClusterProbe.Report report) {
        jdbc.sql("""
                        update cluster
                        set api_server = :server, certificate_authority = :authority, credential_kind = :kind, credential = :credential,
                            credential_version = credential_version + 1, kubernetes_version = :kubernetes,
                            istio_version = coalesce(:istio, istio_version)
                        where tenant_id = :tenant and id = :id""")
                .param("tenant", tenant())
                .param("id", id)
                .param("server", apiServer)
                .param("authority", authority.orElse(null))
                .param("kind", kind)
                .param("credential", credential)
                .param("kubernetes", report.kubernetesVersion())
                .param("istio", report.istioVersion().orElse(null))
                .update();
    }

    void changeTrustDomainAliases(UUID id, List<String> aliases) {
        jdbc.sql("update cluster set trust_domain_aliases = :aliases where tenant_id = :tenant and id = :id")
                .param("tenant", tenant())
                .param("id", id)
                .param("aliases", aliases.toArray(String[]::new))
                .update();
    }

    /// The namespaces among these that now belong to the cluster; the others are taken, here or by another tenant.
    List<String> claim(UUID id, String clusterUid, List<String> namespaces) {
        return jdbc.sql("""
                        insert into cluster_namespace (tenant_id, cluster_id, namespace, cluster_uid)
                        select :tenant, :id, name, :uid from unnest(:names) as name
                        on conflict do nothing
                        returning namespace""")
                .param("tenant", tenant())
                .param("id", id)
                .param("uid", clusterUid)
                .param("names", namespaces.toArray(String[]::new))
                .query(String.class)
                .list();
    }

    void release(UUID id, List<String> namespaces) {
        jdbc.sql("delete from cluster_namespace where tenant_id = :tenant and cluster_id = :id and namespace = any(:names)")
                .param("tenant", tenant())
                .param("id", id)
                .param("names", namespaces.toArray(String[]::new))
                .update();
    }

    boolean retire(UUID id, String by, String reason) {
        return jdbc.sql("""
                        insert into cluster_retirement (tenant_id, cluster_id, by, reason)
                        select tenant_id, id, :by, :reason from cluster where tenant_id = :tenant and id = :id
                        on conflict do nothing""")
                .param("tenant", tenant())
                .param("id", id)
                .param("by", by)
                .param("reason", reason)
                .update() == 1;
    }

    /// Empty for an unknown cluster and for a retired one.
    Optional<Row> row(UUID id) {
        return rows(List.of(id)).stream().findFirst();
    }

    /// Those of these clusters that are known and not retired.
    List<Row> rows(Collection<UUID> ids) {
        return jdbc.sql("""
                        select c.id, c.name, c.api_server, c.certificate_authority, c.credential_kind, c.credential, c.credential_version, c.cluster_uid
                        from cluster c
                        where c.tenant_id = :tenant
                          and c.id = any (:ids)
                          and not exists (select from cluster_retirement r where r.tenant_id = c.tenant_id and r.cluster_id = c.id)""")
                .param("tenant", tenant())
                .param("ids", ids.toArray(UUID[]::new))
                .query((row, number) -> new Row(new ClusterRef(row.getObject("id", UUID.class), row.getString("name")),
                        row.getString("api_server"), Optional.ofNullable(row.getString("certificate_authority")),
                        row.getString("credential_kind"), row.getBytes("credential"), row.getLong("credential_version"), row.getString("cluster_uid")))
                .list();
    }

    /// Serialises changes of one cluster.
    void lock(UUID id) {
        jdbc.sql("select 1 from cluster where tenant_id = ? and id = ? for update").params(tenant(), id).query().listOfRows();
    }

    /// Retired ones last. `name` and `id` narrow where given.
    List<ClusterView> views(Optional<String> name, Optional<UUID> id) {
        return jdbc.sql("""
                        select c.id, c.name, c.api_server, c.credential_kind, c.trust_domain, c.trust_domain_aliases, c.root_namespace, c.kubernetes_version,
                               c.istio_version, c.path_normalization, c.cluster_uid, c.registered_at, c.registered_by,
                               array(select n.namespace from cluster_namespace n
                                     where n.tenant_id = c.tenant_id and n.cluster_id = c.id order by n.namespace) as namespaces,
                               r.at as retired_at, r.by as retired_by, r.reason as retired_reason,
                               s.last_ok_at, s.failing_since, s.last_error
                        from cluster c
                        left join cluster_retirement r on r.tenant_id = c.tenant_id and r.cluster_id = c.id
                        left join cluster_state s on s.tenant_id = c.tenant_id and s.cluster_id = c.id
                        where c.tenant_id = :tenant
                          and (:name::text is null or c.name = :name::text)
                          and (:id::uuid is null or c.id = :id::uuid)
                        order by r.at is not null, c.name""")
                .param("tenant", tenant())
                .param("name", name.orElse(null))
                .param("id", id.orElse(null))
                .query(ClusterStore::view)
                .list();
    }

    void answered(UUID id) {
        jdbc.sql("""
                        insert into cluster_state as s (tenant_id, cluster_id, last_ok_at) values (:tenant, :id, now())
                        on conflict (tenant_id, cluster_id) do update set last_ok_at = now(), failing_since = null, last_error = null
                        where s.failing_since is not null or s.last_ok_at is null or s.last_ok_at < now() - interval '15 seconds'""")
                .param("tenant", tenant())
                .param("id", id)
                .update();
    }

    void failed(UUID id, String words) {
        jdbc.sql("""
                        insert into cluster_state as s (tenant_id, cluster_id, failing_since, last_error) values (:tenant, :id, now(), :words)
                        on conflict (tenant_id, cluster_id) do update
                        set failing_since = coalesce(s.failing_since, now()), last_error = excluded.last_error
                        where s.last_error is distinct from excluded.last_error""")
                .param("tenant", tenant())
                .param("id", id)
                .param("words", words)
                .update();
    }

    private static ClusterView view(ResultSet row, int number) throws SQLException {
        Optional<ClusterView.Retirement> retirement = time(row, "retired_at").isEmpty()
                ? Optional.empty()
                : Optional.of(new ClusterView.Retirement(
                        time(row, "retired_at").get(), row.getString("retired_by"), row.getString("retired_reason")));
        return new ClusterView(row.getObject("id", UUID.class), row.getString("name"), row.getString("api_server"),
                switch (row.getString("credential_kind")) {
                    case "TOKEN" -> "token";
                    case "CERTIFICATE" -> "client certificate";
                    default -> "in-cluster";
                },
                row.getString("trust_domain"), strings(row, "trust_domain_aliases"), row.getString("root_namespace"), row.getString("kubernetes_version"),
                Optional.ofNullable(row.getString("istio_version")), row.getString("path_normalization"), row.getString("cluster_uid"),
                strings(row, "namespaces"), time(row, "registered_at").orElseThrow(),
                row.getString("registered_by"), retirement,
                new ClusterView.State(time(row, "last_ok_at"), time(row, "failing_since"), Optional.ofNullable(row.getString("last_error"))));
    }

    private static List<String> strings(ResultSet row, String column) throws SQLException {
        return List.of((String[]) row.getArray(column).getArray());
    }

    private static Optional<Instant> time(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }

    private static UUID tenant() {
        return CurrentTenant.require().value();
    }
}
