package dev.countersign.cluster;

import static dev.countersign.cluster.ClusterContract.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.demo.cluster.ClusterOptions;
import dev.countersign.demo.cluster.DemoShop;
import dev.countersign.demo.cluster.EmbeddedCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Each fault does what it says, to the requests it names and to no other, and ends.
class FaultsTests {
    private static final String POLICIES = "/apis/security.istio.io/v1/namespaces/production/authorizationpolicies";
    private static final String ALL = "authorizationpolicies";

    private static EmbeddedCluster cluster;
    private static Api api;

    @BeforeAll
    static void start() {
        cluster = EmbeddedCluster.start(ClusterOptions.defaults());
        DemoShop.acme().openIn(cluster);
        api = new Api(cluster.kubeconfig("admin"));
    }

    @AfterAll
    static void stop() {
        api.close();
        cluster.close();
    }

    @BeforeEach
    void clean() {
        api.delete(POLICIES);
        cluster.requests().clear();
    }

    @AfterEach
    void disarm() {
        cluster.faults().clear();
    }

    @Test
    void anAnswerReplacesTheRealOneAsOftenAsTold() {
        var fault = cluster.faults().on("patch", ALL).times(2).answer(429, Duration.ofSeconds(3));

        var first = apply("a");
        assertThat(first.status()).isEqualTo(429);
        assertThat(first.headers().get("Retry-After")).containsExactly("3");
        assertThat(first.reason()).isEqualTo("TooManyRequests");
        assertThat(apply("a").status()).isEqualTo(429);
        assertThat(apply("a").status()).isEqualTo(201);
        assertThat(fault.hits()).isEqualTo(2);
    }

    @Test
    void onlyWhatIsNamedIsHit() {
        cluster.faults().on("get", ALL).in("production").named("a").answer(503);

        assertThat(api.get(POLICIES + "/a").status()).isEqualTo(503);
        assertThat(api.get(POLICIES + "/b").status()).isEqualTo(404);
        assertThat(api.get(POLICIES).status()).isEqualTo(200);
        assertThat(api.get("/api/v1/namespaces/production/pods").status()).isEqualTo(200);
    }

    @Test
    void aCutConnectionDoesNothing() {
        cluster.faults().on("patch", ALL).times(1).cut();

        assertThatThrownBy(() -> apply("a")).hasMessageContaining("was not answered");
        assertThat(api.get(POLICIES + "/a").status()).isEqualTo(404);
        assertThat(cluster.requests().writes()).singleElement().satisfies(write -> {
            assertThat(write.status()).isZero();
            assertThat(write.stored()).isFalse();
        });
    }

    @Test
    void aLostReplyHasDoneTheWork() {
        cluster.faults().on("patch", ALL).times(1).loseReply();

        assertThatThrownBy(() -> apply("a")).hasMessageContaining("was not answered");
        assertThat(api.get(POLICIES + "/a").status()).isEqualTo(200);
        assertThat(cluster.requests().writes()).singleElement().satisfies(write -> {
            assertThat(write.status()).isZero();
            assertThat(write.stored()).isTrue();
        });
    }

    @Test
    void halfAReplyIsNoReply() {
        cluster.faults().on("patch", ALL).times(1).halfReply();

        assertThatThrownBy(() -> apply("a")).hasMessageContaining("was not answered");
        assertThat(api.get(POLICIES + "/a").status()).isEqualTo(200);
    }

    @Test
    void aDelayDelays() {
        cluster.faults().on("get", ALL).times(1).delay(Duration.ofMillis(400));
        var begin = Instant.now();
        api.get(POLICIES + "/a");

        assertThat(Duration.between(begin, Instant.now())).isGreaterThanOrEqualTo(Duration.ofMillis(400));
    }

    @Test
    void aHeldReplyComesWhenLetGo() throws Exception {
        var fault = cluster.faults().on("patch", ALL).times(1).holdReply();
        var waiting = CompletableFuture.supplyAsync(() -> apply("a"));
        while (api.get(POLICIES + "/a").status() != 200) {
            Thread.sleep(10);
        }
        assertThat(waiting).isNotDone();

        fault.close();

        assertThat(waiting.get(10, TimeUnit.SECONDS).status()).isEqualTo(201);
    }

    @Test
    void aHeldRequestDoesNothingUntilLetGo() throws Exception {
        var fault = cluster.faults().on("patch", ALL).times(1).holdRequest();
        var waiting = CompletableFuture.supplyAsync(() -> apply("a"));
        while (fault.hits() == 0) {
            Thread.sleep(10);
        }
        assertThat(api.get(POLICIES + "/a").status()).isEqualTo(404);

        cluster.faults().clear();

        assertThat(waiting.get(10, TimeUnit.SECONDS).status()).isEqualTo(201);
    }

    @Test
    void aTrickleIsSlow() {
        cluster.faults().on("get", ALL).times(1).trickle(200);
        var begin = Instant.now();
        var reply = api.get(POLICIES + "/a");

        assertThat(reply.status()).isEqualTo(404);
        assertThat(Duration.between(begin, Instant.now())).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aStaleReaderSeesThePast() {
        apply("a");
        var version = api.get(POLICIES).version();
        try (var fault = cluster.faults().on("*", ALL).stale()) {
            apply("b");
            assertThat(api.get(POLICIES).body().path("items").size()).isEqualTo(1);
            assertThat(api.get(POLICIES).version()).isEqualTo(version);
            assertThat(api.get(POLICIES + "/b").status()).isEqualTo(404);
            assertThat(fault.hits()).isGreaterThan(2);
        }
        assertThat(api.get(POLICIES + "/b").status()).isEqualTo(200);
    }

    @Test
    void aMutationIsStoredAndAnswered() {
        cluster.faults().on("patch", ALL).mutate(object -> {
            var changed = new LinkedHashMap<>(object);
            changed.put("spec", Map.of("action", "AUDIT"));
            return changed;
        });

        var reply = apply("a");

        assertThat(reply.body().path("spec").path("action").asString()).isEqualTo("AUDIT");
        assertThat(api.get(POLICIES + "/a").body().path("spec").path("rules").isMissingNode())
                .isTrue();
    }

    @Test
    void aWatchDropsRepeatsKeepsSilentOrExpires() throws Exception {
        var from = api.get(POLICIES).version();
        apply("a");
        apply("b");
        var path = POLICIES + "?watch=true&timeoutSeconds=1&allowWatchBookmarks=true&resourceVersion=" + from;
        var watches = cluster.faults();

        watches.on("watch", ALL).times(1).dropWatch(1);
        assertThat(types(path)).containsExactly("ADDED");
        watches.on("watch", ALL).times(1).repeatEvents();
        assertThat(types(path)).containsExactly("ADDED", "ADDED", "ADDED", "ADDED");
        watches.on("watch", ALL).times(1).onlyBookmarks();
        assertThat(types(path)).containsOnly("BOOKMARK");
        watches.on("watch", ALL).times(1).expireWatch();
        assertThat(types(path)).containsExactly("ERROR");
        assertThat(types(path)).containsExactly("ADDED", "ADDED");
    }

    private static java.util.List<String> types(String path) throws Exception {
        return api.watch(path).get(20, TimeUnit.SECONDS).events().stream()
                .map(e -> e.path("type").asString())
                .toList();
    }

    private static Api.Reply apply(String name) {
        return api.apply(POLICIES + "/" + name + "?fieldManager=m", policy(name, "ALLOW", "x"));
    }
}
