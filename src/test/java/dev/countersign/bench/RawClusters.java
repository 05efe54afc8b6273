package dev.countersign.bench;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/// The peer of the couriers: the Kubernetes client of fabric8 over the same transport, with the same rights, which asks nobody,
/// keeps nothing and looks at no answer.
final class RawClusters implements AutoCloseable {
    private static final int THREADS = 32;
    private final List<KubernetesClient> clients = new ArrayList<>();

    RawClusters(Fleet fleet) {
        fleet.members.forEach(member -> clients.add(client(member.cluster().kubeconfig("portal"))));
    }

    static KubernetesClient client(String kubeconfig) {
        return new KubernetesClientBuilder().withConfig(Config.fromKubeconfig(kubeconfig)).withHttpClientFactory(new JdkHttpClientFactory()).build();
    }

    /// Objects a second: `each` of every cluster is applied with `path`; `thrice` with a dry run before and a read after, as a courier does.
    double apply(int each, String path, boolean thrice) throws Exception {
        AtomicInteger next = new AtomicInteger();
        int all = each * clients.size();
        long start = System.nanoTime();
        inThreads(THREADS, () -> {
            for (int i = next.getAndIncrement(); i < all; i = next.getAndIncrement()) {
                GenericKubernetesResource policy = policy("raw-" + i / clients.size(), path);
                var one = clients.get(i % clients.size()).genericKubernetesResources("security.istio.io/v1", "AuthorizationPolicy").inNamespace("production").resource(policy);
                if (thrice) {
                    one.patch(context(true), policy);
                }
                one.patch(context(false), policy);
                if (thrice) {
                    one.get();
                }
            }
        });
        return all / ((System.nanoTime() - start) / 1e9);
    }

    private static PatchContext context(boolean dryRun) {
        PatchContext.Builder context = new PatchContext.Builder().withPatchType(PatchType.SERVER_SIDE_APPLY).withFieldManager("raw").withForce(false);
        return (dryRun ? context.withDryRun(List.of("All")) : context).build();
    }

    /// As large as what the portal writes for one grant.
    static GenericKubernetesResource policy(String name, String path) {
        return new GenericKubernetesResourceBuilder().withApiVersion("security.istio.io/v1").withKind("AuthorizationPolicy")
                .withNewMetadata().withNamespace("production").withName(name)
                .addToLabels(Map.of("app.kubernetes.io/managed-by", "raw", "countersign.dev/tenant", "t1"))
                .addToAnnotations(Map.of("countersign.dev/revision", "1", "countersign.dev/requests", "1", "countersign.dev/grants", "0198f1c2-7c44-7e11-9a11-000000000001"))
                .endMetadata()
                .addToAdditionalProperties("spec", Map.of("selector", Map.of("matchLabels", Map.of("app", name)), "action", "ALLOW",
                        "rules", List.of(Map.of("from", List.of(Map.of("source", Map.of("principals", List.of("cluster.local/ns/production/sa/order-service")))),
                                "to", List.of(Map.of("operation", Map.of("methods", List.of("POST"), "paths", List.of(path))))))))
                .build();
    }

    /// Lists every policy of every cluster in pages of 500; answers how many there were.
    long list(int threads) throws Exception {
        AtomicInteger next = new AtomicInteger();
        AtomicInteger found = new AtomicInteger();
        inThreads(threads, () -> {
            for (int i = next.getAndIncrement(); i < clients.size(); i = next.getAndIncrement()) {
                var policies = clients.get(i).genericKubernetesResources("security.istio.io/v1", "AuthorizationPolicy").inNamespace("production");
                String rest = null;
                do {
                    GenericKubernetesResourceList page = policies.list(new ListOptionsBuilder().withLimit(500L).withContinue(rest).build());
                    found.addAndGet(page.getItems().size());
                    rest = page.getMetadata().getContinue();
                } while (rest != null && !rest.isEmpty());
            }
        });
        return found.get();
    }

    interface Work {
        void run() throws Exception;
    }

    static void inThreads(int threads, Work work) throws Exception {
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                running.add(pool.submit(() -> {
                    work.run();
                    return null;
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        }
    }

    @Override
    public void close() {
        clients.forEach(KubernetesClient::close);
    }
}
