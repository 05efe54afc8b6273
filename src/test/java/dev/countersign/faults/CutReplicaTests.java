package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.portal.PortalTest;
import dev.countersign.portal.TestDatabase;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestPropertySource;

/// F1 to F7 at many boundaries: at the chosen exchange every connection of a replica is cut, and it reaches nothing any more.
/// Database and cluster see what they see of a SIGKILL, in a seventh of the time of one. Another replica takes over,
/// the client asks again with the same key, the oracle judges; then the plug is put back, which a killed replica never has: the
/// same process, with whatever it still remembers, goes on to the next. `-Dfaults.cuts=500` for about all of them.
@PortalTest
@TestPropertySource(properties = "countersign.delivery.sweep=200ms")
class CutReplicaTests {
    private static final int CUTS = Integer.getInteger("faults.cuts", 120);
    private static final long SEED = Long.getLong("faults.seed", 20261126);

    @TempDir
    Path folder;

    @Autowired
    ApplicationContext context;

    @Test
    void nothingIsLostDoubledOrUnrecordedWhereverAReplicaIsCutOff() throws Exception {
        Set<Death> struck = new HashSet<>();
        int cuts = 0;
        int writes = 0;
        int missed = 0;
        try (Laboratory lab = new Laboratory(context, SEED)) {
            Image image = Image.pack(lab.settings(TestDatabase.server().port()));
            Map<String, String> settings = lab.settings(lab.database.port());
            // What a request of the victim waits for a connection that it will not get.
            settings.put("spring.datasource.hikari.connection-timeout", "250");
            try (Replica victim = lab.ready(Replica.start(image, folder, settings))) {
                lab.askInTurn(List.of("payment-service", "user-profile", "frontend", "billing-service"));
                List<Death> all = Death.all(lab, victim);
                long began = System.nanoTime();
                for (Death death : Death.choose(all, CUTS + CUTS / 5 + 1, new SplittableRandom(SEED))) {
                    if (cuts == CUTS) {
                        break;
                    }
                    if (cut(lab, victim, death).isPresent()) {
                        cuts++;
                        struck.add(death);
                        writes += death.atWrite() ? 1 : 0;
                    } else {
                        missed++;
                    }
                    assertThat(lab.judge()).as("seed %d, %s", SEED, death).isEmpty();
                }
                System.out.printf("F1-F7: %d cuts at %d of %d boundaries, %d of them at a write to the cluster, %d deeds that never came to their boundary, "
                        + "0 violations, %.2f s a cut%n", cuts, struck.size(), all.size(), writes, missed, (System.nanoTime() - began) / 1e9 / CUTS);
            }
        }
        assertThat(cuts).as("cuts that met their boundary").isEqualTo(CUTS);
        assertThat(writes).isGreaterThanOrEqualTo(3);
    }

    private static Optional<Boundary.Struck> cut(Laboratory lab, Replica victim, Death death) throws Exception {
        Deed.Attempt attempt = death.deed().prepare(lab);
        Optional<Boundary.Struck> struck = death.deed().perform(lab, victim, attempt, Optional.of(death), lab::unplug);
        if (struck.isPresent()) {
            lab.leasesRunOut();
        }
        death.deed().again(lab, attempt);
        lab.converges("it was cut off at " + death);
        lab.plugIn();
        lab.ready(victim);
        return struck;
    }
}
