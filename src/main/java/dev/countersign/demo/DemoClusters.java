package dev.countersign.demo;

import dev.countersign.demo.cluster.ClusterOptions;
import dev.countersign.demo.cluster.ClusterUser;
import dev.countersign.demo.cluster.DemoShop;
import dev.countersign.demo.cluster.EmbeddedCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/// The demo's cluster: one embedded API server that both tenants share, each with credentials for its own namespaces.
/// It is up before anything of the portal reaches for it, and keeps its objects, keys and port under `data/demo/cluster`.
@Configuration(proxyBeanMethods = false)
@Profile("demo")
class DemoClusters {
    static final String ADMINISTRATOR = "admin";

    @Bean(destroyMethod = "close")
    EmbeddedCluster demoCluster(@Value("${countersign.data-directory}") Path data) {
        Path folder = data.resolve("demo");
        ClusterOptions options = ClusterOptions.defaults().named("demo").keptIn(folder.resolve("cluster"));
        for (DemoPeople.DemoTenant tenant : DemoPeople.TENANTS) {
            options = options.withUser(portalOf(tenant));
        }
        EmbeddedCluster cluster = EmbeddedCluster.start(options);
        DemoShop.acme().openIn(cluster);
        DemoShop.leaveOldThingsIn(cluster);
        DemoShop.globex().openIn(cluster);
        try {
            PrivateFiles.write(folder.resolve("kubeconfig"), cluster.kubeconfig(ADMINISTRATOR));
        } catch (IOException e) {
            throw new UncheckedIOException("the demo's kubeconfig cannot be written", e);
        }
        return cluster;
    }

    /// The name of the account that the portal uses for the tenant.
    static String portalAccount(String tenantSlug) {
        return "countersign-" + tenantSlug;
    }

    /// No more than the portal needs: it reads the tenant's namespaces, and writes AuthorizationPolicies there.
    private static ClusterUser portalOf(DemoPeople.DemoTenant tenant) {
        String namespaces = String.join(" ", namespaces(tenant));
        return ClusterUser.named(portalAccount(tenant.slug()))
                .may("get list watch", "namespaces", "*")
                .may("get list watch",
                        "pods services serviceaccounts deployments.apps statefulsets.apps daemonsets.apps peerauthentications.security.istio.io", namespaces)
                .may("get list watch create update patch delete", "authorizationpolicies.security.istio.io", namespaces)
                .may("get list watch", "authorizationpolicies.security.istio.io peerauthentications.security.istio.io", "istio-system");
    }

    static List<String> namespaces(DemoPeople.DemoTenant tenant) {
        return tenant.slug().equals("acme") ? DemoShop.acme().namespaces() : DemoShop.globex().namespaces();
    }
}
