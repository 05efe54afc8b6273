package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.faults.Boundary.Moment;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.TestDatabase;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestPropertySource;

/// F8: a replica is struck while it tells of what it appended, or seals it: at the statement that writes tiles, end of the tree and
/// checkpoint, at the commit of it, and in the answer of each; first before anybody was told. Another replica seals within three seconds;
/// the tree has no hole and the checkpoints no fork. Cut off as by `CutReplicaTests`, the last time killed. `-Dfaults.seals=500` for more.
@PortalTest
@TestPropertySource(properties = "countersign.delivery.sweep=1s")
class KilledSequencerTests {
    private static final int STRIKES = Integer.getInteger("faults.seals", 5);
    private static final long SEED = Long.getLong("faults.seed", 20261127);
    private static final Duration RESUMES = Duration.ofSeconds(3);
    private static final String SEALS = "with grown as";

    @TempDir
    Path folder;

    @Autowired
    ApplicationContext context;

    private enum Step {
        /// Nobody else knows yet that something was appended.
        NEWS("select pg_notify($1, payload)"),
        /// Tiles, end of the tree and checkpoint.
        SEAL(SEALS),
        COMMIT(SEALS);

        private final String statement;

        Step(String statement) {
            this.statement = statement;
        }

        /// The commit is known by what went before it.
        Predicate<String> question() {
            boolean[] signed = {false};
            return question -> {
                boolean mine = question.startsWith(statement);
                boolean ends = signed[0] && question.equalsIgnoreCase("commit");
                signed[0] |= mine;
                return this == COMMIT ? ends : mine;
            };
        }
    }

    private record Strike(Step step, Moment moment) {}

    @Test
    void anotherReplicaSealsWithoutForkAndHole() throws Exception {
        List<Strike> all = new ArrayList<>();
        for (Step step : Step.values()) {
            for (Moment moment : Moment.values()) {
                all.add(new Strike(step, moment));
            }
        }
        SplittableRandom random = new SplittableRandom(SEED);
        try (Laboratory lab = new Laboratory(context, SEED)) {
            Image image = Image.pack(lab.settings(TestDatabase.server().port()));
            Map<String, String> settings = lab.settings(lab.database.port());
            try (Replica victim = lab.ready(Replica.start(image, folder, settings))) {
                long latest = 0;
                int struck = 0;
                int missed = 0;
                while (struck < STRIKES) {
                    Strike strike = struck == 0 ? new Strike(Step.NEWS, Moment.BEFORE) : all.get(random.nextInt(all.size()));
                    boolean last = struck + 1 == STRIKES;
                    OptionalLong millis = strike(lab, victim, strike, last ? victim::kill : lab::unplug);
                    if (millis.isEmpty()) {
                        missed++;
                        assertThat(missed).as("strikes that never met their step").isLessThanOrEqualTo(STRIKES);
                        continue;
                    }
                    struck++;
                    latest = Math.max(latest, millis.getAsLong());
                    lab.plugIn();
                    if (!last) {
                        lab.ready(victim);
                        awaitWire(lab);
                    }
                }
                System.out.printf("F8 struck while sealing: %d times, sealed by another after at most %d ms, no hole, no fork; %d times another was first%n", struck, latest, missed);
            }
            lab.verify(folder);
            assertThat(lab.judge()).as("seed %d", SEED).isEmpty();
        }
    }

    /// Answers after how many milliseconds all was sealed; nothing where another replica sealed it first.
    private static OptionalLong strike(Laboratory lab, Replica victim, Strike strike, Runnable blow) throws Exception {
        awaitSealed(lab, strike, System.nanoTime());
        // The others look twice a second who lives: whom they never saw they do not miss.
        Thread.sleep(700);
        lab.boundary.arm(strike.step().question(), strike.moment(), blow);
        HttpResponse<String> asked = victim.post(lab.engineer, "/access-requests", UUID.randomUUID(), lab.ask());
        assertThat(asked.statusCode()).as(asked.body()).isEqualTo(201);
        for (int i = 0; i < RESUMES.toMillis() / 5 && lab.boundary.struck().isEmpty(); i++) {
            Thread.sleep(5);
        }
        long struck = System.nanoTime();
        boolean met = lab.boundary.struck().isPresent();
        lab.boundary.disarm();
        long millis = awaitSealed(lab, strike, struck);
        return met ? OptionalLong.of(millis) : OptionalLong.empty();
    }

    /// A replica that was cut off is one again to the others when it speaks to them again.
    private static void awaitWire(Laboratory lab) throws Exception {
        String speaks = "select count(*) from pg_stat_activity where application_name = 'replica' and datname = current_database() and query = 'listen countersign_news' and ? is not null";
        for (long end = System.nanoTime() + 15_000_000_000L; lab.one(speaks).equals("0"); Thread.sleep(20)) {
            assertThat(System.nanoTime()).as("the wire is not laid again").isLessThan(end);
        }
    }

    private static long awaitSealed(Laboratory lab, Strike strike, long from) throws Exception {
        String sealed = """
                select (select max(seq) from audit_entry where tenant_id = t) || ' ' || (select size from audit_tree where tenant_id = t) || ' '
                           || (select max(size) from audit_checkpoint where tenant_id = t)
                from (select ?::uuid as t) asked""";
        String now = lab.one(sealed);
        for (; !now.matches("(\\d+) \\1 \\1"); now = lab.one(sealed)) {
            assertThat(System.nanoTime() - from).as("after %s: entries, tree and checkpoint are %s", strike, now).isLessThan(RESUMES.toNanos());
            Thread.sleep(10);
        }
        return (System.nanoTime() - from) / 1_000_000;
    }
}
