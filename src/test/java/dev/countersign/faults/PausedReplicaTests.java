package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.delivery.Kubernetes;
import dev.countersign.demo.cluster.Faults;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestPropertySource;

/// F12: a replica stops in the middle of a delivery (SIGSTOP), before it has the answer to its first question and to
/// the write; another takes over and goes further, and the first wakes up. It can change nothing any more: neither in
/// the database nor in the cluster. `-Dfaults.runs=N` for more pauses.
@PortalTest
@TestPropertySource(properties = "countersign.delivery.sweep=1s")
class PausedReplicaTests {
    private static final int RUNS = Integer.getInteger("faults.runs", 3);

    /// The exchanges of a delivery after which much may have changed.
    private static final List<Predicate<String>> STEPS = List.of(
            question -> question.startsWith("GET "),
            question -> question.startsWith("PATCH "));

    @TempDir
    Path folder;

    @Autowired
    ApplicationContext context;

    @Test
    void whoSleptThroughTheLeaseChangesNothing() throws Exception {
        try (Laboratory lab = new Laboratory(context, 12)) {
            Image image = Image.pack(lab.settings(TestDatabase.server().port()));
            int paused = 0;
            // The database is reached past the proxy, so every exchange counted here is one with the cluster.
            try (Replica sleeper = lab.ready(Replica.start(image, folder, lab.settings(TestDatabase.server().port())))) {
                for (int run = 0; run < RUNS; run++) {
                    lab.couriersHere().stop();
                    long number = lab.submit();
                    lab.boundary.arm(STEPS.get(run % STEPS.size()), Boundary.Moment.ANSWER_LOST, sleeper::pause);
                    assertThat(lab.review(lab.here, number, UUID.randomUUID()).statusCode()).isEqualTo(200);
                    for (int i = 0; i < 250 && lab.boundary.struck().isEmpty(); i++) {
                        Thread.sleep(20);
                    }
                    paused += lab.boundary.struck().isPresent() ? 1 : 0;
                    lab.boundary.disarm();
                    lab.couriersHere().start();
                    lab.converges("a replica that sleeps: " + lab.boundary.struck());
                    // Taking back what the sleeper was about to grant.
                    assertThat(lab.revoke(lab.here, number, UUID.randomUUID()).statusCode()).isEqualTo(200);
                    lab.converges("a revocation while it sleeps");
                    sleeper.goOn();
                    Thread.sleep(1500);
                    lab.converges("its waking up");
                    assertThat(lab.judge()).as("run %d, %s", run, lab.boundary.struck()).isEmpty();
                }
            }
            assertThat(paused).as("pauses in the middle of a delivery").isEqualTo(RUNS);
        }
    }

    /// What is absent has no state that a write could demand: the creation of who sleeps is on its way, for as long as the network likes.
    /// Meanwhile another makes the policy and takes back what the sleeper was about to grant.
    @Test
    void aCreationThatArrivesLateChangesNothing() throws Exception {
        try (Laboratory lab = new Laboratory(context, 13)) {
            Image image = Image.pack(lab.settings(TestDatabase.server().port()));
            Kubernetes hand = new Kubernetes(lab.cluster);
            try (Replica sleeper = lab.ready(Replica.start(image, folder, lab.settings(TestDatabase.server().port())))) {
                lab.couriersHere().stop();
                long number = lab.submit();
                String before;
                try (Faults.Armed onItsWay = lab.cluster.faults().on("patch", "authorizationpolicies").times(1).holdRequest()) {
                    assertThat(lab.review(lab.here, number, UUID.randomUUID()).statusCode()).isEqualTo(200);
                    for (int i = 0; i < 500 && onItsWay.hits() == 0; i++) {
                        Thread.sleep(20);
                    }
                    assertThat(onItsWay.hits()).as("creations on their way").isEqualTo(1);
                    sleeper.pause();
                    lab.couriersHere().start();
                    lab.leasesRunOut();
                    lab.converges("a creation that does not arrive");
                    assertThat(lab.revoke(lab.here, number, UUID.randomUUID()).statusCode()).isEqualTo(200);
                    lab.converges("a revocation");
                    before = hand.policy("production", "countersign-payment-service").orElseThrow().toString();
                }
                sleeper.goOn();
                for (int i = 0; i < 500 && refusedCreations(lab) == 0; i++) {
                    Thread.sleep(20);
                }
                assertThat(refusedCreations(lab)).as("creations that arrived late").isEqualTo(1);
                lab.converges("a creation that arrived late");
                assertThat(hand.policy("production", "countersign-payment-service").orElseThrow()).hasToString(before);
                assertThat(lab.judge()).isEmpty();
                assertThat(lab.one("select count(*) from audit_entry where tenant_id = ? and kind = 'policy.drifted'")).isEqualTo("0");
            }
        }
    }

    private static long refusedCreations(Laboratory lab) {
        return lab.cluster.requests().entries().stream().filter(entry -> entry.fieldManager().startsWith("countersign-creation-") && entry.status() == 409).count();
    }
}
