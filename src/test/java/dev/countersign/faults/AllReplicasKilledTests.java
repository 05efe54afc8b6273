package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.portal.PortalTest;
import dev.countersign.portal.TestDatabase;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.json.JsonMapper;

/// F10: all replicas that deliver are killed at once while people ask and decide, and others are started, several times in a row.
/// The replica of this process only judges: its couriers stand still. `-Dfaults.rounds=20` for more.
@PortalTest
@TestPropertySource(properties = "countersign.delivery.sweep=1s")
class AllReplicasKilledTests {
    private static final int ROUNDS = Integer.getInteger("faults.rounds", 2);
    private static final long SEED = Long.getLong("faults.seed", 20261127);
    private static final int REPLICAS = 2;
    private static final int CLIENTS = 6;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    @Autowired
    ApplicationContext context;

    private volatile List<Replica> replicas = List.of();

    @Test
    void convergeWhenOthersAreStarted() throws Exception {
        SplittableRandom random = new SplittableRandom(SEED);
        int unanswered = 0;
        try (Laboratory lab = new Laboratory(context, SEED); ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            Map<String, String> settings = lab.settings(TestDatabase.server().port());
            Image image = Image.pack(settings);
            lab.couriersHere().stop();
            lab.askInTurn(List.of("payment-service", "user-profile", "frontend", "billing-service"));
            begin(lab, image, settings);
            for (int round = 1; round <= ROUNDS; round++) {
                List<Future<Integer>> asked = new ArrayList<>();
                for (int client = 0; client < CLIENTS; client++) {
                    int mine = client;
                    asked.add(clients.submit(() -> askAndDecide(lab, mine)));
                }
                Thread.sleep(random.nextInt(100, 900));
                List<Replica> killed = replicas;
                killed.forEach(Replica::kill);
                for (Replica replica : killed) {
                    replica.awaitDeath();
                }
                begin(lab, image, settings);
                for (Future<Integer> one : asked) {
                    unanswered += one.get();
                }
                lab.converges("all replicas were killed, round " + round);
                assertThat(lab.one("select count(*) from access_request where tenant_id = ?")).as("one request a key").isEqualTo(Integer.toString(CLIENTS * round));
                assertThat(lab.judge()).as("seed %d, round %d", SEED, round).isEmpty();
            }
            System.out.printf("F10 all %d replicas killed at once: %d rounds in a row, %d tries went unanswered, 0 violations%n", REPLICAS, ROUNDS, unanswered);
            assertThat(unanswered).as("the kills met somebody").isPositive();
        } finally {
            replicas.forEach(Replica::close);
        }
    }

    private void begin(Laboratory lab, Image image, Map<String, String> settings) throws Exception {
        List<Replica> fresh = new ArrayList<>();
        for (int i = 0; i < REPLICAS; i++) {
            fresh.add(Replica.start(image, folder, settings));
        }
        replicas = List.copyOf(fresh);
        // Nothing is asked of them here: the clients are at them at once, and may be told to come again.
        for (Replica replica : fresh) {
            replica.ready();
        }
    }

    private interface Asking {
        HttpResponse<String> of(Replica replica) throws Exception;
    }

    /// Answers how many tries went unanswered.
    private int askAndDecide(Laboratory lab, int client) throws Exception {
        int[] unanswered = {0};
        UUID asking = UUID.randomUUID();
        UUID deciding = UUID.randomUUID();
        String ask = lab.ask();
        HttpResponse<String> asked = insist(client, unanswered, replica -> replica.post(lab.engineer, "/access-requests", asking, ask));
        assertThat(asked.statusCode()).as(asked.body()).isEqualTo(201);
        long number = JsonMapper.shared().readTree(asked.body()).path("number").asLong();
        assertThat(insist(client, unanswered, replica -> lab.review(replica, number, deciding)).statusCode()).isIn(200, 409);
        return unanswered[0];
    }

    private HttpResponse<String> insist(int client, int[] unanswered, Asking asking) throws Exception {
        for (long end = System.nanoTime() + PATIENCE.toNanos(); ; Thread.sleep(50)) {
            List<Replica> now = replicas;
            try {
                HttpResponse<String> answer = asking.of(now.get(client % now.size()));
                if (answer.statusCode() < 500) {
                    return answer;
                }
            } catch (IOException dead) {
                unanswered[0]++;
            }
            assertThat(System.nanoTime()).as("still not answered").isLessThan(end);
        }
    }
}
