package dev.countersign.clusters;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditLog;
import dev.countersign.demo.cluster.EmbeddedCluster;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.SecretBox;
import dev.countersign.tenancy.Tenants;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.transaction.PlatformTransactionManager;

/// The portal in a pod: its own service account, from a mount made as Kubernetes makes it.
@PortalTest
class InClusterTests {
    private static final Actor ADMIN = Actor.system("test");

    @TempDir
    Path mount;

    @Autowired
    Fixtures fixtures;

    @Autowired
    Tenants tenants;

    @Autowired
    ClusterStore store;

    @Autowired
    SecretBox secrets;

    @Autowired
    AuditLog audit;

    @Autowired
    ApplicationEventPublisher events;

    @Autowired
    PlatformTransactionManager transactions;

    private EmbeddedCluster cluster;

    @BeforeEach
    void start() throws IOException {
        cluster = ShopFixture.start();
        Files.writeString(mount.resolve("token"), cluster.token("portal") + "\n");
        Files.writeString(mount.resolve("ca.crt"), kubeconfig().certificateAuthority().orElseThrow());
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private Kubeconfig kubeconfig() {
        return ((Kubeconfig.Reading.Read) Kubeconfig.read(cluster.kubeconfig("portal"))).kubeconfig();
    }

    private ClusterRegistry registry(boolean allowed) {
        PodIdentity pod = new PodIdentity(allowed, mount, kubeconfig().server().toString());
        return new ClusterRegistry(store, new Connections(secrets, pod, 50), audit, events, transactions, pod);
    }

    private static Registration register(ClusterRegistry registry) {
        return registry.register(ADMIN, new RegistrationForm("own", Optional.empty(), List.of("production"), RegistrationForm.TRUST_DOMAIN, List.of(),
                RegistrationForm.ROOT_NAMESPACE, RegistrationForm.PathRule.BASE));
    }

    @Test
    void theTokenIsReadAtEachUseBecauseKubernetesRenewsIt() {
        CurrentTenant.run(fixtures.tenant().tenant().id(), () -> {
            ClusterRegistry registry = registry(true);
            Registration outcome = register(registry);
            assertThat(outcome).isInstanceOf(Registration.Registered.class);
            ClusterRef own = ((Registration.Registered) outcome).cluster();
            try (ClusterConnection connection = tenants.inTenant(CurrentTenant.require(), () -> registry.connection(own.id())).orElseThrow()) {
                assertThat(connection.read(ApiResource.NAMESPACES, "", "production")).isInstanceOf(ReadOutcome.Found.class);
                write("no token of this cluster");
                assertThat(connection.read(ApiResource.NAMESPACES, "", "production")).isInstanceOf(ClusterTrouble.Forbidden.class);
                write(cluster.token("portal"));
                assertThat(connection.read(ApiResource.NAMESPACES, "", "production")).isInstanceOf(ReadOutcome.Found.class);
            }
            tenants.doInTenant(CurrentTenant.require(), () -> registry.retire(ADMIN, own.id(), "over"));
        });
    }

    @Test
    void withoutLeaveOfTheConfigurationAKubeconfigIsAskedFor() {
        CurrentTenant.run(fixtures.tenant().tenant().id(), () ->
            assertThat(((Registration.Refused) register(registry(false))).problems().toString()).contains("Paste a kubeconfig", "countersign.clusters.in-cluster"));
    }

    @Test
    void outsideAClusterTheMountIsMissing() throws IOException {
        Files.delete(mount.resolve("token"));
        CurrentTenant.run(fixtures.tenant().tenant().id(), () ->
            assertThat(((Registration.Refused) register(registry(true))).problems().toString()).contains("does not run in a cluster"));
    }

    private void write(String token) {
        try {
            Files.writeString(mount.resolve("token"), token);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
