package dev.countersign.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

/// What Countersign relies on in an API server that holds Istio's CRDs. Runs against the embedded server always and,
/// unchanged, against the one of `-Dcluster.kubeconfig=FILE`: in namespaces of its own, which it deletes. The user of that
/// file must be allowed to create namespaces. Nothing is asserted here that a real server does not do; an API server that
/// runs alone, without the controller that empties and ends namespaces, is enough, and its namespaces are ended here.
@ParameterizedClass(name = "{0}")
@MethodSource("clusters")
abstract class ClusterContract {
    private static final List<AutoCloseable> OPENED = new ArrayList<>();
    private static final Map<Api, List<String>> MADE = new HashMap<>();

    /// A cluster by name, so that a report says which one failed.
    record Cluster(String name, Api api) {
        @Override
        public String toString() {
            return name;
        }
    }

    @Parameter
    Cluster cluster;

    String namespace = "";
    String policies = "";

    static Stream<Cluster> clusters() throws IOException {
        var embedded = EmbeddedClusters.checked();
        embedded.compact(); // like any server that has lived for a while
        OPENED.add(embedded);
        var all = new ArrayList<>(List.of(new Cluster("embedded", new Api(embedded.kubeconfig("admin")))));
        var file = System.getProperty("cluster.kubeconfig", "");
        if (!file.isBlank()) {
            all.add(new Cluster(file, new Api(Files.readString(Path.of(file)))));
        }
        all.forEach(cluster -> OPENED.addFirst(cluster.api()));
        return all.stream();
    }

    @AfterAll
    static void close() throws Exception {
        MADE.forEach(ClusterContract::end);
        MADE.clear();
        for (var opened : OPENED) {
            opened.close();
        }
        OPENED.clear();
    }

    @BeforeEach
    void ownNamespace() {
        namespace = "contract-" + UUID.randomUUID().toString().substring(0, 8);
        policies = "/apis/security.istio.io/v1/namespaces/%s/authorizationpolicies".formatted(namespace);
        var made = api().post(
                        "/api/v1/namespaces",
                        "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"%s\"}}"
                                .formatted(namespace));
        assertThat(made.status()).as(made.message()).isEqualTo(201);
        MADE.computeIfAbsent(api(), api -> new ArrayList<>()).add(namespace);
    }

    @AfterEach
    void cleanUp() {
        api().delete(policies);
        api().delete("/api/v1/namespaces/" + namespace);
    }

    /// Whether the namespace is being deleted and no controller has begun to empty it, ten seconds later.
    static boolean isAbandoned(Api api, String namespace) {
        for (int i = 0; i < 100; i++) {
            var status = api.get("/api/v1/namespaces/" + namespace).body().path("status");
            if (!status.path("phase").asString("").equals("Terminating") || status.has("conditions")) {
                return false;
            }
            pause();
        }
        return true;
    }

    /// Without a namespace controller nobody else ends what was deleted.
    private static void end(Api api, List<String> namespaces) {
        if (!isAbandoned(api, namespaces.getLast())) {
            return;
        }
        for (var name : namespaces) {
            var found = api.get("/api/v1/namespaces/" + name);
            if (found.status() == 200) {
                ((ObjectNode) found.body().path("spec")).putArray("finalizers");
                api.put("/api/v1/namespaces/" + name + "/finalize", found.body());
            }
        }
    }

    static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    Api api() {
        return cluster.api();
    }

    static int generation(Api.Reply reply) {
        return reply.body().path("metadata").path("generation").asInt();
    }

    static String header(Api.Reply reply, String name) {
        return reply.headers().entrySet().stream()
                .filter(header -> header.getKey().equalsIgnoreCase(name))
                .flatMap(header -> header.getValue().stream())
                .reduce("", String::concat);
    }

    /// An AuthorizationPolicy for the workload `app`, with one rule.
    static String policy(String name, String action, String app) {
        return """
            {"apiVersion":"security.istio.io/v1","kind":"AuthorizationPolicy","metadata":{"name":"%s"},\
            "spec":{"selector":{"matchLabels":{"app":"%s"}},"action":"%s",\
            "rules":[{"from":[{"source":{"principals":["cluster.local/ns/a/sa/b"]}}]}]}}\
            """.formatted(name, app, action);
    }
}
