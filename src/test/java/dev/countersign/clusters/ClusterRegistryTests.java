package dev.countersign.clusters;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditReader;
import dev.countersign.audit.Subject;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.demo.cluster.ClusterUser;
import dev.countersign.demo.cluster.EmbeddedCluster;
import dev.countersign.policy.model.TrustDomains;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

@PortalTest
class ClusterRegistryTests {
    private static final Actor ADMIN = Actor.system("test");

    @Autowired
    Fixtures fixtures;

    @Autowired
    ClusterRegistry registry;

    @Autowired
    AuditReader record;

    @Autowired
    MeshCatalog catalog;

    @Autowired
    Tenants tenants;

    @Autowired
    JdbcClient jdbc;

    private EmbeddedCluster cluster;
    private Fixtures.TestTenant tenant;

    @BeforeEach
    void start() {
        cluster = ShopFixture.start();
        tenant = fixtures.tenant();
    }

    @AfterEach
    void stop() {
        as(tenant, () -> {
            registry.list().forEach(view -> registry.retire(ADMIN, view.id(), "over"));
            return true;
        });
        cluster.close();
    }

    private static <T> T as(Fixtures.TestTenant tenant, Supplier<T> work) {
        return CurrentTenant.call(tenant.tenant().id(), work::get);
    }

    private Registration register(String name, String user, String... namespaces) {
        return as(tenant, () -> registry.register(ADMIN, RegistrationForm.of(name, cluster.kubeconfig(user), List.of(namespaces))));
    }

    private static String reasons(Registration outcome) {
        assertThat(outcome).isInstanceOf(Registration.Refused.class);
        return ((Registration.Refused) outcome).problems().toString();
    }

    private static UUID id(Registration outcome) {
        assertThat(outcome).isInstanceOf(Registration.Registered.class);
        return ((Registration.Registered) outcome).cluster().id();
    }

    @Test
    void aClusterIsRegisteredWithWhatWasSeenOfIt() {
        Registration outcome = register("demo", "portal", "production", "staging");
        assertThat(((Registration.Registered) outcome).warnings()).isEmpty();
        ClusterView view = as(tenant, () -> registry.find("demo")).orElseThrow();
        assertThat(view.namespaces()).containsExactly("production", "staging");
        assertThat(view.kubernetesVersion()).startsWith("v1.");
        assertThat(view.uid()).hasSize(36);
        assertThat(view.trustDomain()).isEqualTo("cluster.local");
        assertThat(view.state().reachable()).isTrue();
        assertThat(as(tenant, () -> registry.connection(view.id())).orElseThrow().read(ApiResource.NAMESPACES, "", "production"))
                .isInstanceOf(ReadOutcome.Found.class);
    }

    /// What the mesh's configuration says of identities, as far as an administrator tells it.
    @Test
    void trustDomainAliasesAreKeptAndCanBeChanged() {
        RegistrationForm given = new RegistrationForm("demo", Optional.of(cluster.kubeconfig("portal")), List.of("production"), "acme.example",
                List.of(" old.example", "acme.example", "older.example", "old.example"), "istio-system", RegistrationForm.PathRule.BASE);
        UUID id = id(as(tenant, () -> registry.register(ADMIN, given)));
        assertThat(as(tenant, () -> registry.find("demo")).orElseThrow().trustDomainAliases()).containsExactly("old.example", "older.example");
        assertThat(tenants.inTenant(tenant.tenant().id(), () -> catalog.mesh(id)).trustDomains()).isEqualTo(new TrustDomains("acme.example", List.of("old.example", "older.example")));

        id(as(tenant, () -> registry.changeTrustDomainAliases(ADMIN, id, List.of("cluster.local"))));
        id(as(tenant, () -> registry.changeTrustDomainAliases(ADMIN, id, List.of("cluster.local", ""))));
        assertThat(tenants.inTenant(tenant.tenant().id(), () -> catalog.mesh(id)).trustDomains().aliases()).containsExactly("cluster.local");
        assertThat(tenants.inTenant(tenant.tenant().id(), () -> record.of(new Subject("cluster", "demo"))).stream().map(AuditReader.Line::kind))
                .containsOnlyOnce("cluster.trust-domain-aliases-changed");

        assertThat(reasons(as(tenant, () -> registry.changeTrustDomainAliases(ADMIN, id, List.of("not a domain"))))).contains("not a domain is not a trust domain");
        assertThat(reasons(as(tenant, () -> registry.changeTrustDomainAliases(ADMIN, id, IntStream.range(0, 21).mapToObj(i -> "a" + i).toList())))).contains("at most 20");
        assertThat(reasons(as(fixtures.tenant(), () -> registry.changeTrustDomainAliases(ADMIN, id, List.of("mine"))))).contains("no such cluster");
        assertThat(tenants.inTenant(tenant.tenant().id(), () -> catalog.mesh(id)).trustDomains().aliases()).containsExactly("cluster.local");
    }

    @Test
    void credentialsThatMayDoEverythingAreAcceptedWithAWarning() {
        assertThat(((Registration.Registered) register("demo", "admin", "production")).warnings())
                .singleElement().asString().contains("may do everything");
    }

    @Test
    void credentialsThatDoNotSufficeAreRefusedWithTheRightsThatAreMissing() {
        cluster.user(ClusterUser.named("reader").may("get list watch", "*", "*"));
        assertThat(reasons(register("demo", "reader", "production")))
                .contains("patch authorizationpolicies.security.istio.io in namespace production")
                .doesNotContain("list pods");
    }

    @Test
    void aNamespaceThatDoesNotExistIsRefused() {
        assertThat(reasons(register("demo", "portal", "production", "nowhere"))).contains("has no namespace nowhere");
    }

    @Test
    void aWrongTokenIsRefusedInTheClustersWords() {
        String stale = cluster.kubeconfig("portal").replace(cluster.token("portal"), "wrong");
        assertThat(reasons(as(tenant, () -> registry.register(ADMIN, RegistrationForm.of("demo", stale, List.of("production"))))))
                .contains("Unauthorized").doesNotContain("wrong");
    }

    @Test
    void aServerWithAnotherAuthorityIsNotTrusted() {
        EmbeddedCluster other = ShopFixture.start();
        String mixed = cluster.kubeconfig("portal").replace(cluster.url().toString(), other.url().toString());
        assertThat(reasons(as(tenant, () -> registry.register(ADMIN, RegistrationForm.of("demo", mixed, List.of("production")))))).contains("TLS fails");
        assertThat(other.requests().total()).isZero();
        other.close();
    }

    @Test
    void theNameIsTakenOnce() {
        id(register("demo", "portal", "production"));
        assertThat(reasons(register("demo", "portal", "staging"))).contains("Choose another name");
    }

    @Test
    void aNamespaceOfAClusterBelongsToOneTenantOnly() {
        id(register("demo", "portal", "production"));
        var other = fixtures.tenant();
        Registration second = as(other, () -> registry.register(ADMIN, RegistrationForm.of("shared", cluster.kubeconfig("portal"), List.of("production", "staging"))));
        assertThat(reasons(second)).contains("production belongs to another tenant");
        assertThat(as(other, registry::list)).isEmpty();
        Registration third = as(other, () -> registry.register(ADMIN, RegistrationForm.of("shared", cluster.kubeconfig("portal"), List.of("staging"))));
        UUID id = id(third);
        assertThat(reasons(as(tenant, () -> registry.changeNamespaces(ADMIN, registry.find("demo").orElseThrow().id(), List.of("production", "staging")))))
                .contains("staging belongs to another tenant");
        assertThat(as(other, () -> registry.retire(ADMIN, id, "over"))).isTrue();
    }

    @Test
    void namespacesChangeAndAreFreeAgainAfterwards() {
        UUID id = id(register("demo", "portal", "production"));
        assertThat(as(tenant, () -> registry.changeNamespaces(ADMIN, id, List.of("staging")))).isInstanceOf(Registration.Registered.class);
        assertThat(as(tenant, () -> registry.find(id)).orElseThrow().namespaces()).containsExactly("staging");
        id(register("again", "portal", "production"));
    }

    @Test
    void renewedCredentialsAreUsedAtOnceAndOnlyOnTheSameCluster() {
        UUID id = id(register("demo", "portal", "production"));
        ClusterConnection before = as(tenant, () -> registry.connection(id)).orElseThrow();
        assertThat(as(tenant, () -> registry.rotateCredentials(ADMIN, id, cluster.kubeconfig("admin")))).isInstanceOf(Registration.Registered.class);
        ClusterConnection after = as(tenant, () -> registry.connection(id)).orElseThrow();
        assertThat(after).isNotSameAs(before);
        after.read(ApiResource.NAMESPACES, "", "production");
        assertThat(cluster.requests().entries().getLast().user()).isEqualTo("admin");
        EmbeddedCluster other = ShopFixture.start();
        assertThat(reasons(as(tenant, () -> registry.rotateCredentials(ADMIN, id, other.kubeconfig("portal"))))).contains("not the registered cluster");
        other.close();
    }

    @Test
    void aRetiredClusterIsShownButNoLongerUsed() {
        UUID id = id(register("demo", "portal", "production"));
        assertThat(as(tenant, () -> registry.retire(ADMIN, id, "replaced"))).isTrue();
        assertThat(as(tenant, () -> registry.retire(ADMIN, id, "replaced"))).isFalse();
        assertThat(as(tenant, () -> registry.connection(id))).isEmpty();
        assertThat(as(tenant, () -> registry.find("demo")).orElseThrow().retirement()).map(ClusterView.Retirement::reason).contains("replaced");
    }

    @Test
    void anotherTenantSeesNothing() {
        UUID id = id(register("demo", "portal", "production"));
        var other = fixtures.tenant();
        assertThat(as(other, registry::list)).isEmpty();
        assertThat(as(other, () -> registry.find(id))).isEmpty();
        assertThat(as(other, () -> registry.connection(id))).isEmpty();
        assertThat(as(other, () -> registry.retire(ADMIN, id, "not mine"))).isFalse();
        assertThat(reasons(as(other, () -> registry.changeNamespaces(ADMIN, id, List.of("staging"))))).contains("no such cluster");
    }

    @Test
    void withoutAKubeconfigThePortalsOwnClusterIsUsedOnlyWhereConfigured() {
        var form = new RegistrationForm("own", Optional.empty(), List.of("production"), "cluster.local", List.of(), "istio-system", RegistrationForm.PathRule.BASE);
        assertThat(reasons(as(tenant, () -> registry.register(ADMIN, form)))).contains("Paste a kubeconfig");
    }

    /// S20: the token is in no table in clear, no audit entry, no view and no text of any object.
    @Test
    void theTokenIsNowhereToBeSeen() {
        String token = cluster.token("portal");
        id(register("demo", "portal", "production"));
        String everything = tenants.inTenant(tenant.tenant().id(), () -> String.join("\n", jdbc.sql("""
                        select coalesce(string_agg(t::text, ' '), '') from cluster t union all
                        select coalesce(string_agg(t::text, ' '), '') from audit_entry t union all
                        select coalesce(string_agg(t::text, ' '), '') from cluster_state t""").query(String.class).list()));
        assertThat(everything).contains("registered cluster demo").doesNotContain(token)
                .doesNotContain(java.util.HexFormat.of().formatHex(token.getBytes()));
        assertThat(as(tenant, registry::list).toString()).doesNotContain(token);
        assertThat(RegistrationForm.of("demo", cluster.kubeconfig("portal"), List.of()).toString()).doesNotContain(token);
        assertThat(Kubeconfig.read(cluster.kubeconfig("portal")).toString()).doesNotContain(token);
    }

    /// S21: a sealed credential that is moved to another row does not open.
    @Test
    void aCredentialMovedToAnotherClusterDoesNotOpen() {
        UUID one = id(register("one", "portal", "production"));
        UUID two = id(register("two", "admin", "staging"));
        tenants.doInTenant(tenant.tenant().id(), () -> jdbc.sql("""
                        update cluster set credential_version = credential_version + 1,
                                           credential = (select credential from cluster where id = ?) where id = ?""")
                .params(two, one)
                .update());
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> as(tenant, () -> registry.connection(one)))
                .hasMessageContaining("was changed or moved");
    }

    @Test
    void everyChangeIsRecorded() {
        UUID id = id(register("demo", "portal", "production"));
        as(tenant, () -> registry.changeNamespaces(ADMIN, id, List.of("staging")));
        as(tenant, () -> registry.rotateCredentials(ADMIN, id, cluster.kubeconfig("admin")));
        as(tenant, () -> registry.retire(ADMIN, id, "over"));
        assertThat(tenants.inTenant(tenant.tenant().id(), () -> jdbc.sql("select kind from audit_entry where subject_kind = 'cluster' order by seq")
                        .query(String.class).list()))
                .containsExactly("cluster.registered", "cluster.namespaces-changed", "cluster.credentials-rotated", "cluster.retired");
    }
}
