package dev.countersign.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.audit.Actor;
import dev.countersign.delivery.RolloutProgress.Delivery;
import dev.countersign.grants.Grant;
import dev.countersign.grants.GrantLedger;
import dev.countersign.grants.Revocation;
import dev.countersign.grants.Rollout;
import dev.countersign.grants.Rollout.State;
import dev.countersign.grants.RolloutPlan.Change;
import dev.countersign.grants.RolloutPlan.Spot;
import dev.countersign.grants.RolloutPlan.Wave;
import dev.countersign.grants.RolloutPlans;
import dev.countersign.portal.Approvals;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.portal.ShopFixture.Shop;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.tenancy.Tenants;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.util.ReflectionTestUtils;

/// Waves over a cluster whose policies go by a Git repository, `demo`, and one that the portal writes to itself, `west`: what counts is
/// what the cluster shows, never what was pushed, and what is held back is in no file.
@PortalTest
class RolloutByRepositoryTests {
    private static final String POLICY = "countersign-payment-service";
    private static final String BRANCH = "countersign/demo";
    private static final String FILE = "production/" + POLICY + ".yaml";
    private static final Wave REST = new Wave("Everywhere", List.of(), Duration.ZERO, false);

    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopFixture shops;

    @Autowired
    Approvals approvals;

    @Autowired
    Tenants tenants;

    @Autowired
    RolloutPlans plans;

    @Autowired
    RolloutDesk desk;

    @Autowired
    ModeDesk modes;

    @Autowired
    DeliveryBoard board;

    @Autowired
    GrantLedger grants;

    @Autowired
    ApplicationContext context;

    @TempDir
    Path folder;

    private TestTenant tenant;
    private Shop demo;
    private Shop west;
    private GitServer git;

    @BeforeEach
    void open() throws Exception {
        tenant = fixtures.tenant();
        demo = shops.open(tenant);
        west = shops.open(tenant, "west");
        git = new GitServer(folder);
        git.commit("main", "README.md", Optional.of("Policies of our clusters.\n"));
        assertThat(in(() -> modes.toRepository(fixtures.current(tenant, "admin"), "demo", new RepositorySetting(git.url(), BRANCH, "", "robot", Optional.of("the right password")))))
                .isEqualTo(new ModeChange.Changed(DeliveryMode.REPOSITORY));
    }

    @AfterEach
    void close() {
        demo.close();
        west.close();
        git.close();
    }

    @Test
    void theNextWaveWaitsForTheClusterNotForThePush() throws Exception {
        first("demo");
        long request = approve("order-service");
        await("it is pushed", () -> in(() -> board.forRequest(request)).stream().anyMatch(one -> one.state() == DeliveryState.PUSHED));
        round();
        assertThat(states(request)).containsExactly(State.RUNNING, State.WAITING);
        assertThat(progress(request).steps().getFirst().lines()).extracting(RolloutProgress.Line::delivery).containsExactly(Delivery.UNDER_WAY);
        in(() -> board.reconcile(Actor.system("test"), west.ref()));
        assertThat(kubernetes(west).policy("production", POLICY)).as("never before its wave").isEmpty();

        follow();
        await("wave 1 is delivered", () -> progress(request).steps().getFirst().lines().getFirst().delivery() == Delivery.DELIVERED);
        roundsUntil("wave 2 is delivered", request, State.DONE, State.DONE);
        assertThat(kubernetes(west).policy("production", POLICY)).isPresent();
    }

    @Test
    void whatIsHeldIsInNoFile() throws Exception {
        first("west");
        String file = git.file(BRANCH, FILE).orElse("");
        long request = approve("order-service");
        await("wave 1 is delivered", () -> progress(request).steps().getFirst().lines().getFirst().delivery() == Delivery.DELIVERED);
        in(() -> board.reconcile(Actor.system("test"), demo.ref()));
        assertThat(progress(request).steps().getLast().lines()).extracting(RolloutProgress.Line::delivery).containsExactly(Delivery.HELD);
        assertThat(git.file(BRANCH, FILE).orElse("")).isEqualTo(file).doesNotContain("order-service");
        round();
        await("wave 2 is pushed", () -> git.file(BRANCH, FILE).map(text -> text.contains("sa/order-service")).orElse(false));
        assertThat(states(request)).containsExactly(State.DONE, State.RUNNING);
        follow();
        roundsUntil("wave 2 is delivered", request, State.DONE, State.DONE);
    }

    @Test
    void whatIsRevokedWhileItIsHeldIsNeverPushed() throws Exception {
        first("west");
        long request = approve("order-service");
        Grant held = in(() -> grants.ofRequest(request)).stream().filter(grant -> grant.place().cluster().name().equals("demo")).findFirst().orElseThrow();
        assertThat(in(() -> grants.revoke(fixtures.current(tenant, "security"), held.number(), "No longer needed by anyone"))).isInstanceOf(Revocation.Revoked.class);
        await("wave 1 is delivered", () -> progress(request).steps().getFirst().lines().getFirst().delivery() == Delivery.DELIVERED);
        round();
        in(() -> board.reconcile(Actor.system("test"), demo.ref()));
        long other = approve("billing-service");
        roundsUntilLetIn(other);
        await("another request's wave is pushed", () -> git.file(BRANCH, FILE).map(text -> text.contains("sa/billing-service")).orElse(false));
        assertThat(git.commits(BRANCH)).isNotEmpty();
        assertThat(git.file(BRANCH, FILE).orElseThrow()).doesNotContain("order-service");
    }

    private void first(String cluster) {
        List<Wave> waves = List.of(new Wave("First", List.of(Spot.of(cluster)), Duration.ZERO, false), REST);
        assertThat(in(() -> plans.change(fixtures.current(tenant, "admin"), plans.present().version(), waves))).isInstanceOf(Change.Changed.class);
    }

    private long approve(String caller) {
        return approvals.approve(tenant, List.of("demo", "west"), "production", caller, "payment-service", "/api/v1/payments/*", new GrantPeriod.For(Duration.ofDays(90)));
    }

    private RolloutProgress progress(long request) {
        return in(() -> desk.look(request)).orElseThrow();
    }

    private List<State> states(long request) {
        return progress(request).rollout().waves().stream().map(Rollout.Wave::state).toList();
    }

    /// As the job does it now and then.
    private void round() {
        ReflectionTestUtils.invokeMethod(context.getBean(RolloutJob.class), "look", tenant.tenant(), 1_000, Duration.ZERO);
    }

    private void roundsUntil(String what, long request, State... states) throws Exception {
        await(what, () -> {
            round();
            return states(request).equals(List.of(states));
        });
    }

    private void roundsUntilLetIn(long request) throws Exception {
        await("all waves are let in", () -> {
            round();
            return progress(request).rollout().waves().stream().allMatch(Rollout.Wave::letIn);
        });
    }

    /// Argo CD or Flux, following the branch.
    private void follow() {
        kubernetes(demo).applyFile(git.file(BRANCH, FILE).orElseThrow(), "kustomize-controller");
    }

    private static Kubernetes kubernetes(Shop shop) {
        return new Kubernetes(shop.cluster());
    }

    private <T> T in(Supplier<T> work) {
        return tenants.inTenant(tenant.tenant().id(), work::get);
    }

    private static void await(String what, Callable<Boolean> reached) throws Exception {
        Instant deadline = Instant.now().plusSeconds(20);
        while (!reached.call()) {
            assertThat(Instant.now()).as(what).isBefore(deadline);
            Thread.sleep(20);
        }
    }
}
