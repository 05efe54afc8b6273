package dev.countersign.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrl;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import dev.countersign.audit.Actor;
import dev.countersign.delivery.DeliveryBoard.Standing;
import dev.countersign.grants.GrantLedger;
import dev.countersign.grants.Revocation;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.GitBackend;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.portal.ShopFixture.Shop;
import dev.countersign.tenancy.Tenants;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.eclipse.jgit.revwalk.RevCommit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.MockMvc;

/// A cluster whose policies go by a Git repository: what is pushed, what is never written, and when it is called applied.
@PortalTest
@ExtendWith(OutputCaptureExtension.class)
class RepositoryTests {
    private static final String POLICY = "countersign-payment-service";
    private static final String FILE = "clusters/demo/production/" + POLICY + ".yaml";
    private static final String BRANCH = "countersign/demo";

    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopFixture shops;

    @Autowired
    Tenants tenants;

    @Autowired
    DeliveryBoard board;

    @Autowired
    DeliveryLedger deliveries;

    @Autowired
    ModeDesk modes;

    @Autowired
    StopDesk stops;

    @Autowired
    RepositoryLedger ledger;

    @Autowired
    RepositoryLoop loop;

    @Autowired
    Pusher pusher;

    @Autowired
    GrantLedger grants;

    @Autowired
    MockMvc mvc;

    @Autowired
    JdbcClient jdbc;

    @TempDir
    Path folder;

    private TestTenant tenant;
    private Shop shop;
    private Kubernetes kubernetes;
    private GitServer git;

    @BeforeEach
    void open() throws Exception {
        tenant = fixtures.tenant();
        shop = shops.open(tenant);
        kubernetes = new Kubernetes(shop.cluster());
        git = new GitServer(folder);
        git.commit("main", "README.md", Optional.of("Policies of our clusters.\n"));
    }

    @AfterEach
    void close() {
        shop.close();
        git.close();
    }

    private <T> T in(Supplier<T> work) {
        return tenants.inTenant(tenant.tenant().id(), work::get);
    }

    private ModeChange toRepository(String directory, String password) {
        return in(() -> modes.toRepository(fixtures.current(tenant, "admin"), "demo", new RepositorySetting(git.url(), BRANCH, directory, "robot", Optional.of(password))));
    }

    private void toRepository() {
        assertThat(toRepository("clusters/demo", "the right password")).isEqualTo(new ModeChange.Changed(DeliveryMode.REPOSITORY));
    }

    private void revoke(long request) {
        assertThat(in(() -> grants.revoke(fixtures.current(tenant, "security"), grants.ofRequest(request).getFirst().number(), "No longer needed by anyone")))
                .isInstanceOf(Revocation.Revoked.class);
    }

    private void await(String what, Callable<Boolean> reached) throws Exception {
        Instant deadline = Instant.now().plusSeconds(20);
        while (!reached.call()) {
            assertThat(Instant.now()).as("%s; stands as %s; %s", what, in(() -> board.forCluster(shop.ref().id())), in(() -> modes.repository(shop.ref().id()))).isBefore(deadline);
            Thread.sleep(20);
        }
    }

    private Standing standing(long request) {
        return in(() -> board.forRequest(request)).getFirst();
    }

    private void reaches(long request, DeliveryState state) throws Exception {
        await("request " + request + " is " + state, () -> in(() -> board.forRequest(request)).stream().anyMatch(one -> one.state() == state));
    }

    private String yaml(long revision) {
        return in(() -> board.revision(new PolicyKey(shop.ref().id(), "production", POLICY), revision)).orElseThrow().yaml();
    }

    private List<String> record(String kinds) {
        return in(() -> jdbc.sql("select sentence from audit_entry where kind like ? order by seq").param(kinds).query(String.class).list());
    }

    /// Looks at the repository now, whenever it is due.
    private void look() {
        in(() -> jdbc.sql("update delivery_repository set look_at = now(), wait_until = now()").update());
        loop.pushDue(tenant.tenant());
    }

    private void idle() throws Exception {
        await("nobody is at it", () -> in(() -> jdbc.sql("""
                select (select count(*) from policy_object where lease_until is not null or due_at <= now())
                     + (select count(*) from delivery_repository where lease_until is not null or look_at <= now())""").query(Long.class).single()) == 0);
    }

    /// What the portal asked of the cluster about policies but to read them: dry runs too.
    private long writes() {
        return shop.cluster().requests().entries().stream()
                .filter(entry -> entry.user().equals("portal") && entry.resource().startsWith("authorizationpolicies") && !List.of("get", "list", "watch").contains(entry.verb()))
                .count();
    }

    /// Argo CD or Flux, following the branch.
    private void follow() {
        git.files(BRANCH).stream().filter(file -> file.endsWith(".yaml")).forEach(file -> kubernetes.applyFile(git.file(BRANCH, file).orElseThrow(), "kustomize-controller"));
    }

    @Test
    void anApprovalIsAFileOfExactlyTheRevisionAndAppliedOnlyOnceTheClusterShowsIt() throws Exception {
        toRepository();
        long request = shop.approve("order-service");
        reaches(request, DeliveryState.PUSHED);
        assertThat(git.file(BRANCH, FILE)).contains(yaml(1));
        assertThat(git.files(BRANCH)).containsExactlyInAnyOrder("README.md", FILE);
        RevCommit commit = git.commits(BRANCH).getFirst();
        assertThat(commit.getAuthorIdent().getName()).isEqualTo("Countersign");
        assertThat(commit.getFullMessage()).isEqualTo("Deliver production/" + POLICY + " to cluster demo\n\nTenant: " + tenant.tenant().slug() + "\n\nproduction/" + POLICY
                + " revision 1\n  digest " + in(() -> jdbc.sql("select 'sha256:' || encode(content, 'hex') from revision").query(String.class).single()) + "\n  requests " + request + "\n");
        assertThat(git.commits("main")).as("the proposal begins at the default branch").first().isEqualTo(git.commits(BRANCH).get(1));
        assertThat(standing(request)).satisfies(one -> {
            assertThat(one.words()).isEqualTo("commit " + commit.name() + " on branch " + BRANCH + " of " + git.url());
            assertThat(one.appliedRevision()).isEmpty();
        });
        assertThat(kubernetes.policy("production", POLICY)).isEmpty();
        assertThat(record("policy.%")).hasSize(2).last().asString().startsWith("pushed production/" + POLICY + " at revision 1").endsWith("for request " + request);
        follow();
        reaches(request, DeliveryState.APPLIED);
        assertThat(standing(request)).satisfies(one -> {
            assertThat(one.appliedRevision()).contains(1L);
            assertThat(one.words()).isEmpty();
        });
        assertThat(record("policy.applied")).containsExactly("saw production/" + POLICY + " at revision 1 in cluster demo for request " + request);
        assertThat(writes()).isZero();
        assertThat(git.pushes()).isEqualTo(1);
    }

    @Test
    void theLastGrantsEndLeavesAFileThatMatchesNothing() throws Exception {
        toRepository();
        long request = shop.approve("order-service");
        reaches(request, DeliveryState.PUSHED);
        follow();
        reaches(request, DeliveryState.APPLIED);
        revoke(request);
        await("the file matches nothing", () -> git.file(BRANCH, FILE).equals(Optional.of(yaml(2))));
        assertThat(git.file(BRANCH, FILE).orElseThrow()).doesNotContain("rules:").contains("selector:");
        await("the message says so", () -> git.commits(BRANCH).getFirst().getFullMessage().contains("no grant is left: the policy matches nothing"));
        assertThat(writes()).isZero();
    }

    /// Between the confirmed revision and the newest, what the cluster already shows counts.
    @Test
    void aRevisionOnTheWayIsConfirmedWhileANewerIsAwaited() throws Exception {
        toRepository();
        long first = shop.approve("order-service");
        reaches(first, DeliveryState.PUSHED);
        String older = git.file(BRANCH, FILE).orElseThrow();
        long second = shop.approve("billing-service");
        await("the second is pushed", () -> git.file(BRANCH, FILE).equals(Optional.of(yaml(2))));
        reaches(second, DeliveryState.PUSHED);
        kubernetes.applyFile(older, "kustomize-controller");
        reaches(first, DeliveryState.APPLIED);
        assertThat(standing(second).state()).isEqualTo(DeliveryState.PUSHED);
        follow();
        reaches(second, DeliveryState.APPLIED);
    }

    @Test
    void aFileThatThePortalDidNotWriteIsToldOfAndNeverTouched() throws Exception {
        git.commit("main", FILE, Optional.of("kind: AuthorizationPolicy # by hand\n"));
        toRepository();
        long request = shop.approve("order-service");
        reaches(request, DeliveryState.REFUSED);
        assertThat(standing(request).words()).contains("already has a file " + FILE + " that the portal did not write");
        assertThat(standing(request).advice()).contains("Move or remove that file");
        assertThat(git.pushes()).isZero();
        look();
        idle();
        assertThat(record("policy.refused")).as("told once").hasSize(1);
        git.commit("main", FILE, Optional.empty());
        look();
        in(() -> jdbc.sql("update policy_object set due_at = now() where due_at is not null").update());
        reaches(request, DeliveryState.PUSHED);
        assertThat(git.file(BRANCH, FILE)).contains(yaml(1));
        assertThat(git.file("main", "README.md")).isPresent();
    }

    /// Where a folder would have to be, somebody has a file: it is not replaced by a folder.
    @Test
    void whatStandsInTheWayOfAFolderStays() throws Exception {
        git.commit("main", "clusters/demo/production", Optional.of("a file of this name\n"));
        toRepository();
        long request = shop.approve("order-service");
        reaches(request, DeliveryState.REFUSED);
        assertThat(standing(request).words()).contains("something else at clusters/demo/production");
        assertThat(git.file("main", "clusters/demo/production")).isPresent();
        assertThat(git.pushes()).isZero();
    }

    @Test
    void aFileThatAnotherHandChangedOrRemovedIsPutBackOnTopAndNothingElseIs() throws Exception {
        toRepository();
        long request = shop.approve("order-service");
        reaches(request, DeliveryState.PUSHED);
        git.commit(BRANCH, FILE, Optional.of(yaml(1).replace("order-service", "mallory")));
        git.commit(BRANCH, "clusters/demo/production/foreign.yaml", Optional.of("kept: true\n"));
        look();
        await("it is put back", () -> git.file(BRANCH, FILE).equals(Optional.of(yaml(1))));
        idle();
        git.commit(BRANCH, FILE, Optional.empty());
        look();
        await("it is there again", () -> git.file(BRANCH, FILE).equals(Optional.of(yaml(1))));
        idle();
        assertThat(git.commits(BRANCH)).extracting(RevCommit::getShortMessage).containsExactly("Restore production/" + POLICY + " to cluster demo", "By another hand",
                "Restore production/" + POLICY + " to cluster demo", "By another hand", "By another hand", "Deliver production/" + POLICY + " to cluster demo", "By another hand");
        assertThat(git.file(BRANCH, "clusters/demo/production/foreign.yaml")).contains("kept: true\n");
        assertThat(record("policy.restored")).hasSize(2).first().asString().endsWith("back to revision 1, which another hand had changed");
        assertThat(record("policy.restored").getLast()).endsWith("removed");
        assertThat(writes()).isZero();
    }

    /// Nobody is fought for ever.
    @Test
    void afterFiveRoundsAPersonIsAsked() throws Exception {
        toRepository();
        long request = shop.approve("order-service");
        reaches(request, DeliveryState.PUSHED);
        for (int round = 1; round <= RepositoryDecision.ROUNDS; round++) {
            git.commit(BRANCH, FILE, Optional.of("round " + round + "\n"));
            look();
            await("round " + round + " is put right", () -> git.file(BRANCH, FILE).equals(Optional.of(yaml(1))));
            idle();
        }
        git.commit(BRANCH, FILE, Optional.of("once more\n"));
        look();
        reaches(request, DeliveryState.REFUSED);
        assertThat(standing(request).words()).contains("was put right 5 times");
        look();
        idle();
        assertThat(git.file(BRANCH, FILE)).contains("once more\n");
        assertThat(record("policy.contested")).hasSize(1);
        in(() -> board.reconcile(Actor.system("test"), shop.ref()));
        await("a person asked for it", () -> git.file(BRANCH, FILE).equals(Optional.of(yaml(1))));
    }

    @Test
    void aBranchThatMovedMeanwhileIsFetchedAndBuiltUpon() throws Exception {
        toRepository();
        git.commit(BRANCH, "notes.txt", Optional.of("first\n"));
        git.beforeNextPush(() -> git.commit(BRANCH, "notes.txt", Optional.of("somebody was faster\n")));
        long request = shop.approve("order-service");
        reaches(request, DeliveryState.PUSHED);
        assertThat(git.pushes()).isEqualTo(2);
        assertThat(git.file(BRANCH, "notes.txt")).contains("somebody was faster\n");
        assertThat(git.file(BRANCH, FILE)).contains(yaml(1));
        assertThat(git.commits(BRANCH)).extracting(RevCommit::getShortMessage).containsExactly("Deliver production/" + POLICY + " to cluster demo", "By another hand", "By another hand");
    }

    @Test
    void aWrongPasswordIsToldOfWithoutItAndTheRightOneSetsItGoing(CapturedOutput log) throws Exception {
        String wrong = "hunter-of-secrets-" + System.nanoTime();
        assertThat(toRepository("clusters/demo", wrong)).isInstanceOf(ModeChange.Changed.class);
        long request = shop.approve("order-service");
        reaches(request, DeliveryState.UNREACHABLE);
        assertThat(standing(request)).satisfies(one -> {
            assertThat(one.words()).contains("not authorized").doesNotContain(wrong);
            assertThat(one.advice()).contains("gives a user and a token");
        });
        await("it is tried again", () -> in(() -> jdbc.sql("select attempts from delivery_repository").query(Integer.class).single()) >= 3);
        DeliveryRepository repository = in(() -> modes.repository(shop.ref().id())).orElseThrow();
        assertThat(repository.trouble()).isPresent();
        assertThat(repository.waiting()).isEqualTo(1);
        assertThat(record("repository.paused")).hasSize(1);
        int asked = git.refused();
        Thread.sleep(1_000);
        assertThat(git.refused() - asked).as("with growing pauses").isLessThanOrEqualTo(4);
        await("nobody is at it", () -> in(() -> jdbc.sql("select lease_until is null from delivery_repository").query(Boolean.class).single()));
        toRepository();
        reaches(request, DeliveryState.PUSHED);
        assertThat(in(() -> modes.repository(shop.ref().id())).orElseThrow().trouble()).isEmpty();
        assertThat(log.getAll()).doesNotContain(wrong);
        assertThat(in(() -> jdbc.sql("select content from audit_entry").query(String.class).list())).noneMatch(content -> content.contains(wrong) || content.contains("the right password"));
        assertThat(in(() -> jdbc.sql("select encode(password, 'escape') from delivery_repository").query(String.class).single())).doesNotContain("the right password");
    }

    @Test
    void aRepositoryThatIsDownIsToldOfOnceAndServedWhenItIsBack() throws Exception {
        toRepository();
        git.down(true);
        long request = shop.approve("order-service");
        reaches(request, DeliveryState.UNREACHABLE);
        await("it is tried again", () -> in(() -> jdbc.sql("select attempts from delivery_repository").query(Integer.class).single()) >= 3);
        assertThat(record("repository.paused")).hasSize(1);
        git.down(false);
        reaches(request, DeliveryState.PUSHED);
        assertThat(record("repository.resumed")).hasSize(1);
        assertThat(git.commits(BRANCH)).hasSize(2);
    }

    /// F44: a visit at which the portal itself fails, each time, as with a password that it cannot open any more: told once, tried ever
    /// more seldom, and it goes on when that is mended.
    @Test
    void aVisitThatAlwaysFailsIsToldOnceAndGoesOnWhenItIsMended() throws Exception {
        toRepository();
        idle();
        byte[] kept = in(() -> jdbc.sql("select password from delivery_repository").query(byte[].class).single());
        in(() -> jdbc.sql("update delivery_repository set password = decode(repeat('00', 64), 'hex')").update());
        long request = shop.approve("order-service");
        reaches(request, DeliveryState.UNREACHABLE);
        await("it is tried again", () -> in(() -> jdbc.sql("select attempts from delivery_repository").query(Integer.class).single()) >= 2);
        assertThat(standing(request).words()).isEqualTo("the portal itself fails at this repository");
        assertThat(standing(request).advice()).contains("operators");
        assertThat(record("repository.paused")).hasSize(1);
        assertThat(git.pushes()).isZero();
        in(() -> jdbc.sql("update delivery_repository set password = ?").param(kept).update());
        reaches(request, DeliveryState.PUSHED);
        assertThat(record("repository.resumed")).hasSize(1);
    }

    /// The push arrived, and whoever pushed died before it was written down: it is found, and not pushed twice.
    @Test
    void aPushThatNobodyWroteDownIsFoundAndNotPushedTwice() throws Exception {
        toRepository();
        idle();
        git.losesReplies(true);
        long request = shop.approve("order-service");
        await("it is in the repository, and nobody knows", () -> git.lostReplies() > 0);
        git.losesReplies(false);
        reaches(request, DeliveryState.PUSHED);
        assertThat(git.commits(BRANCH)).hasSize(2);
        assertThat(git.pushes()).isEqualTo(1);
        assertThat(record("policy.pushed")).hasSize(1).first().asString().startsWith("found production/" + POLICY + " at revision 1");
    }

    /// A pusher that slept through its claim: another has it, and its word counts no more; nor does it push over the other.
    @Test
    void twoReplicasPushOnceAndTheSleeperIsOvertaken() throws Exception {
        git.down(true);
        toRepository();
        long request = shop.approve("order-service");
        reaches(request, DeliveryState.UNREACHABLE);
        in(() -> jdbc.sql("update delivery_repository set wait_until = now() + interval '1 hour'").update());
        await("nobody is at it", () -> in(() -> jdbc.sql("select lease_until is null from delivery_repository").query(Boolean.class).single()));
        git.down(false);
        in(() -> jdbc.sql("update delivery_repository set wait_until = now() + interval '1 hour'").update());
        List<RepositoryClaim> claims;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            in(() -> jdbc.sql("update delivery_repository set wait_until = now()").update());
            List<Future<List<RepositoryClaim>>> replicas = java.util.stream.IntStream.range(0, 8)
                    .mapToObj(i -> threads.submit(() -> dev.countersign.tenancy.CurrentTenant.call(tenant.tenant().id(), () -> ledger.claim(4)))).toList();
            claims = new java.util.ArrayList<>();
            for (Future<List<RepositoryClaim>> replica : replicas) {
                claims.addAll(replica.get());
            }
        }
        // The portal's own loop may have been faster than all of them.
        assertThat(claims).hasSizeLessThanOrEqualTo(1);
        if (claims.isEmpty()) {
            reaches(request, DeliveryState.PUSHED);
        } else {
            RepositoryClaim sleeper = claims.getFirst();
            in(() -> jdbc.sql("update delivery_repository set lease_until = now() - interval '1 second'").update());
            loop.pushDue(tenant.tenant());
            reaches(request, DeliveryState.PUSHED);
            PushReport late = dev.countersign.tenancy.CurrentTenant.call(tenant.tenant().id(), () -> pusher.visit(tenant.tenant(), sleeper));
            assertThat(dev.countersign.tenancy.CurrentTenant.call(tenant.tenant().id(), () -> ledger.record(sleeper, late))).isFalse();
            git.commit(BRANCH, FILE, Optional.of("changed while it slept\n"));
            assertThat(dev.countersign.tenancy.CurrentTenant.call(tenant.tenant().id(), () -> pusher.visit(tenant.tenant(), sleeper))).isInstanceOf(PushReport.Overtaken.class);
        }
        assertThat(git.pushes()).isEqualTo(1);
    }

    /// Somebody edits the live object: noticed, shown with the hand, and not written to. When the controller has put it right, it is said.
    @Test
    void driftIsShownAndNeverWrittenOver() throws Exception {
        toRepository();
        long request = shop.approve("order-service");
        reaches(request, DeliveryState.PUSHED);
        follow();
        reaches(request, DeliveryState.APPLIED);
        kubernetes.openToEveryone("production", POLICY, "mallory");
        reaches(request, DeliveryState.DRIFTED);
        assertThat(standing(request).managers()).contains("mallory");
        idle();
        assertThat(standing(request).state()).isEqualTo(DeliveryState.DRIFTED);
        assertThat(standing(request).advice()).contains("The portal writes nothing to this cluster");
        follow();
        reaches(request, DeliveryState.APPLIED);
        assertThat(record("policy.applied").getLast()).startsWith("saw production/" + POLICY + " right again at revision 1");
        assertThat(writes()).isZero();
        assertThat(git.pushes()).isEqualTo(1);
    }

    /// A revision may wait for days to be merged. Who deletes the object meanwhile opens the service, and that is told at once and stays
    /// told, also when a further revision is pushed; when the cluster shows what was confirmed, the newest is awaited again.
    @Test
    void whatIsDeletedWhileARevisionIsAwaitedIsToldUntilItIsThereAgain() throws Exception {
        toRepository();
        long first = shop.approve("order-service");
        reaches(first, DeliveryState.PUSHED);
        follow();
        reaches(first, DeliveryState.APPLIED);
        String confirmed = git.file(BRANCH, FILE).orElseThrow();
        long second = shop.approve("billing-service");
        reaches(second, DeliveryState.PUSHED);
        idle();
        kubernetes.delete("production", POLICY);
        reaches(second, DeliveryState.DRIFTED);
        assertThat(standing(second)).satisfies(one -> {
            assertThat(one.words()).isEqualTo("deleted");
            assertThat(one.appliedRevision()).contains(1L);
        });
        idle();
        assertThat(standing(second).advice()).contains("The portal writes nothing to this cluster");
        long third = shop.approve("frontend");
        await("the third is pushed", () -> git.file(BRANCH, FILE).equals(Optional.of(yaml(3))));
        idle();
        assertThat(standing(third).state()).as("pushing another revision closes nothing").isEqualTo(DeliveryState.DRIFTED);
        assertThat(record("policy.drifted")).containsExactly("found production/" + POLICY + " in cluster demo deleted");
        kubernetes.applyFile(confirmed, "kustomize-controller");
        reaches(third, DeliveryState.PUSHED);
        assertThat(record("policy.applied").getLast()).startsWith("saw production/" + POLICY + " right again at revision 1");
        follow();
        reaches(third, DeliveryState.APPLIED);
        assertThat(writes()).isZero();
    }

    /// The file is refused, and nobody is waiting for the cluster: another hand's edit of the object is told of all the same, and above
    /// what is wrong with the file, which is told once.
    @Test
    void whatAnotherHandChangesWhileTheFileIsRefusedIsTold() throws Exception {
        long request = shop.approve("order-service");
        reaches(request, DeliveryState.APPLIED);
        idle();
        git.commit("main", FILE, Optional.of("kind: AuthorizationPolicy # by hand\n"));
        toRepository();
        await("the file is refused", () -> !record("policy.refused").isEmpty());
        idle();
        kubernetes.openToEveryone("production", POLICY, "mallory");
        reaches(request, DeliveryState.DRIFTED);
        assertThat(standing(request).managers()).contains("mallory");
        look();
        idle();
        assertThat(standing(request).state()).isEqualTo(DeliveryState.DRIFTED);
        assertThat(record("policy.refused")).hasSize(1);
        assertThat(record("policy.drifted")).hasSize(1);
    }

    /// From direct delivery to a repository and back: what the cluster holds stays applied, is written by one hand at a time, and both
    /// decisions are on the record.
    @Test
    void theModesHandOverAndNeverWriteAtOnce() throws Exception {
        long first = shop.approve("order-service");
        reaches(first, DeliveryState.APPLIED);
        idle();
        long before = writes();
        toRepository();
        await("the file is there", () -> git.file(BRANCH, FILE).equals(Optional.of(yaml(1))));
        idle();
        assertThat(standing(first).state()).as("the cluster holds it, by whichever hand").isEqualTo(DeliveryState.APPLIED);
        long second = shop.approve("billing-service");
        reaches(second, DeliveryState.PUSHED);
        assertThat(standing(first).state()).isEqualTo(DeliveryState.APPLIED);
        assertThat(writes()).isEqualTo(before);
        assertThat(in(() -> modes.toDirect(fixtures.current(tenant, "admin"), "demo"))).isEqualTo(new ModeChange.Changed(DeliveryMode.DIRECT));
        int pushes = git.pushes();
        reaches(second, DeliveryState.APPLIED);
        assertThat(writes()).isGreaterThan(before);
        long third = shop.approve("frontend");
        reaches(third, DeliveryState.APPLIED);
        assertThat(git.pushes()).isEqualTo(pushes);
        assertThat(git.file(BRANCH, FILE)).as("what was pushed stays").contains(yaml(2));
        assertThat(record("cluster.delivery-changed")).hasSize(2).first().asString().startsWith("switched cluster demo to a Git repository");
    }

    /// The controller applied unchanged what we had written, so both hold it; what it leaves out later stays by our name, and the door
    /// open. That is no "applied", and it is told.
    @Test
    void whatOurFieldManagerOfBeforeTheSwitchKeepsIsToldOf() throws Exception {
        long request = shop.approve("order-service");
        reaches(request, DeliveryState.APPLIED);
        idle();
        toRepository();
        await("the file is there", () -> git.file(BRANCH, FILE).equals(Optional.of(yaml(1))));
        follow();
        revoke(request);
        await("the file matches nothing", () -> git.file(BRANCH, FILE).equals(Optional.of(yaml(2))));
        follow();
        await("it is told", () -> in(() -> board.forCluster(shop.ref().id())).getFirst().state() == DeliveryState.DRIFTED);
        assertThat(kubernetes.rules(kubernetes.policy("production", POLICY).orElseThrow())).as("the field manager countersign keeps the rule").hasSize(1);
        assertThat(in(() -> board.forCluster(shop.ref().id())).getFirst()).satisfies(one -> {
            assertThat(one.words()).contains("says that it is revision 2 and still holds what an earlier one said");
            assertThat(one.advice()).contains("managedFields");
            assertThat(one.appliedRevision()).contains(1L);
        });
        kubernetes.closeToEveryone("production", POLICY);
        await("it is closed", () -> in(() -> board.forCluster(shop.ref().id())).getFirst().state() == DeliveryState.APPLIED);
        assertThat(record("policy.drifted")).hasSize(1);
    }

    /// The guard beneath the claims: a courier that has a claim from before does not set off, and may not write.
    @Test
    void aCourierWithAClaimOfTheModeBeforeMayNotWrite() throws Exception {
        long request = shop.approve("order-service");
        reaches(request, DeliveryState.APPLIED);
        idle();
        toRepository();
        idle();
        long before = writes();
        long fence = in(() -> jdbc.sql("""
                update policy_object set fence = fence + 1, lease_until = now() + interval '1 minute', due_at = now() returning fence""").query(Long.class).single());
        Consignment claimed = new Consignment(new PolicyKey(shop.ref().id(), "production", POLICY), 1, yaml(1), List.of(request), fence, Optional.empty(), Optional.empty(), false, 0, 0, "WAITING", "");
        assertThat(in(() -> deliveries.begin(List.of(claimed)))).isEmpty();
        assertThat(in(() -> deliveries.renew(claimed))).isFalse();
        in(() -> jdbc.sql("update policy_object set lease_until = null").update());
        assertThat(in(() -> deliveries.claim(100, 100, java.util.Map.of()))).isEmpty();
        assertThat(writes()).isEqualTo(before);
    }

    @Test
    void aSwitchIsRefusedWhileADeliveryIsUnderWayAndToWhoMayNot() throws Exception {
        long request = shop.approve("order-service");
        reaches(request, DeliveryState.APPLIED);
        idle();
        in(() -> jdbc.sql("update policy_object set lease_until = now() + interval '1 minute'").update());
        assertThat(toRepository("", "x")).isInstanceOfSatisfying(ModeChange.UnderWay.class, under -> assertThat(under.message()).contains("A delivery to cluster demo is under way", "try again"));
        in(() -> jdbc.sql("update policy_object set lease_until = null").update());
        for (String nobody : List.of("engineer", "owner", "security", "auditor")) {
            assertThat(in(() -> modes.toRepository(fixtures.current(tenant, nobody), "demo", new RepositorySetting(git.url(), "main", "", "", Optional.empty()))))
                    .as(nobody).isInstanceOf(ModeChange.NotYours.class);
            assertThat(in(() -> modes.toDirect(fixtures.current(tenant, nobody), "demo"))).as(nobody).isInstanceOf(ModeChange.NotYours.class);
        }
        toRepository();
        idle();
        in(() -> jdbc.sql("update delivery_repository set lease_until = now() + interval '1 minute'").update());
        assertThat(in(() -> modes.toDirect(fixtures.current(tenant, "admin"), "demo"))).isInstanceOf(ModeChange.UnderWay.class);
        in(() -> jdbc.sql("update delivery_repository set lease_until = null").update());
        assertThat(in(() -> modes.toRepository(fixtures.current(tenant, "admin"), "demo", new RepositorySetting("https://elsewhere.example/r.git", "main", "", "robot", Optional.empty()))))
                .as("a password goes to the address that it was given for").isInstanceOfSatisfying(ModeChange.Refused.class, refused -> assertThat(refused.problems().getFirst().field()).isEqualTo("password"));
    }

    @Test
    void anAddressThatNobodyShouldBeSentToIsRefusedInWords() {
        for (String wrong : List.of("http://git.example/r.git", "ssh://git@git.example/r.git", "git.example:r.git", "/srv/r.git", "file:///srv/r.git", "https://robot:secret@git.example/r.git",
                "https://169.254.169.254/r.git", "https://metadata.google.internal/r.git", "https://git.example/r.git?token=x", "https://2130706433/r.git", "")) {
            assertThat(new RepositorySetting(wrong, "main", "", "", Optional.empty()).problems()).as(wrong).extracting(ModeChange.Problem::field).containsExactly("url");
        }
        for (String wrong : List.of("", "a..b", "a b", "-", "x".repeat(201), "refs/heads/")) {
            assertThat(new RepositorySetting("https://git.example/r.git", wrong, "", "", Optional.empty()).problems()).as(wrong).extracting(ModeChange.Problem::field)
                    .containsAnyOf("branch").doesNotContain("url");
        }
        for (String wrong : List.of("../up", "a/../b", ".git/hooks", "/etc", "a//b", "a b", "x".repeat(201))) {
            assertThat(new RepositorySetting("https://git.example/r.git", "main", wrong, "", Optional.empty()).problems()).as(wrong).extracting(ModeChange.Problem::field).containsExactly("directory");
        }
        assertThat(new RepositorySetting("https://git.example/team/policies.git", "countersign/west", "clusters/west/", "robot", Optional.of("x")).problems()).isEmpty();
    }

    @Test
    void aStopHoldsWhatOpensAndLetsThroughWhatCloses() throws Exception {
        toRepository();
        long first = shop.approve("order-service");
        reaches(first, DeliveryState.PUSHED);
        follow();
        reaches(first, DeliveryState.APPLIED);
        long stop = ((Stopping.Stopped) in(() -> stops.stop(fixtures.current(tenant, "security"), "demo", Optional.empty(), "We look into a leak."))).number();
        long second = shop.approve("billing-service");
        idle();
        assertThat(git.file(BRANCH, FILE).orElseThrow()).contains("sa/order-service").doesNotContain("sa/billing-service");
        assertThat(standing(second).words()).startsWith("stopped by security (stop " + stop + ")");
        git.commit(BRANCH, FILE, Optional.of(yaml(1).replace("production/sa/order-service", "production/sa/mallory")));
        look();
        idle();
        assertThat(record("policy.held")).as("putting it back opens what the file closed").isNotEmpty();
        revoke(first);
        await("the revoked caller is out", () -> !git.file(BRANCH, FILE).orElseThrow().contains("sa/"));
        in(() -> stops.release(fixtures.current(tenant, "security"), stop, "There was no leak."));
        reaches(second, DeliveryState.PUSHED);
        assertThat(git.file(BRANCH, FILE).orElseThrow()).contains("sa/billing-service").doesNotContain("sa/order-service");
        assertThat(writes()).isZero();
    }

    private String page(String who, String address) throws Exception {
        return mvc.perform(get(address).with(fixtures.as(tenant, who))).andExpect(status().isOk()).andReturn().getResponse().getContentAsString();
    }

    @Test
    void thePagesSayTheModeTheBranchTheCommitAndWhatWaits() throws Exception {
        String page = "/admin/clusters/demo/delivery";
        assertThat(page("admin", page)).contains("The portal writes approved policies to this cluster itself", "countersign/demo", "Deliver by this repository").doesNotContain("Write to the cluster again");
        mvc.perform(get(page).with(fixtures.as(tenant, "security"))).andExpect(status().isForbidden());
        mvc.perform(post(page).with(fixtures.as(tenant, "security")).with(csrf()).param("url", git.url()).param("branch", BRANCH)).andExpect(status().isForbidden());
        String wrong = mvc.perform(post(page).with(fixtures.as(tenant, "admin")).with(csrf()).param("url", "http://git.example/<b>").param("branch", "a..b").param("password", "never drawn again"))
                .andExpect(status().isUnprocessableContent()).andReturn().getResponse().getContentAsString();
        assertThat(wrong).contains("Give the name of a branch", "http://git.example/&lt;b&gt;").doesNotContain("never drawn again");
        assertThat(in(() -> modes.repository(shop.ref().id()))).isEmpty();
        git.down(true);
        mvc.perform(post(page).with(fixtures.as(tenant, "admin")).with(csrf()).param("url", git.url()).param("branch", BRANCH).param("directory", "clusters/demo/").param("username", "robot")
                .param("password", "the right password")).andExpect(redirectedUrl(page));
        long request = shop.approve("order-service");
        reaches(request, DeliveryState.UNREACHABLE);
        assertThat(page("engineer", "/clusters/demo/policies")).contains("go by a Git repository", "Nothing was pushed yet.", "One file waits", "Nothing can be pushed at the moment").doesNotContain("How it is delivered");
        git.down(false);
        in(() -> board.reconcile(Actor.system("test"), shop.ref()));
        reaches(request, DeliveryState.PUSHED);
        String commit = git.tip(BRANCH).orElseThrow().name();
        assertThat(page("admin", "/delivery/of/demo")).contains("Pushed last: commit", commit.substring(0, 12), "No file waits", "one is", "How it is delivered").doesNotContain("Nothing can be pushed");
        assertThat(page("engineer", "/requests/" + request + "/delivery")).contains("pushed, awaiting the cluster", "commit " + commit + " on branch " + BRANCH);
        assertThat(page("engineer", "/clusters/demo/policies/production/" + POLICY)).contains(FILE, "holds revision", commit.substring(0, 12));
        assertThat(page("admin", page)).contains(git.url(), "One is stored", "Write to the cluster again").doesNotContain("the right password");
        assertThat(page("admin", page + "/direct")).contains("Let Argo CD, Flux");
        in(() -> jdbc.sql("update delivery_repository set lease_until = now() + interval '1 minute'").update());
        mvc.perform(post(page + "/direct").with(fixtures.as(tenant, "admin")).with(csrf())).andExpect(status().isConflict());
        in(() -> jdbc.sql("update delivery_repository set lease_until = null").update());
        mvc.perform(post(page + "/direct").with(fixtures.as(tenant, "admin")).with(csrf())).andExpect(redirectedUrl(page));
        reaches(request, DeliveryState.APPLIED);
    }

    /// What Git itself says to it, where this machine has it: a branch that begins at the default one, of which only the newest commit is
    /// known here, a branch that moved meanwhile, and one that people merged and deleted.
    @Test
    void aServerOfGitItselfTakesWhatIsPushed(@TempDir Path other) throws Exception {
        assumeTrue(GitBackend.isInstalled(), "git is not installed");
        git.close();
        git = new GitServer(other, Optional.of(new GitBackend(other)));
        new ProcessBuilder("git", "--git-dir", other.resolve("policies.git").toString(), "config", "http.receivepack", "true").start().waitFor();
        for (int i = 1; i <= 3; i++) {
            git.commit("main", "README.md", Optional.of("Policies of our clusters, " + i + ".\n"));
        }
        toRepository();
        git.beforeNextPush(() -> git.commit(BRANCH, "notes.txt", Optional.of("somebody was faster\n")));
        long first = shop.approve("order-service");
        reaches(first, DeliveryState.PUSHED);
        // The other hand's branch began at nothing.
        assertThat(git.files(BRANCH)).containsExactlyInAnyOrder("notes.txt", FILE);
        git.delete(BRANCH);
        long second = shop.approve("billing-service");
        await("the branch begins anew", () -> git.tip(BRANCH).isPresent() && git.file(BRANCH, FILE).equals(Optional.of(yaml(2))));
        reaches(second, DeliveryState.PUSHED);
        assertThat(git.files(BRANCH)).containsExactlyInAnyOrder("README.md", FILE);
        assertThat(git.commits(BRANCH)).hasSize(4);
        git.commit(BRANCH, FILE, Optional.of("edited\n"));
        look();
        await("it is put back", () -> git.file(BRANCH, FILE).equals(Optional.of(yaml(2))));
        GitBackend.isSound(other.resolve("policies.git"));
    }
}
