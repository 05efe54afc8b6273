package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.CatalogSync;
import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.delivery.Kubernetes;
import dev.countersign.demo.cluster.Faults;
import dev.countersign.portal.PortalTest;
import dev.countersign.tenancy.CurrentTenant;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestPropertySource;

/// F37: an API server that tells its news twice, in another order, late, or not at all, and lists what was. News only wake the
/// courier: nothing is written twice, nothing is called drift that is only old, and what another hand did is put right.
@PortalTest
@TestPropertySource(properties = "countersign.delivery.sweep=1s")
class LyingWatchTests {
    private static final String NAMESPACE = "production";
    private static final String POLICY = "countersign-payment-service";
    private static final String RESOURCE = "authorizationpolicies";
    private static final int RUNS = Integer.getInteger("faults.runs", 3);

    @Autowired
    ApplicationContext context;

    /// The watches begin anew, and meet the fault.
    private static Faults.Armed armed(Laboratory lab, Function<Faults.Where, Faults.Armed> fault) throws Exception {
        Faults.Armed armed = fault.apply(lab.cluster.faults().on("watch", RESOURCE));
        lab.apiServer.cut();
        for (int i = 0; i < 1_000 && armed.hits() == 0; i++) {
            Thread.sleep(20);
        }
        assertThat(armed.hits()).as("no watch met the fault").isPositive();
        return armed;
    }

    private static long entries(Laboratory lab, String kind) throws Exception {
        return Long.parseLong(lab.one("select count(*) from audit_entry where tenant_id = ? and kind = '" + kind + "'"));
    }

    private static void awaitEntries(Laboratory lab, String kind, long wanted) throws Exception {
        for (int i = 0; i < 500 && entries(lab, kind) < wanted; i++) {
            Thread.sleep(20);
        }
        assertThat(entries(lab, kind)).as(kind).isEqualTo(wanted);
    }

    private static long written(Laboratory lab) {
        return lab.cluster.requests().writes().stream().filter(entry -> entry.stored()).count();
    }

    private void list(Laboratory lab) {
        CurrentTenant.run(lab.tenant.tenant().id(), () -> assertThat(context.getBean(CatalogSync.class)
                .syncNow(context.getBean(ClusterRegistry.class).list().getFirst().id())).isEmpty());
    }

    /// Some approvals, and nothing that was not asked for: as many writes as revisions at most, no drift.
    private static void approvals(Laboratory lab) throws Exception {
        long drifted = entries(lab, "policy.drifted");
        for (int run = 0; run < RUNS; run++) {
            long before = written(lab);
            lab.approve();
            lab.converges("an approval");
            Thread.sleep(700);
            assertThat(written(lab) - before).as("writes of one approval").isEqualTo(1);
        }
        assertThat(entries(lab, "policy.drifted")).as("called drift").isEqualTo(drifted);
    }

    @Test
    void newsThatAreToldTwiceAreActedOnOnce() throws Exception {
        try (Laboratory lab = new Laboratory(context, 371)) {
            lab.approve();
            lab.converges("the first approval");
            try (Faults.Armed fault = armed(lab, Faults.Where::repeatEvents)) {
                approvals(lab);
                assertThat(lab.judge()).isEmpty();
                Kubernetes hand = new Kubernetes(lab.cluster);
                for (int run = 1; run <= RUNS; run++) {
                    hand.openToEveryone(NAMESPACE, POLICY, "mallory");
                    awaitEntries(lab, "policy.taken-back", run);
                    lab.converges("an edit");
                    Thread.sleep(700);
                    assertThat(entries(lab, "policy.drifted")).isEqualTo(run);
                    assertThat(entries(lab, "policy.taken-back")).isEqualTo(run);
                }
                assertThat(lab.judge(Set.of("mallory"))).isEmpty();
                System.out.println("F37 told twice: " + fault.hits() + " watches, " + written(lab) + " writes");
            }
        }
    }

    /// Late as well: every other event is kept back until there is one after it.
    @Test
    void newsInAnotherOrderAreOldNotDrift() throws Exception {
        try (Laboratory lab = new Laboratory(context, 372)) {
            lab.approve();
            lab.converges("the first approval");
            try (Faults.Armed fault = armed(lab, Faults.Where::swapEvents)) {
                approvals(lab);
                assertThat(lab.judge()).isEmpty();
                Kubernetes hand = new Kubernetes(lab.cluster);
                for (int run = 0; run < RUNS; run++) {
                    hand.openToEveryone(NAMESPACE, POLICY, "mallory");
                    lab.approve();
                    lab.converges("an edit that was heard late");
                    Thread.sleep(700);
                    assertThat(hand.principals(hand.policy(NAMESPACE, POLICY).orElseThrow())).containsOnly("cluster.local/ns/production/sa/order-service");
                }
                assertThat(entries(lab, "policy.taken-back")).as("each edit is told").isGreaterThanOrEqualTo(RUNS);
                long before = written(lab);
                Thread.sleep(1_500);
                assertThat(written(lab)).as("it does not go round").isEqualTo(before);
                assertThat(lab.judge(Set.of("mallory"))).isEmpty();
                System.out.println("F37 swapped: " + fault.hits() + " watches, " + written(lab) + " writes");
            }
        }
    }

    /// A list of before the last write says nothing of it. One of before the policy was there says that it is gone: that is
    /// recorded, for it cannot be told from the truth, but the cluster is asked before anything is written, and nothing is.
    @Test
    void aStaleListMovesNothing() throws Exception {
        try (Laboratory lab = new Laboratory(context, 373)) {
            try (Faults.Armed absent = lab.cluster.faults().on("list", RESOURCE).stale()) {
                lab.approve();
                lab.converges("the first approval");
                stale(lab, absent);
            }
            try (Faults.Armed older = lab.cluster.faults().on("list", RESOURCE).stale()) {
                long drifted = entries(lab, "policy.drifted");
                lab.approve();
                lab.converges("the second approval");
                stale(lab, older);
                assertThat(entries(lab, "policy.drifted")).as("called drift").isEqualTo(drifted);
            }
            list(lab);
            lab.converges("a list that is true again");
            assertThat(lab.judge()).isEmpty();
        }
    }

    private void stale(Laboratory lab, Faults.Armed fault) throws Exception {
        long before = written(lab);
        int hits = fault.hits();
        for (int run = 0; run < RUNS; run++) {
            list(lab);
            lab.converges("a stale list");
        }
        Thread.sleep(1_000);
        assertThat(fault.hits()).isGreaterThan(hits);
        assertThat(written(lab)).as("writes after stale lists").isEqualTo(before);
        System.out.println("F37 stale: " + (fault.hits() - hits) + " lists, " + (written(lab) - before) + " writes, " + entries(lab, "policy.drifted") + " called drift");
    }

    @Test
    void bookmarksAloneAndExpiredVersionsLoseNothing() throws Exception {
        try (Laboratory lab = new Laboratory(context, 374)) {
            lab.approve();
            lab.converges("the first approval");
            Kubernetes hand = new Kubernetes(lab.cluster);
            Faults.Armed silent = armed(lab, Faults.Where::onlyBookmarks);
            hand.openToEveryone(NAMESPACE, POLICY, "mallory");
            Thread.sleep(500);
            silent.close();
            // 410: listed anew, and what was never told is found.
            Faults.Armed expired = armed(lab, where -> where.times(3).expireWatch());
            awaitEntries(lab, "policy.taken-back", 1);
            lab.converges("news that never came");
            assertThat(lab.judge(Set.of("mallory"))).isEmpty();
            System.out.println("F37 bookmarks only, then 410: " + silent.hits() + " and " + expired.hits() + " watches");
        }
    }
}
