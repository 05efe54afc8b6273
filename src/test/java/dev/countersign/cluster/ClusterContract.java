package dev.countersign.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// What Countersign relies on in an API server that holds Istio's CRDs. Runs against the embedded server always and,
/// unchanged, against the one of `-Dcluster.kubeconfig=FILE`: in namespaces of its own, which it deletes. The user of
/// that
/// file must be allowed to create namespaces. Nothing is asserted here that a real server does not do.
@ParameterizedClass(name = "{0}")
@MethodSource("clusters")
abstract class ClusterContract {
    private static final List<AutoCloseable> OPENED = new ArrayList<>();

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
    }

    @AfterEach
    void cleanUp() {
        api().delete("/api/v1/namespaces/" + namespace);
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
