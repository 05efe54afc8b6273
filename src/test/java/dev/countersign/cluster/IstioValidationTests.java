package dev.countersign.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.demo.cluster.AdmissionCheck;
import dev.countersign.demo.cluster.EmbeddedCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The embedded server accepts and refuses what a real API server with Istio does, over every validation case we hold,
/// and
/// its schema refusals use the real server's sentences.
class IstioValidationTests {
    private static final Map<String, String> PATHS = Map.of(
            "AuthorizationPolicy", "security.istio.io/v1/namespaces/%s/authorizationpolicies",
            "PeerAuthentication", "security.istio.io/v1/namespaces/%s/peerauthentications",
            "RequestAuthentication", "security.istio.io/v1/namespaces/%s/requestauthentications",
            "DestinationRule", "networking.istio.io/v1/namespaces/%s/destinationrules",
            "EnvoyFilter", "networking.istio.io/v1alpha3/namespaces/%s/envoyfilters",
            "Sidecar", "networking.istio.io/v1/namespaces/%s/sidecars");

    private EmbeddedCluster cluster;
    private Api api;

    @BeforeEach
    void start() {
        cluster = EmbeddedClusters.checked();
        api = new Api(cluster.kubeconfig("admin"));
    }

    @AfterEach
    void stop() {
        api.close();
        cluster.close();
    }

    @Test
    void everyCaseIsAcceptedOrRefusedAsByARealCluster() throws IOException {
        var wrong = new ArrayList<String>();
        var cases = cases();
        for (var one : cases) {
            var reply = dryRun(one);
            var accepted = one.path("expected").path("accepted").asBoolean();
            if (reply.status() == 201 != accepted) {
                wrong.add(one.path("id").asString() + " expected " + accepted + ", was " + reply.status() + " "
                        + reply.message());
            }
        }
        assertThat(cases).hasSizeGreaterThan(300);
        assertThat(wrong).isEmpty();
    }

    @Test
    void schemaRefusalsAreToldInTheWordsOfARealServer() throws IOException {
        cluster.webhook(AdmissionCheck.NONE);
        var wrong = new ArrayList<String>();
        for (var one : cases()) {
            var crd = one.path("expected").path("crd");
            // Without the object's name; and the facts were gathered with numbers as floats, which a server reads as
            // integers.
            var expected = crd.path("error")
                    .asString("")
                    .replaceFirst("^\\w+/[^:]*?/[^:]*?: ", "")
                    .replace("\"number\"", "\"integer\"");
            if (crd.path("valid").asBoolean()
                    || expected.startsWith("unknown fields")
                    || expected.contains("type conversion error")) {
                continue;
            }
            var message = dryRun(one).message();
            var sentences = expected.startsWith("[")
                    ? expected.substring(1, expected.length() - 1).split(", (?=spec)")
                    : new String[] {expected};
            if (!Stream.of(sentences).allMatch(message::contains)) {
                wrong.add(one.path("id").asString() + "\n  expected " + expected + "\n  was      " + message);
            }
        }
        assertThat(wrong).isEmpty();
    }

    private Api.Reply dryRun(JsonNode one) {
        var object = (ObjectNode) one.path("object").deepCopy();
        var kind = one.path("kind").asString();
        var path = PATHS.get(kind);
        var metadata = (ObjectNode) object.path("metadata");
        var namespace = metadata.path("namespace").asString("default");
        if (metadata.path("name").asString("").isEmpty()) {
            metadata.put("name", "case");
        }
        cluster.seed(
                "test",
                List.of(Map.of("apiVersion", "v1", "kind", "Namespace", "metadata", Map.of("name", namespace))));
        metadata.put("namespace", namespace);
        object.put("apiVersion", path.substring(0, path.indexOf("/namespaces")));
        object.put("kind", kind);
        return api.post("/apis/" + path.formatted(namespace) + "?dryRun=All&fieldValidation=Strict", object.toString());
    }

    private static List<JsonNode> cases() throws IOException {
        var directory = System.getProperty("conformance.dir", "");
        var folder = (directory.isEmpty() ? Path.of("src/test/resources/conformance") : Path.of(directory))
                .resolve("validation");
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".jsonl"))
                    .sorted()
                    .flatMap(IstioValidationTests::lines)
                    .map(Api::tree)
                    .toList();
        }
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
