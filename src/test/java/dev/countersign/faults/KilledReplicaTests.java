package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.portal.PortalTest;
import dev.countersign.portal.TestDatabase;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestPropertySource;

/// F1 to F7: a replica is killed (SIGKILL) at every kind of boundary of submitting, approving, delivering and revoking: before
/// a question leaves it, with the answer lost, and after. The replica of this process goes on; the client asks it again with
/// the same key; the oracle judges after each kill. `-Dfaults.kills=N` for another number, `-Dfaults.seed=N` to repeat a run.
@PortalTest
@TestPropertySource(properties = "countersign.delivery.sweep=1s")
class KilledReplicaTests {
    private static final int KILLS = Integer.getInteger("faults.kills", 10);
    private static final long SEED = Long.getLong("faults.seed", 20261125);

    /// What the client wants when the replica dies.
    private enum Deed {
        SUBMIT,
        APPROVE,
        DELIVER,
        REVOKE
    }

    @TempDir
    Path folder;

    @Autowired
    ApplicationContext context;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Map<String, Integer> struckAt = new TreeMap<>();
    /// How many exchanges a deed has at least, as far as was seen.
    private final Map<Deed, Integer> exchanges = new EnumMap<>(Deed.class);

    @Test
    void nothingIsLostDoubledOrUnrecordedWhereverAReplicaDies() throws Exception {
        int kills = 0;
        int unharmed = 0;
        long began = System.nanoTime();
        List<Replica> standby = new ArrayList<>();
        try (Laboratory lab = new Laboratory(context, SEED)) {
            Image image = Image.pack(folder, lab.settings(TestDatabase.server().port()));
            Map<String, String> settings = lab.settings(lab.database.port());
            standby.add(Replica.start(image, folder, settings));
            for (int attempt = 0; kills < KILLS && attempt < KILLS * 3; attempt++) {
                Replica victim = lab.ready(standby.removeFirst());
                // The next one starts while this one suffers.
                standby.add(Replica.start(image, folder, settings));
                Deed deed = Deed.values()[attempt % Deed.values().length];
                if (strike(lab, victim, deed)) {
                    kills++;
                } else {
                    unharmed++;
                }
                assertThat(lab.judge()).as("seed %d, attempt %d, %s, %s", SEED, attempt, deed, lab.boundary.struck()).isEmpty();
            }
        } finally {
            standby.forEach(Replica::close);
        }
        System.out.printf("F1-F7: %d kills, %d deeds that ended before, 0 violations, %.1f s a kill; struck at:%n", kills, unharmed,
                (System.nanoTime() - began) / 1e9 / Math.max(1, kills));
        struckAt.forEach((question, times) -> System.out.println("  " + times + " x " + question));
        assertThat(kills).isGreaterThanOrEqualTo(KILLS);
    }

    /// Lets the victim do the deed and strikes somewhere in it; then the client asks the other replica. True when it was struck.
    private boolean strike(Laboratory lab, Replica victim, Deed deed) throws Exception {
        Boundary.Moment moment = Boundary.Moment.values()[random.nextInt(3)];
        long number = deed == Deed.SUBMIT ? 0 : lab.submit();
        if (deed == Deed.REVOKE) {
            assertThat(lab.review(lab.here, number, UUID.randomUUID()).statusCode()).isEqualTo(200);
            lab.converges("approval");
        }
        UUID key = UUID.randomUUID();
        String ask = lab.ask();
        lab.couriersHere().stop();
        lab.boundary.arm(1 + random.nextInt(exchanges.getOrDefault(deed, 10)), moment, victim::kill);
        try {
            switch (deed) {
                case SUBMIT -> victim.post(lab.engineer, "/access-requests", key, ask);
                case APPROVE -> lab.review(victim, number, key);
                // Decided here, past the proxy; only the victim has couriers now.
                case DELIVER -> lab.review(lab.here, number, key);
                case REVOKE -> lab.revoke(victim, number, key);
            }
            delivered(lab, victim);
        } catch (IOException struck) {
            // the client got no answer
        } finally {
            exchanges.merge(deed, Math.max(4, lab.boundary.passed()), Math::max);
            lab.boundary.disarm();
            lab.couriersHere().start();
        }
        boolean struck = lab.boundary.struck().isPresent();
        lab.boundary.struck().ifPresent(at -> struckAt.merge(at.moment() + " " + at.question(), 1, Integer::sum));
        victim.kill();
        victim.awaitDeath();
        askAgain(lab, deed, number, key, ask);
        lab.converges(deed + " was struck at " + lab.boundary.struck());
        return struck;
    }

    /// While the victim lives: until it has delivered, or a second has passed.
    private static void delivered(Laboratory lab, Replica victim) throws Exception {
        for (int i = 0; i < 50 && victim.alive() && lab.boundary.struck().isEmpty() && !lab.settled(); i++) {
            Thread.sleep(20);
        }
    }

    /// The client asks again, with the same key, whoever answers.
    private static void askAgain(Laboratory lab, Deed deed, long number, UUID key, String ask) throws Exception {
        switch (deed) {
            case SUBMIT -> {
                HttpResponse<String> once = lab.here.post(lab.engineer, "/access-requests", key, ask);
                HttpResponse<String> again = lab.here.post(lab.engineer, "/access-requests", key, ask);
                assertThat(once.statusCode()).as(once.body()).isEqualTo(201);
                assertThat(again.body()).isEqualTo(once.body());
            }
            case APPROVE, DELIVER -> assertThat(lab.review(lab.here, number, key).statusCode()).isIn(200, 409);
            case REVOKE -> assertThat(lab.revoke(lab.here, number, key).statusCode()).isIn(200, 409);
        }
    }
}
