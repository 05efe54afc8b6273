package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.portal.PortalTest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestPropertySource;

/// F1 to F8: replicas are killed (SIGKILL) at the boundaries of submitting, approving, delivering, revoking and sealing. The boundaries
/// are what a replica, unharmed, asks its database and the clusters: before a question leaves it, before it has the answer, and after.
///
/// One SIGKILL strikes many deeds, each of another tenant and each held at a boundary of its own (`Ward`). A *kill* counted here is a
/// deed whose exchange stood at its boundary when the process was killed; a deed that never came to its boundary is counted as
/// missed. `-Dfaults.kills=10000` for more, which says how it stands after each blow, `-Dfaults.seed=N` for others: runs of different
/// seeds add up. `-Dfaults.slowness=5` lets everything take five times as long, on a machine that is busy with other things.
@PortalTest
@TestPropertySource(properties = "countersign.delivery.sweep=1s")
class KilledReplicaTests {
    private static final int KILLS = Integer.getInteger("faults.kills", 400);
    private static final long SEED = Long.getLong("faults.seed", 20261126);
    private static final int TENANTS = 40;
    /// Then other tenants take their place: records and policies grow with each kill.
    private static final int A_WARD = 600;
    /// One blow in so many is followed by the whole lease; after the others it is as if that time had passed.
    private static final int LEASE_RUNS_OUT = 5;

    @TempDir
    Path folder;

    @Autowired
    ApplicationContext context;

    @Test
    void nothingIsLostDoubledOrUnrecordedWhereverAReplicaDies() throws Exception {
        Toll toll = new Toll("kill");
        SplittableRandom random = new SplittableRandom(SEED);
        Deck deck = null;
        for (long ward = 0; toll.struck() < KILLS; ward++) {
            deck = ward(SEED + ward, Math.min(KILLS, toll.struck() + A_WARD), deck, random, toll);
        }
        System.out.printf("F1-F8: %s; %d SIGKILLs of as many processes, each at up to %d deeds at once%n", toll, toll.blows(), TENANTS);
        assertThat(toll.struck()).isGreaterThanOrEqualTo(KILLS);
        assertThat(toll.writes()).as("kills at a write to the cluster").isGreaterThanOrEqualTo(KILLS / 100);
        assertThat(toll.whose()).as("who was struck").containsExactlyInAnyOrder(Gate.Speaker.values());
        assertThat(toll.missed()).as("deeds that never came to their boundary").isLessThan(toll.struck());
    }

    /// Until so many were killed.
    private Deck ward(long seed, int until, Deck known, SplittableRandom random, Toll toll) throws Exception {
        try (Ward ward = new Ward(context, seed, TENANTS)) {
            Image image = Image.pack(ward.settings());
            Victim victim = ward.victim(image, folder, Map.of());
            try {
                victim.replica().ready();
                Deck deck = known == null ? new Deck(ward.boundaries(victim), random) : known;
                toll.begins(deck.size());
                while (toll.struck() < until) {
                    victim.replica().ready();
                    Victim dies = victim;
                    // The next one starts while this one suffers.
                    victim = ward.victim(image, folder, Map.of());
                    List<Death> planned = deck.hand(TENANTS);
                    List<Death> struck = ward.strike(dies, planned, () -> {
                        dies.replica().kill();
                        dies.replica().awaitDeath();
                        dies.close();
                        if (toll.blows() % LEASE_RUNS_OUT != 0) {
                            ward.leasesRunOut();
                        }
                    });
                    assertThat(ward.judge()).as("seed %d, blow %d, %s", SEED, toll.blows(), struck).isEmpty();
                    toll.add(planned, struck);
                    if (KILLS > A_WARD) {
                        System.out.println("F1-F8 so far: " + toll);
                    }
                }
                ward.verify(folder);
                return deck;
            } finally {
                victim.close();
            }
        }
    }
}
