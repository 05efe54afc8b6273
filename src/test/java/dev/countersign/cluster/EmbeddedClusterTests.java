package dev.countersign.cluster;

import static dev.countersign.cluster.ClusterContract.policy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.demo.cluster.ClusterOptions;
import dev.countersign.demo.cluster.ClusterUser;
import dev.countersign.demo.cluster.DemoShop;
import dev.countersign.demo.cluster.EmbeddedCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the embedded server does beyond the contract: who may what, what is on record, what survives, what the shop
/// holds.
class EmbeddedClusterTests {
    private static final String POLICIES = "/apis/security.istio.io/v1/namespaces/production/authorizationpolicies";

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (var each : opened.reversed()) {
            each.close();
        }
    }

    @Test
    void aBadTokenIsUnauthorized() {
        var cluster = shop(ClusterOptions.defaults());
        var api = opened(new Api(cluster.kubeconfig("admin").replace(cluster.token("admin"), "wrong")));

        var reply = api.get(POLICIES);

        assertThat(reply.status()).isEqualTo(401);
        assertThat(reply.message()).isEqualTo("Unauthorized");
        assertThat(api.get("/apis").status()).isEqualTo(401);
    }

    @Test
    void whatIsNotAllowedIsForbiddenByName() {
        var narrow = ClusterUser.named("portal")
                .may("get list watch patch", "authorizationpolicies.security.istio.io", "production");
        var cluster = shop(ClusterOptions.defaults().withUser(narrow));
        var api = opened(new Api(cluster.kubeconfig("portal")));

        assertThat(api.get(POLICIES).status()).isEqualTo(200);
        var asked = api.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", """
            {"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"namespace":"production",\
            "verb":"list","group":"security.istio.io","resource":"authorizationpolicies","subresource":""}}}\
            """);
        assertThat(asked.body().path("status").path("allowed").asBoolean()).isTrue();
        assertThat(api.get("/apis/security.istio.io/v1/authorizationpolicies").message())
                .isEqualTo("authorizationpolicies.security.istio.io is forbidden: User \"portal\" cannot list resource "
                        + "\"authorizationpolicies\" in API group \"security.istio.io\" at the cluster scope");
        assertThat(api.get("/api/v1/namespaces/staging/pods/x").message())
                .isEqualTo("pods \"x\" is forbidden: User \"portal\" cannot get resource \"pods\" in API group \"\" in"
                        + " the namespace \"staging\"");
        var applied = api.apply(POLICIES + "/a?fieldManager=m", policy("a", "ALLOW", "x"));
        assertThat(applied.status())
                .as("patch without create makes nothing new")
                .isEqualTo(403);
        assertThat(applied.message()).contains("cannot create resource \"authorizationpolicies\"");
    }

    @Test
    void aUserCanBeNarrowedAtAnyTime() {
        var cluster = shop(ClusterOptions.defaults());
        var api = opened(new Api(cluster.kubeconfig("admin")));
        assertThat(api.get(POLICIES).status()).isEqualTo(200);

        cluster.user(ClusterUser.named("admin").may("get", "pods", "*"));

        assertThat(api.get(POLICIES).status()).isEqualTo(403);
        cluster.user(ClusterUser.admin("admin").withToken("rotated"));
        assertThat(api.get(POLICIES).status()).isEqualTo(401);
    }

    @Test
    void everyRequestIsOnRecord() {
        var cluster = shop(ClusterOptions.defaults());
        var api = opened(new Api(cluster.kubeconfig("admin")));
        cluster.requests().clear();
        api.get(POLICIES);
        api.apply(POLICIES + "/a?fieldManager=m&dryRun=All", policy("a", "ALLOW", "x"));
        api.apply(POLICIES + "/a?fieldManager=m&force=true", policy("a", "ALLOW", "x"));
        api.delete(POLICIES + "/missing");

        assertThat(cluster.requests().total()).isEqualTo(4);
        assertThat(cluster.requests().writes())
                .extracting(e -> e.verb() + " " + e.name() + " " + e.status() + " " + e.fieldManager())
                .satisfiesExactly(
                        apply -> assertThat(apply).isEqualTo("patch a 201 m"),
                        delete -> assertThat(delete).startsWith("delete missing 404"));
        var apply = cluster.requests().writes().getFirst();
        assertThat(apply.user()).isEqualTo("admin");
        assertThat(apply.resource()).isEqualTo("authorizationpolicies.security.istio.io");
        assertThat(apply.namespace()).isEqualTo("production");
        assertThat(apply.force()).isTrue();
        assertThat(apply.stored()).isTrue();
    }

    @Test
    void aWebhookDeniesWithItsName() {
        var cluster = shop(ClusterOptions.defaults());
        cluster.webhook((kind, object) -> Optional.of("configuration is invalid: nothing is allowed today"));
        var api = opened(new Api(cluster.kubeconfig("admin")));

        var reply = api.apply(POLICIES + "/a?fieldManager=m", policy("a", "ALLOW", "x"));

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.message())
                .isEqualTo("admission webhook \"validation.istio.io\" denied the request: "
                        + "configuration is invalid: nothing is allowed today");
        assertThat(api.get(POLICIES + "/a").status()).isEqualTo(404);
    }

    @Test
    void anOldContinueTokenIsGone() {
        var cluster = shop(ClusterOptions.defaults());
        var api = opened(new Api(cluster.kubeconfig("admin")));
        var token = api.get("/api/v1/pods?limit=1")
                .body()
                .path("metadata")
                .path("continue")
                .asString();
        cluster.compact();

        var reply = api.get("/api/v1/pods?limit=1&continue=" + token);

        assertThat(reply.status()).isEqualTo(410);
        assertThat(reply.reason()).isEqualTo("Expired");
    }

    @Test
    void aBoundedHistoryExpiresAWatchThatFallsBehind() throws Exception {
        var cluster = shop(ClusterOptions.defaults().withHistory(2, Duration.ofSeconds(30)));
        var api = opened(new Api(cluster.kubeconfig("admin")));
        var from = api.get(POLICIES).version();
        for (int i = 0; i < 10; i++) {
            api.post(POLICIES, policy("p" + i, "ALLOW", "x"));
        }

        var events = api.watch(POLICIES + "?watch=true&timeoutSeconds=5&resourceVersion=" + from)
                .get(20, TimeUnit.SECONDS)
                .events();

        assertThat(events).hasSize(1);
        assertThat(events.getFirst().path("object").path("code").asInt()).isEqualTo(410);
    }

    @Test
    void aQuietWatchIsGivenBookmarks() throws Exception {
        var cluster = shop(ClusterOptions.defaults().withHistory(100, Duration.ofMillis(200)));
        var api = opened(new Api(cluster.kubeconfig("admin")));
        var from = api.get(POLICIES).version();
        var watch =
                api.watch(POLICIES + "?watch=true&timeoutSeconds=5&allowWatchBookmarks=true&resourceVersion=" + from);
        api.post(
                "/api/v1/namespaces",
                "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"other\"}}");

        var events = watch.get(20, TimeUnit.SECONDS).events();

        assertThat(events).isNotEmpty().allMatch(e -> e.path("type").asString().equals("BOOKMARK"));
        assertThat(Long.parseLong(events.getLast()
                        .path("object")
                        .path("metadata")
                        .path("resourceVersion")
                        .asString()))
                .isGreaterThan(Long.parseLong(from));
    }

    @Test
    void objectsKeysTokensAndPortSurviveARestart(@TempDir Path directory) throws Exception {
        var options = ClusterOptions.defaults().keptIn(directory);
        var first = EmbeddedCluster.start(options);
        DemoShop.acme().openIn(first);
        var kubeconfig = first.kubeconfig("admin");
        try (var api = new Api(kubeconfig)) {
            api.apply(POLICIES + "/kept?fieldManager=m", policy("kept", "ALLOW", "x"));
            api.apply(POLICIES + "/gone?fieldManager=m", policy("gone", "ALLOW", "x"));
            api.delete(POLICIES + "/gone");
        }
        var revision = first.revision();
        first.close();
        // What a killed program may leave behind: half a line that was never answered.
        Files.writeString(
                directory.resolve("objects.ndjson"), "{\"revision\":99999,\"resou", StandardOpenOption.APPEND);

        var second = opened(EmbeddedCluster.start(options));
        DemoShop.acme().openIn(second);

        assertThat(second.kubeconfig("admin")).isEqualTo(kubeconfig);
        assertThat(second.revision()).as("seeding again changes nothing").isEqualTo(revision);
        var api = opened(new Api(kubeconfig));
        assertThat(api.get(POLICIES + "/kept")
                        .body()
                        .path("metadata")
                        .path("managedFields")
                        .get(0)
                        .path("manager")
                        .asString())
                .isEqualTo("m");
        assertThat(api.get(POLICIES + "/gone").status()).isEqualTo(404);
        var events = api.watch(POLICIES + "?watch=true&timeoutSeconds=5&resourceVersion=2")
                .get(20, TimeUnit.SECONDS)
                .events();
        assertThat(events.getFirst().path("object").path("code").asInt())
                .as("history is not kept")
                .isEqualTo(410);
        assertThat(Files.getPosixFilePermissions(directory.resolve("identity.json")))
                .hasSize(2);
    }

    @Test
    void plainHttpIsThereForWhoWantsIt() {
        var cluster = shop(ClusterOptions.defaults().withoutTls().named("plain"));
        var api = opened(new Api(cluster.kubeconfig("admin")));

        assertThat(cluster.url().getScheme()).isEqualTo("http");
        assertThat(cluster.caPem()).isEmpty();
        assertThat(api.get(POLICIES).status()).isEqualTo(200);
    }

    @Test
    void manyWritersLoseNothing() {
        var cluster = shop(ClusterOptions.defaults());
        var api = opened(new Api(cluster.kubeconfig("admin")));
        api.apply(POLICIES + "/a?fieldManager=m", policy("a", "ALLOW", "x"));

        var writes = java.util.stream.IntStream.range(0, 40)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> api.patch(
                        POLICIES + "/a", Api.MERGE, "{\"metadata\":{\"annotations\":{\"k%d\":\"v\"}}}".formatted(i))))
                .toList();

        assertThat(writes).allMatch(write -> write.join().status() == 200);
        assertThat(api.get(POLICIES + "/a")
                        .body()
                        .path("metadata")
                        .path("annotations")
                        .size())
                .isEqualTo(40);
    }

    @Test
    void theShopShowsWhoIsInTheMeshAndWhatIsNotOurs() {
        var cluster = shop(ClusterOptions.defaults());
        DemoShop.leaveOldThingsIn(cluster);
        DemoShop.globex().openIn(cluster);
        var api = opened(new Api(cluster.kubeconfig("admin")));

        var pods = api.get("/api/v1/namespaces/production/pods").body().path("items");
        var outside = new ArrayList<String>();
        pods.forEach(pod -> {
            if (!pod.path("metadata").path("annotations").has("sidecar.istio.io/status")) {
                outside.add(pod.path("metadata").path("labels").path("app").asString());
            }
        });
        assertThat(pods.size()).isEqualTo(6);
        assertThat(outside).containsExactly("legacy-batch");
        var foreign = api.get(POLICIES + "/user-profile-frontend").body();
        assertThat(foreign.path("metadata")
                        .path("managedFields")
                        .get(0)
                        .path("manager")
                        .asString())
                .isEqualTo("kubectl");
        var ports = api.get("/api/v1/namespaces/staging/services/payment-service")
                .body()
                .path("spec")
                .path("ports");
        assertThat(ports).extracting(port -> port.path("port").asInt()).containsExactlyInAnyOrder(8080, 9090);
        assertThat(api.get("/apis/apps/v1/namespaces/globex-store/deployments")
                        .body()
                        .path("items")
                        .size())
                .isEqualTo(2);
        assertThat(api.get("/api/v1/namespaces/production")
                        .body()
                        .path("metadata")
                        .path("labels")
                        .path("istio-injection")
                        .asString())
                .isEqualTo("enabled");
    }

    private EmbeddedCluster shop(ClusterOptions options) {
        var cluster = opened(EmbeddedCluster.start(options));
        DemoShop.acme().openIn(cluster);
        return cluster;
    }

    private <T extends AutoCloseable> T opened(T resource) {
        opened.add(resource);
        return resource;
    }
}
