package dev.countersign.bench;

import dev.countersign.audit.Actor;
import dev.countersign.catalog.CatalogSync;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.clusters.Registration;
import dev.countersign.clusters.RegistrationForm;
import dev.countersign.demo.cluster.ClusterOptions;
import dev.countersign.demo.cluster.DemoShop;
import dev.countersign.demo.cluster.EmbeddedCluster;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.ShopFixture;
import dev.countersign.portal.TestDatabase;
import dev.countersign.tenancy.CurrentTenant;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// K6: live heap for each policy that is watched: of the portal, whose catalog is in PostgreSQL, and of an informer of fabric8 with its
/// usual settings that holds the same policies, in turns. The cluster is a process of its own, so that its heap does not count, and so is
/// each informer: what a closed one leaves is kept for minutes.
///
/// `-Dk6.policies=20000` (the target's 500,000). Last line: `K6 bytes of a policy, ratio to the informer's, verdict`.
public final class WatchMemoryBench {
    private static final boolean QUICK = Boolean.getBoolean("bench.quick");
    private static final int POLICIES = Integer.getInteger("k6.policies", QUICK ? 2_000 : 20_000);
    private static final int ROUNDS = QUICK ? 2 : 5;

    private WatchMemoryBench() {}

    /// Without arguments of its own: the bench. With `cluster`: the cluster, until its input ends. With `informer`: one informer of the cluster
    /// of its input.
    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("cluster")) {
            serve();
            return;
        }
        if (arguments[0].equals("informer")) {
            System.out.println(informer(new String(System.in.readAllBytes(), StandardCharsets.UTF_8)));
            System.exit(0);
        }
        Process cluster = process("cluster");
        try (BenchPortal portal = BenchPortal.start(Map.of("countersign.delivery.replan", "1h"));
                BufferedReader lines = new BufferedReader(new InputStreamReader(cluster.getInputStream(), StandardCharsets.UTF_8))) {
            StringBuilder kubeconfig = new StringBuilder();
            for (String line = lines.readLine(); line != null && !line.equals("---"); line = lines.readLine()) {
                kubeconfig.append(line).append('\n');
            }
            run(portal, kubeconfig.toString());
        } finally {
            cluster.destroyForcibly();
        }
        System.exit(0);
    }

    private static Process process(String what) throws Exception {
        return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx2g", "-Dk6.policies=" + POLICIES, "-cp",
                System.getProperty("java.class.path"), WatchMemoryBench.class.getName(), what).directory(new File(".")).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    private static double informerOfItsOwn(String kubeconfig) throws Exception {
        Process informer = process("informer");
        informer.getOutputStream().write(kubeconfig.getBytes(StandardCharsets.UTF_8));
        informer.getOutputStream().close();
        return Double.parseDouble(new String(informer.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
    }

    private static void serve() throws Exception {
        EmbeddedCluster cluster = EmbeddedCluster.start(ClusterOptions.defaults().named("many").withoutTls().withUser(ShopFixture.portalUser("production")));
        new DemoShop(List.of("production"), List.of(new DemoShop.Workload("order-service", Map.of("http", 8080), true))).openIn(cluster);
        List<Map<String, Object>> policies = new ArrayList<>();
        for (int i = 0; i < POLICIES; i++) {
            policies.add(JsonMapper.shared().readValue(Serialization.asJson(RawClusters.policy("policy-" + i, "/things-" + i + "/*")), new TypeReference<Map<String, Object>>() {}));
        }
        cluster.seed("helm", policies);
        System.out.println(cluster.kubeconfig("portal"));
        System.out.println("---");
        System.in.read();
        cluster.close();
    }

    private static void run(BenchPortal portal, String kubeconfig) throws Exception {
        double[] ours = new double[ROUNDS];
        double[] ratios = new double[ROUNDS];
        for (int round = -1; round < ROUNDS; round++) {
            double informer = informerOfItsOwn(kubeconfig);
            double portalOf = portal(portal, kubeconfig, round + 1);
            System.out.printf(Locale.ROOT, "round %d: %d policies: informer %.0f bytes each, portal %.0f bytes each, ratio %.3f%n", round, POLICIES, informer, portalOf, portalOf / informer);
            if (round >= 0) {
                ours[round] = portalOf;
                ratios[round] = portalOf / informer;
            }
        }
        double bytes = new Spread(ours).median();
        System.out.println("ratios: " + new Spread(ratios));
        System.out.printf(Locale.ROOT, "K6 %.0fB %.3f %s%n", bytes, new Spread(ratios).median(), bytes <= 1024 && new Spread(ratios).median() <= 0.25 ? "met" : "missed");
    }

    private static double informer(String kubeconfig) throws Exception {
        try (KubernetesClient client = RawClusters.client(kubeconfig)) {
            // One over nothing, so that classes do not count.
            client.genericKubernetesResources("security.istio.io/v1", "AuthorizationPolicy").inNamespace("production").withLabel("of", "nobody").inform().close();
            double before = heap();
            try (SharedIndexInformer<GenericKubernetesResource> informer = client.genericKubernetesResources("security.istio.io/v1", "AuthorizationPolicy").inNamespace("production").inform()) {
                if (informer.getStore().list().size() != POLICIES) {
                    throw new IllegalStateException("the informer holds " + informer.getStore().list().size());
                }
                return (heap() - before) / POLICIES;
            }
        }
    }

    /// From before the registration until all of it is in the catalog and watched.
    private static double portal(BenchPortal portal, String kubeconfig, int round) throws Exception {
        Fixtures.TestTenant tenant = portal.bean(Fixtures.class).tenant();
        double before = heap();
        ClusterRef ref = CurrentTenant.call(tenant.tenant().id(), () -> {
            ClusterRef registered = ((Registration.Registered) portal.bean(ClusterRegistry.class)
                    .register(Actor.system("bench"), RegistrationForm.of("many-" + round, kubeconfig, List.of("production")))).cluster();
            portal.bean(CatalogSync.class).syncNow(registered.id());
            return registered;
        });
        String url = portal.property("spring.datasource.url");
        try (var look = TestDatabase.server().connect(url.substring(url.lastIndexOf('/') + 1));
                var count = look.prepareStatement("select count(*) from catalog_policy where cluster_id = ?")) {
            count.setObject(1, ref.id());
            for (int i = 0; i < 1_200; i++) {
                var row = count.executeQuery();
                row.next();
                if (row.getLong(1) >= POLICIES) {
                    break;
                }
                Thread.sleep(100);
            }
        }
        // The changes that were told one by one have found their listeners by then.
        Thread.sleep(QUICK ? 3_000 : 15_000);
        double held = (heap() - before) / POLICIES;
        CurrentTenant.run(tenant.tenant().id(), () -> portal.bean(ClusterRegistry.class).retire(Actor.system("bench"), ref.id(), "over"));
        return held;
    }

    private static double heap() throws InterruptedException {
        for (int i = 0; i < 4; i++) {
            System.gc();
            Thread.sleep(150);
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
