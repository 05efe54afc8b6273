package dev.countersign.catalog;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.PeerAuthentication;
import dev.countersign.policy.model.Tree;
import dev.countersign.policy.yaml.Decoding;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.tenancy.CurrentTenant;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import tools.jackson.databind.json.JsonMapper;

/// Reads the policies of clusters as they were seen last, in the caller's transaction and tenant.
@Repository
class PolicyRows {
    private static final String ROW = """
            select p.cluster_id, p.namespace, p.name, p.uid, p.version, p.tree, p.managers
            from catalog_policy p
            """;

    /// Those of the namespace, or of all the tenant's, and those of the root namespace, which concern everyone.
    private static final String POLICIES = ROW + """
            join cluster c on c.tenant_id = p.tenant_id and c.id = p.cluster_id
            where p.tenant_id = :tenant
              and p.cluster_id = :cluster
              and p.kind = :kind
              and (:namespace::text is null or p.namespace in (:namespace::text, c.root_namespace))
              and exists (select from cluster_namespace n
                          where n.tenant_id = p.tenant_id and n.cluster_id = p.cluster_id
                            and (n.namespace = p.namespace or p.namespace = c.root_namespace)
                            and (:namespace::text is null or n.namespace = :namespace::text))
            order by p.namespace, p.name""";

    private final JdbcClient jdbc;
    private final JsonMapper json = JsonMapper.builder().build();

    /// By the text, so that nothing has to be told when it changes. Every look at a namespace reads all of its policies, and reading one
    /// takes 10 to 20 us. What was read takes ten bytes for each character: a tenth of the heap at most.
    private final Cache<String, Read> read = Caffeine.newBuilder()
            .maximumWeight(Runtime.getRuntime().maxMemory() / 100)
            .weigher((String text, Read _) -> text.length())
            .executor(Runnable::run)
            .build();

    /// What a text says, whoever's it is.
    private record Read(Map<String, Object> tree, Optional<AuthorizationPolicy> policy, Optional<String> problem) {}

    PolicyRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    List<LivePolicy> all(UUID cluster, Optional<String> namespace) {
        return jdbc.sql(POLICIES)
                .param("tenant", tenant())
                .param("cluster", cluster)
                .param("kind", "AuthorizationPolicy")
                .param("namespace", namespace.orElse(null))
                .query(this::policy)
                .list();
    }

    /// Empty too where the namespace is none of the tenant's.
    Optional<LivePolicy> one(UUID cluster, String namespace, String name) {
        return jdbc.sql(ROW + """
                        where (p.tenant_id, p.cluster_id, p.kind, p.namespace, p.name) = (:tenant, :cluster, 'AuthorizationPolicy', :namespace, :name)
                          and exists (select from cluster_namespace n
                                      where (n.tenant_id, n.cluster_id, n.namespace) = (p.tenant_id, p.cluster_id, p.namespace))""")
                .param("tenant", tenant())
                .param("cluster", cluster)
                .param("namespace", namespace)
                .param("name", name)
                .query(this::policy)
                .optional();
    }

    List<PolicyVersion> versions(UUID cluster) {
        return jdbc.sql("""
                        select p.namespace, p.name, p.uid, p.version as resource_version
                        from catalog_policy p
                        join cluster_namespace n on (n.tenant_id, n.cluster_id, n.namespace) = (p.tenant_id, p.cluster_id, p.namespace)
                        where p.tenant_id = :tenant
                          and p.cluster_id = :cluster
                          and p.kind = 'AuthorizationPolicy'""")
                .param("tenant", tenant())
                .param("cluster", cluster)
                .query(PolicyVersion.class)
                .list();
    }

    List<PeerAuthentication> peerAuthentications(UUID cluster, String namespace) {
        return jdbc.sql(POLICIES)
                .param("tenant", tenant())
                .param("cluster", cluster)
                .param("kind", "PeerAuthentication")
                .param("namespace", namespace)
                .query((row, number) -> PolicyReader.peerAuthentication(tree(row.getString("tree"))))
                .list()
                .stream()
                .flatMap(Optional::stream)
                .toList();
    }

    private LivePolicy policy(ResultSet row, int number) throws SQLException {
        Read read = this.read.get(row.getString("tree"), this::read);
        return new LivePolicy(row.getObject("cluster_id", UUID.class), row.getString("namespace"), row.getString("name"), row.getString("uid"),
                row.getString("version"), read.tree, read.policy, read.problem, Arrays.asList((String[]) row.getArray("managers").getArray()));
    }

    private Read read(String text) {
        Map<String, Object> tree = tree(text);
        Decoding decoding = PolicyReader.decode(tree);
        Optional<String> problem = switch (decoding) {
            case Decoding.Understood _ -> Optional.empty();
            case Decoding.Malformed malformed -> Optional.of(malformed.problems().stream()
                    .map(remark -> remark.path() + ": " + remark.message())
                    .collect(Collectors.joining("; ")));
            case Decoding.OtherKind _ -> Optional.of("this is not an AuthorizationPolicy of a version that Istio serves");
        };
        return new Read(tree, decoding.as(AuthorizationPolicy.class), problem);
    }

    private Map<String, Object> tree(String text) {
        return Tree.copyOf((Map<?, ?>) json.readValue(text, Object.class));
    }

    private static UUID tenant() {
        return CurrentTenant.require().value();
    }
}
