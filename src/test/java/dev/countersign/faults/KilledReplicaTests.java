package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.portal.PortalTest;
import dev.countersign.portal.TestDatabase;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestPropertySource;

/// F1 to F7: a replica is killed (SIGKILL) at boundaries of submitting, approving, delivering and revoking, found by letting it
/// do them unharmed first: before a question leaves it, before it has the answer, and after. The replica of this process goes
/// on; the client asks it again with the same key; the oracle judges after each kill. A run takes some of the boundaries, real
/// writes to the cluster first: `-Dfaults.kills=N` for more, `-Dfaults.seed=N` for others. Many more are struck at by
/// `CutReplicaTests`, which pulls the plug instead.
@PortalTest
@TestPropertySource(properties = "countersign.delivery.sweep=1s")
class KilledReplicaTests {
    private static final int KILLS = Integer.getInteger("faults.kills", 6);
    private static final long SEED = Long.getLong("faults.seed", 20261126);

    @TempDir
    Path folder;

    @Autowired
    ApplicationContext context;

    @Test
    void nothingIsLostDoubledOrUnrecordedWhereverAReplicaDies() throws Exception {
        Map<String, Integer> struckAt = new TreeMap<>();
        int missed = 0;
        int writes = 0;
        long began;
        Deque<Replica> standby = new ArrayDeque<>();
        try (Laboratory lab = new Laboratory(context, SEED)) {
            Image image = Image.pack(lab.settings(TestDatabase.server().port()));
            Map<String, String> settings = lab.settings(lab.database.port());
            standby.add(Replica.start(image, folder, settings));
            List<Death> all = Death.all(lab, lab.ready(standby.peekFirst()));
            Deque<Death> deaths = new ArrayDeque<>(Death.choose(all, KILLS * 2, new SplittableRandom(SEED)));
            began = System.nanoTime();
            while (kills(struckAt) < KILLS && !deaths.isEmpty()) {
                Death death = deaths.removeFirst();
                Replica victim = lab.ready(standby.removeFirst());
                // The next one starts while this one suffers.
                standby.add(Replica.start(image, folder, settings));
                if (die(lab, victim, death).isPresent()) {
                    struckAt.merge(death.toString(), 1, Integer::sum);
                    writes += death.atWrite() ? 1 : 0;
                } else {
                    missed++;
                }
                assertThat(lab.judge()).as("seed %d, %s", SEED, death).isEmpty();
            }
            System.out.printf("F1-F7: %d kills at %d of %d boundaries, %d of them at a write to the cluster, %d deeds that never came to their boundary, "
                    + "0 violations, %.1f s a kill; struck at:%n", kills(struckAt), struckAt.size(), all.size(), writes, missed,
                    (System.nanoTime() - began) / 1e9 / Math.max(1, kills(struckAt)));
        } finally {
            standby.forEach(Replica::close);
        }
        struckAt.forEach((death, times) -> System.out.println("  " + times + " x " + death));
        assertThat(kills(struckAt)).isEqualTo(KILLS);
        assertThat(writes).as("kills at a write to the cluster").isGreaterThanOrEqualTo(Math.min(KILLS, 3));
    }

    private static int kills(Map<String, Integer> struckAt) {
        return struckAt.values().stream().mapToInt(Integer::intValue).sum();
    }

    private static Optional<Boundary.Struck> die(Laboratory lab, Replica victim, Death death) throws Exception {
        Deed.Attempt attempt = death.deed().prepare(lab);
        Optional<Boundary.Struck> struck = death.deed().perform(lab, victim, attempt, Optional.of(death), victim::kill);
        victim.kill();
        victim.awaitDeath();
        death.deed().again(lab, attempt);
        lab.converges("it was struck at " + death);
        return struck;
    }
}
