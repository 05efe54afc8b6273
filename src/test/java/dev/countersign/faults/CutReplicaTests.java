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

/// F1 to F8 with a replica that lives on: where `KilledReplicaTests` kills, every connection of the replica is cut, and it reaches its
/// database no more. Another replica takes over, the clients ask again with the same keys, the oracle judges; then the plug is put back,
/// which a killed replica never has: the same process, with whatever it still remembers, goes on to the next. A *cut* is a deed whose
/// exchange stood at its boundary at that moment. `-Dfaults.cuts=1000` for more.
@PortalTest
@TestPropertySource(properties = "countersign.delivery.sweep=200ms")
class CutReplicaTests {
    private static final int CUTS = Integer.getInteger("faults.cuts", 30);
    private static final long SEED = Long.getLong("faults.seed", 20261126);
    private static final int TENANTS = 20;

    @TempDir
    Path folder;

    @Autowired
    ApplicationContext context;

    @Test
    void nothingIsLostDoubledOrUnrecordedWhereverAReplicaIsCutOff() throws Exception {
        Toll toll = new Toll("cut");
        try (Ward ward = new Ward(context, SEED, TENANTS)) {
            // What a request of the victim waits for a connection that it will not get.
            Map<String, String> impatient = Map.of("spring.datasource.hikari.connection-timeout", "250");
            try (Victim victim = ward.victim(Image.pack(ward.settings()), folder, impatient)) {
                victim.replica().ready();
                Deck deck = new Deck(ward.boundaries(victim), new SplittableRandom(SEED));
                toll.begins(deck.size());
                while (toll.struck() < CUTS) {
                    List<Death> planned = deck.hand(TENANTS);
                    List<Death> struck = ward.strike(victim, planned, () -> {
                        ward.unplug(victim);
                        ward.leasesRunOut();
                    });
                    victim.database().hold(false);
                    victim.replica().ready();
                    assertThat(ward.judge()).as("seed %d, blow %d, %s", SEED, toll.blows(), struck).isEmpty();
                    toll.add(planned, struck);
                }
                ward.verify(folder);
            }
        }
        System.out.println("F1-F8: " + toll);
        assertThat(toll.writes()).as("cuts at a write to the cluster").isGreaterThanOrEqualTo(CUTS / 100);
        assertThat(toll.missed()).as("deeds that never came to their boundary").isLessThan(toll.struck());
    }
}
