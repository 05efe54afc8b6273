package dev.countersign.clusters;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.clusters.ApplyOutcome.Applied;
import dev.countersign.clusters.ApplyOutcome.Conflicted;
import dev.countersign.clusters.ClusterTrouble.Forbidden;
import dev.countersign.clusters.ClusterTrouble.Rejected;
import dev.countersign.clusters.ClusterTrouble.Unreachable;
import dev.countersign.delivery.Kubernetes;
import dev.countersign.demo.cluster.EmbeddedCluster;
import dev.countersign.policy.model.Tree;
import dev.countersign.portal.ShopFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What the portal makes of a cluster's answers, over real HTTP and TLS.
class ClusterConnectionTests {
    private EmbeddedCluster cluster;
    private ClusterConnection connection;

    @BeforeEach
    void connect() throws Exception {
        cluster = ShopFixture.start();
        connection = connect(cluster.kubeconfig("portal"));
    }

    @AfterEach
    void disconnect() {
        connection.close();
        cluster.close();
    }

    private static ClusterConnection connect(String kubeconfig) throws Exception {
        Kubeconfig read = ((Kubeconfig.Reading.Read) Kubeconfig.read(kubeconfig)).kubeconfig();
        return Connections.connect(new ClusterRef(UUID.randomUUID(), "demo"), read.server(), read.certificateAuthority(), read.credentials(),
                new PodIdentity(false, java.nio.file.Path.of("nowhere"), ""));
    }

    private static Map<String, Object> policy(String namespace, String name, String method) {
        return Tree.map("apiVersion", "security.istio.io/v1", "kind", "AuthorizationPolicy", "metadata", Tree.map("namespace", namespace, "name", name),
                "spec", Tree.map("selector", Tree.map("matchLabels", Tree.map("app", "frontend")), "action", "ALLOW",
                        "rules", List.of(Tree.map("to", List.of(Tree.map("operation", Tree.map("methods", List.of(method))))))));
    }

    private static Map<String, Object> with(Map<String, Object> policy, String field, Object value) {
        Map<String, Object> spec = new java.util.LinkedHashMap<>(JsonTree.map(policy, "spec"));
        spec.put(field, value);
        Map<String, Object> copy = new java.util.LinkedHashMap<>(policy);
        copy.put("spec", spec);
        return copy;
    }

    private Applied made(Map<String, Object> tree) {
        ApplyOutcome outcome = connection.create(tree);
        assertThat(outcome).isInstanceOf(Applied.class);
        return (Applied) outcome;
    }

    private Applied applied(Map<String, Object> tree, Optional<ObjectVersion> expected) {
        ApplyOutcome outcome = expected.map(version -> connection.apply(tree, version)).orElseGet(() -> connection.settle(made(tree).object()));
        assertThat(outcome).isInstanceOf(Applied.class);
        return (Applied) outcome;
    }

    @Test
    void anApplyIsReadBackAsItWasWritten() {
        Applied first = applied(policy("production", "a", "GET"), Optional.empty());
        assertThat(first.changed()).isTrue();
        assertThat(first.generation()).isEqualTo(1);
        assertThat(first.object().managers()).containsExactly("countersign");
        Applied same = applied(policy("production", "a", "GET"), Optional.of(first.object().version()));
        assertThat(same.changed()).isFalse();
        assertThat(same.resourceVersion()).isEqualTo(first.resourceVersion());
        Applied other = applied(policy("production", "a", "POST"), Optional.of(first.object().version()));
        assertThat(other.changed()).isTrue();
        assertThat(other.generation()).isEqualTo(2);
        assertThat(connection.read(ApiResource.AUTHORIZATION_POLICIES, "production", "a"))
                .isInstanceOfSatisfying(ReadOutcome.Found.class, found -> assertThat(found.object().version()).isEqualTo(other.object().version()));
    }

    /// What another courier made meanwhile, settled or not, changed since or not: an old revision that arrives late does not get over it.
    @Test
    void aCreationThatArrivesLateConflictsWithWhatThePortalMadeMeanwhile() {
        Applied made = made(policy("production", "a", "GET"));
        assertThat(made.object().isUnsettled()).isTrue();
        assertThat(made.object().managers()).containsExactly("countersign");
        assertThat(connection.create(policy("production", "a", "PUT"))).isInstanceOfSatisfying(Conflicted.class,
                conflict -> assertThat(conflict.managers()).containsExactly("countersign"));

        Applied settled = (Applied) connection.settle(made.object());
        assertThat(connection.create(policy("production", "a", "PUT"))).isInstanceOf(Conflicted.class);
        Applied next = applied(policy("production", "a", "POST"), Optional.of(settled.object().version()));
        assertThat(connection.create(policy("production", "a", "GET"))).isInstanceOf(Conflicted.class);
        assertThat(live("a").version()).isEqualTo(next.object().version());
    }

    @Test
    void whatWasMadeIsSettledUnderTheOneNameThatIsKnown() {
        Applied made = made(policy("production", "a", "GET"));
        // The same once more: both own it.
        Applied again = made(policy("production", "a", "GET"));
        assertThat(again.object().managedFields()).hasSize(2);
        assertThat(connection.settle(made.object())).as("in a state that is over").isInstanceOf(ApplyOutcome.Stale.class);
        Applied settled = (Applied) connection.settle(again.object());
        assertThat(settled.object().isUnsettled()).isFalse();
        assertThat(settled.generation()).isEqualTo(1);
        assertThat(settled.object().managedFields()).singleElement().satisfies(entry -> {
            assertThat(entry).containsEntry("manager", "countersign").containsEntry("operation", "Apply");
            assertThat(entry.get("fieldsV1")).isEqualTo(made.object().managedFields().getFirst().get("fieldsV1"));
        });
        assertThat(connection.settle(settled.object())).isInstanceOfSatisfying(Applied.class, same -> assertThat(same.changed()).isFalse());

        Map<String, Object> open = policy("production", "a", "GET");
        Map<String, Object> spec = new java.util.LinkedHashMap<>(JsonTree.map(open, "spec"));
        spec.remove("rules");
        Map<String, Object> closed = new java.util.LinkedHashMap<>(open);
        closed.put("spec", spec);
        Applied shorter = applied(closed, Optional.of(settled.object().version()));
        assertThat(JsonTree.map(shorter.object().tree(), "spec")).as("nobody else owns what the portal gives up").doesNotContainKey("rules");

        connection.delete(ApiResource.AUTHORIZATION_POLICIES, "production", "a", shorter.object().version());
        assertThat(connection.settle(shorter.object())).as("what is gone").isInstanceOf(ApplyOutcome.Stale.class);
    }

    @Test
    void anUpdateUnderTheNameOfACreationIsAnotherHand() {
        ClusterObject object = new ClusterObject(Tree.map("metadata", Tree.map("managedFields", List.of(
                Tree.map("manager", "countersign-creation-mallory", "operation", "Update", "fieldsV1", Tree.map("f:spec", Map.of()))))));
        assertThat(object.managers()).containsExactly("countersign-creation-mallory");
        assertThat(object.isUnsettled()).isFalse();
        assertThat(FieldManagers.settled(object.managedFields())).isEqualTo(object.managedFields());
    }

    /// Under force nobody is asked: who lost something by it shows in what the cluster then says who owns what.
    @Test
    void whoeverATakingBackTookSomethingFromIsNamed() {
        Map<String, Object> ours = labelled("portal");
        Applied first = applied(ours, Optional.empty());
        Kubernetes hands = new Kubernetes(cluster);
        hands.openToEveryone("production", "a", "mallory");
        ClusterObject opened = live("a");
        assertThat(opened.deprivedIn(((Applied) connection.takeBack(ours, opened.version())).object())).containsExactly("mallory");

        hands.label("production", "a", "of", "another");
        hands.openToEveryone("production", "a", "mallory");
        ClusterObject both = live("a");
        ClusterObject back = ((Applied) connection.takeBack(ours, both.version())).object();
        assertThat(both.deprivedIn(back)).hasSize(2).contains("mallory").doesNotContain("countersign");
        assertThat(JsonTree.map(back.tree(), "spec")).isEqualTo(JsonTree.map(first.object().tree(), "spec"));

        // A label of its own is nothing that was taken from the portal, and the portal takes nothing from it.
        hands.label("production", "a", "its-own", "label");
        ClusterObject beside = live("a");
        assertThat(beside.deprivedIn(((Applied) connection.takeBack(ours, beside.version())).object())).isEmpty();
        assertThat(JsonTree.map(JsonTree.map(live("a").tree(), "metadata"), "labels")).isEqualTo(Map.of("of", "portal", "its-own", "label"));
    }

    private static Map<String, Object> labelled(String of) {
        Map<String, Object> policy = new java.util.LinkedHashMap<>(policy("production", "a", "GET"));
        Map<String, Object> metadata = new java.util.LinkedHashMap<>(JsonTree.map(policy, "metadata"));
        metadata.put("labels", Tree.map("of", of));
        policy.put("metadata", metadata);
        return policy;
    }

    private ClusterObject live(String name) {
        return ((ReadOutcome.Found) connection.read(ApiResource.AUTHORIZATION_POLICIES, "production", name)).object();
    }

    @Test
    void fieldsOfAnotherHandAreAConflictWithItsNameAndNothingIsForced() {
        Map<String, Object> mine = with(policy("production", "user-profile-frontend", "PUT"), "selector",
                Tree.map("matchLabels", Tree.map("app", "user-profile")));
        assertThat(connection.create(mine)).isInstanceOfSatisfying(Conflicted.class, conflict -> {
            assertThat(conflict.managers()).containsExactly("kubectl");
            assertThat(conflict.fields()).contains(".spec.rules");
            assertThat(conflict.words()).contains("conflict");
            assertThat(conflict.advice()).contains("kubectl");
        });
        assertThat(cluster.requests().entries()).noneMatch(entry -> entry.force());
    }

    @Test
    void anUnknownFieldIsARejectionThoughTheServerSays500() {
        assertThat(connection.create(with(policy("production", "a", "GET"), "rulez", List.of())))
                .isInstanceOfSatisfying(Rejected.class, rejected -> {
                    assertThat(rejected.status()).isEqualTo(500);
                    assertThat(rejected.words()).contains("rulez");
                });
    }

    @Test
    void aWrongValueIsARejectionWithItsCauses() {
        assertThat(connection.create(with(policy("production", "a", "GET"), "action", "PERMIT")))
                .isInstanceOfSatisfying(Rejected.class, rejected -> assertThat(rejected.causes()).extracting(Rejected.Cause::field).contains("spec.action"));
    }

    @Test
    void aStateThatIsNotTheExpectedOneIsStale() {
        Applied first = applied(policy("production", "a", "GET"), Optional.empty());
        applied(policy("production", "a", "POST"), Optional.of(first.object().version()));
        assertThat(connection.apply(policy("production", "a", "PUT"), first.object().version())).isInstanceOf(ApplyOutcome.Stale.class);
        assertThat(connection.delete(ApiResource.AUTHORIZATION_POLICIES, "production", "a", first.object().version())).isInstanceOf(ApplyOutcome.Stale.class);
        assertThat(connection.apply(policy("production", "b", "PUT"), first.object().version())).isNotInstanceOf(Applied.class);
    }

    @Test
    void aDeletionTakesExactlyWhatItExpects() {
        Applied made = applied(policy("production", "a", "GET"), Optional.empty());
        assertThat(connection.delete(ApiResource.AUTHORIZATION_POLICIES, "production", "a", made.object().version())).isInstanceOf(DeleteOutcome.Deleted.class);
        assertThat(connection.delete(ApiResource.AUTHORIZATION_POLICIES, "production", "a", made.object().version())).isInstanceOf(DeleteOutcome.AlreadyGone.class);
    }

    @Test
    void aNamespaceOutOfReachIsForbiddenAndABadTokenToo() throws Exception {
        assertThat(connection.create(policy("istio-system", "a", "GET"))).isInstanceOfSatisfying(Forbidden.class,
                forbidden -> assertThat(forbidden.status()).isEqualTo(403));
        try (ClusterConnection stale = connect(cluster.kubeconfig("portal").replace(cluster.token("portal"), "old"))) {
            assertThat(stale.read(ApiResource.NAMESPACES, "", "production")).isInstanceOfSatisfying(Forbidden.class,
                    forbidden -> assertThat(forbidden.status()).isEqualTo(401));
        }
    }

    @Test
    void laterIsLaterAndNotNow() {
        try (var busy = cluster.faults().on("patch", "authorizationpolicies").answer(429, Duration.ofSeconds(7))) {
            assertThat(connection.create(policy("production", "a", "GET"))).isInstanceOfSatisfying(Unreachable.class,
                    later -> assertThat(later.retryAfter()).contains(Duration.ofSeconds(7)));
            assertThat(busy.hits()).as("never tried again by itself").isEqualTo(1);
        }
        for (int status : List.of(500, 502, 503, 504)) {
            try (var broken = cluster.faults().on("patch", "authorizationpolicies").answer(status)) {
                assertThat(connection.create(policy("production", "a", "GET"))).isInstanceOf(Unreachable.class);
                assertThat(broken.hits()).isEqualTo(1);
            }
        }
    }

    @Test
    void aCutAnswerIsUnreachableWhateverTheClusterDid() {
        cluster.faults().on("patch", "authorizationpolicies").times(1).cut();
        assertThat(connection.create(policy("production", "a", "GET"))).isInstanceOf(Unreachable.class);
        cluster.faults().on("patch", "authorizationpolicies").times(1).loseReply();
        assertThat(connection.create(policy("production", "a", "GET"))).isInstanceOf(Unreachable.class);
        cluster.faults().on("get", "authorizationpolicies").times(1).halfReply();
        assertThat(connection.read(ApiResource.AUTHORIZATION_POLICIES, "production", "a")).isInstanceOf(Unreachable.class);
        assertThat(connection.read(ApiResource.AUTHORIZATION_POLICIES, "production", "a")).isInstanceOf(ReadOutcome.Found.class);
    }

    @Test
    void aServerThatDripsIsGivenUpInTime() {
        cluster.faults().on("get", "namespaces").times(1).trickle(1);
        long before = System.nanoTime();
        assertThat(connection.read(ApiResource.NAMESPACES, "", "production")).isInstanceOf(Unreachable.class);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(25));
    }

    @Test
    void aServerThatIsGoneIsUnreachable() {
        cluster.close();
        assertThat(connection.read(ApiResource.NAMESPACES, "", "production")).isInstanceOfSatisfying(Unreachable.class,
                trouble -> assertThat(trouble.words()).isNotBlank().doesNotContain(cluster.token("portal")));
    }

    @Test
    void aListGoesOverAllPages() {
        List<Map<String, Object>> many = new ArrayList<>();
        for (int i = 0; i < 1_203; i++) {
            many.add(policy("staging", "p" + i, "GET"));
        }
        cluster.seed("kubectl", many);
        List<String> names = new ArrayList<>();
        assertThat(connection.list(ApiResource.AUTHORIZATION_POLICIES, Optional.of("staging"), object -> {
                    assertThat(object.tree()).containsEntry("kind", "AuthorizationPolicy");
                    names.add(object.name());
                }))
                .isInstanceOf(ListOutcome.Listed.class);
        assertThat(names).hasSize(1_203).doesNotHaveDuplicates();
    }

    @Test
    void aListWhoseViewIsForgottenHalfwayIsTakenAgainLater() {
        List<Map<String, Object>> many = new ArrayList<>();
        for (int i = 0; i < 501; i++) {
            many.add(policy("staging", "p" + i, "GET"));
        }
        cluster.seed("kubectl", many);
        assertThat(connection.list(ApiResource.AUTHORIZATION_POLICIES, Optional.of("staging"), object -> cluster.compact()))
                .isInstanceOfSatisfying(Unreachable.class, trouble -> assertThat(trouble.words()).contains("continue parameter is too old"));
    }

    @Test
    void aWatchTellsWhatHappensAndEndsWhenAsked() throws Exception {
        var listed = (ListOutcome.Listed) connection.list(ApiResource.AUTHORIZATION_POLICIES, Optional.of("production"), object -> {});
        List<WatchEvent> events = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> stop = new CompletableFuture<>();
        CompletableFuture<WatchOutcome> watch = CompletableFuture.supplyAsync(() -> connection.watch(
                ApiResource.AUTHORIZATION_POLICIES, Optional.of("production"), listed.resourceVersion(), stop, events::add));
        Applied made = made(policy("production", "a", "GET"));
        connection.delete(ApiResource.AUTHORIZATION_POLICIES, "production", "a", made.object().version());
        long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (events.size() < 2 && System.nanoTime() < end) {
            Thread.sleep(5);
        }
        stop.complete(null);
        assertThat(watch.get()).isInstanceOf(WatchOutcome.Ended.class);
        assertThat(events).hasSize(2);
        assertThat(events.get(0)).isInstanceOfSatisfying(WatchEvent.Put.class, put -> assertThat(put.object().uid()).isEqualTo(made.uid()));
        assertThat(events.get(1)).isInstanceOf(WatchEvent.Gone.class);
    }

    @Test
    void aForgottenVersionIsExpired() {
        var listed = (ListOutcome.Listed) connection.list(ApiResource.AUTHORIZATION_POLICIES, Optional.of("production"), object -> {});
        applied(policy("production", "a", "GET"), Optional.empty());
        cluster.compact();
        assertThat(connection.watch(ApiResource.AUTHORIZATION_POLICIES, Optional.of("production"), listed.resourceVersion(), new CompletableFuture<>(), event -> {}))
                .isInstanceOf(WatchOutcome.Expired.class);
    }
}
