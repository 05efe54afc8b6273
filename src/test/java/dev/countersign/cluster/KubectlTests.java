package dev.countersign.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.countersign.demo.cluster.ClusterOptions;
import dev.countersign.demo.cluster.ClusterUser;
import dev.countersign.demo.cluster.DemoShop;
import dev.countersign.demo.cluster.EmbeddedCluster;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The real `kubectl` against the embedded server. Skipped, saying so, where no `kubectl` is on the path.
class KubectlTests {
    @TempDir
    static Path directory;

    private static EmbeddedCluster cluster;

    /// What a command said and how it ended.
    private record Said(int code, String out, String error) {}

    @BeforeAll
    static void start() throws IOException {
        var found = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "kubectl")));
        assumeTrue(found, "skipped: no kubectl on the PATH");
        cluster = EmbeddedCluster.start(ClusterOptions.defaults()
                .withUser(ClusterUser.named("narrow")
                        .may("get list", "authorizationpolicies.security.istio.io", "production")));
        DemoShop.acme().openIn(cluster);
        DemoShop.leaveOldThingsIn(cluster);
        for (var user : List.of("admin", "narrow")) {
            Files.writeString(directory.resolve(user), cluster.kubeconfig(user));
        }
        Files.writeString(directory.resolve("policy.yaml"), """
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: { name: payment-service, namespace: production }
            spec:
              selector: { matchLabels: { app: payment-service } }
              action: ALLOW
              rules:
              - from: [ { source: { principals: [ cluster.local/ns/production/sa/order-service ] } } ]
                to: [ { operation: { methods: [ POST ] } } ]
            """);
        Files.writeString(
                directory.resolve("changed.yaml"),
                Files.readString(directory.resolve("policy.yaml")).replace("POST", "GET"));
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void getPrintsTablesAndYaml() throws Exception {
        assertThat(kubectl("admin", "get", "pods", "-n", "production", "-l", "app=frontend")
                        .out())
                .containsPattern("NAME +READY +STATUS +RESTARTS +AGE")
                .containsPattern("frontend-\\S+ +2/2 +Running +0");
        assertThat(kubectl("admin", "get", "authorizationpolicies", "-A").out())
                .containsPattern("NAMESPACE +NAME +ACTION +AGE")
                .containsPattern("production +user-profile-frontend +ALLOW");
        assertThat(kubectl("admin", "get", "pa", "-n", "istio-system", "default", "-o", "yaml")
                        .out())
                .contains("kind: PeerAuthentication")
                .contains("mode: PERMISSIVE");
        var missing = kubectl("admin", "get", "ap", "-n", "production", "nobody");
        assertThat(missing.code()).isEqualTo(1);
        assertThat(missing.error())
                .contains("Error from server (NotFound): authorizationpolicies.security.istio.io \"nobody\" not found");
    }

    @Test
    void aPolicyIsAppliedComparedFoughtOverAndDeleted() throws Exception {
        var file = directory.resolve("policy.yaml").toString();
        var changed = directory.resolve("changed.yaml").toString();
        assertThat(kubectl("admin", "apply", "--server-side", "-f", file).out())
                .isEqualTo("authorizationpolicy.security.istio.io/payment-service serverside-applied\n");

        var diff = kubectl("admin", "diff", "--server-side", "-f", changed);
        assertThat(diff.code()).isEqualTo(1);
        assertThat(diff.out()).contains("-        - POST").contains("+        - GET");
        assertThat(kubectl("admin", "diff", "--server-side", "-f", file).code()).isZero();

        var conflict = kubectl("admin", "apply", "--server-side", "--field-manager=other", "-f", changed);
        assertThat(conflict.code()).isEqualTo(1);
        assertThat(conflict.error()).contains("Apply failed with 1 conflict: conflict with \"kubectl\": .spec.rules");
        assertThat(kubectl(
                                "admin",
                                "apply",
                                "--server-side",
                                "--force-conflicts",
                                "--field-manager=other",
                                "-f",
                                changed)
                        .code())
                .isZero();

        assertThat(kubectl("admin", "annotate", "ap", "payment-service", "-n", "production", "note=x")
                        .code())
                .isZero();
        assertThat(kubectl(
                                "admin",
                                "get",
                                "ap",
                                "payment-service",
                                "-n",
                                "production",
                                "-o",
                                "yaml",
                                "--show-managed-fields")
                        .out())
                .contains("manager: other")
                .contains("manager: kubectl-annotate")
                .contains("- GET");
        assertThat(kubectl("admin", "delete", "-f", file).out())
                .startsWith("authorizationpolicy.security.istio.io \"payment-service\" deleted");
    }

    @Test
    void aWatchPrintsChangesAsTheyCome() throws Exception {
        var out = directory.resolve("watch.txt").toFile();
        var watch = command("admin", "get", "ap", "-n", "staging", "-w")
                .redirectOutput(out)
                .start();
        try {
            kubectl("admin", "create", "-f", staged());
            for (int i = 0; i < 100 && !Files.readString(out.toPath()).contains("payment-service"); i++) {
                Thread.sleep(100);
            }
            assertThat(Files.readString(out.toPath())).containsPattern("payment-service +ALLOW");
        } finally {
            watch.destroy();
            watch.waitFor(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void oneMayAskWhatOneMayDo() throws Exception {
        assertThat(kubectl(
                                "narrow",
                                "auth",
                                "can-i",
                                "list",
                                "authorizationpolicies.security.istio.io",
                                "-n",
                                "production")
                        .out())
                .isEqualTo("yes\n");
        assertThat(kubectl(
                                "narrow",
                                "auth",
                                "can-i",
                                "delete",
                                "authorizationpolicies.security.istio.io",
                                "-n",
                                "production")
                        .out())
                .isEqualTo("no\n");
        assertThat(kubectl("narrow", "get", "pods", "-n", "production").error())
                .contains("Error from server (Forbidden): pods is forbidden: User \"narrow\" cannot list resource"
                        + " \"pods\"");
    }

    @Test
    void namespacesAreMadeAndTakenAway() throws Exception {
        assertThat(kubectl("admin", "create", "namespace", "short-lived").out())
                .isEqualTo("namespace/short-lived created\n");
        assertThat(kubectl("admin", "create", "serviceaccount", "someone", "-n", "short-lived")
                        .code())
                .isZero();
        assertThat(kubectl("admin", "delete", "namespace", "short-lived").code())
                .isZero();
        assertThat(kubectl("admin", "get", "sa", "-n", "short-lived").error()).contains("No resources found");
    }

    private static String staged() throws IOException {
        var file = directory.resolve("staged.yaml");
        Files.writeString(
                file,
                Files.readString(directory.resolve("policy.yaml"))
                        .replace("namespace: production", "namespace: staging"));
        return file.toString();
    }

    private static Said kubectl(String user, String... words) throws IOException, InterruptedException {
        var out = Files.createTempFile(directory, "out", "");
        var error = Files.createTempFile(directory, "error", "");
        var process = command(user, words)
                .redirectOutput(out.toFile())
                .redirectError(error.toFile())
                .start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("kubectl did not end: " + String.join(" ", words));
        }
        return new Said(process.exitValue(), Files.readString(out), Files.readString(error));
    }

    private static ProcessBuilder command(String user, String... words) {
        var all = new ArrayList<>(
                List.of("kubectl", "--kubeconfig", directory.resolve(user).toString()));
        all.addAll(List.of(words));
        var builder = new ProcessBuilder(all);
        builder.environment().put("HOME", directory.toString());
        return builder;
    }
}
