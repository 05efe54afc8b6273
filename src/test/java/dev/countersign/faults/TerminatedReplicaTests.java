package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.faults.FaultProxy.Fault;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.CookieManager;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestPropertySource;

/// F11: a replica under load is asked to end (SIGTERM). It says first that it is not ready, lets go of whoever listens to its news,
/// answers whole what it has taken, and ends within twenty seconds. In every second run a cluster is silent meanwhile, so that a
/// delivery hangs. `-Dfaults.runs=N` for more.
@PortalTest
@TestPropertySource(properties = "countersign.delivery.sweep=1s")
class TerminatedReplicaTests {
    private static final int RUNS = 2 * Integer.getInteger("faults.runs", 1);
    private static final int CLIENTS = 8;
    private static final int STREAMS = 4;
    private static final Duration BOUND = Duration.ofSeconds(20);
    /// A cluster may take longer than that for an answer: nobody waits for it.
    private static final Duration LEFT = Duration.ofSeconds(12);
    private static final Duration AT_ONCE = Duration.ofSeconds(2);

    @TempDir
    Path folder;

    @Autowired
    ApplicationContext context;

    /// What a client saw: answers of the status it wanted, refusals in whole answers, and tries without an answer.
    private record Seen(int answered, int refused, int unanswered) {
        Seen and(Seen other) {
            return new Seen(answered + other.answered, refused + other.refused, unanswered + other.unanswered);
        }
    }

    @Test
    void noReplyIsDropped() throws Exception {
        try (Laboratory lab = new Laboratory(context, 11); ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Map<String, String> settings = lab.settings(TestDatabase.server().port());
            Image image = Image.pack(settings);
            // A tenant's share of what is left for requests is one connection for each client.
            settings.put("spring.datasource.hikari.maximum-pool-size", "30");
            for (int run = 0; run < RUNS; run++) {
                try (Replica replica = lab.ready(Replica.start(image, folder, settings))) {
                    terminate(lab, replica, threads, run % 2 == 1);
                }
                lab.apiServer.fault(Fault.NONE);
                lab.apiServer.cut();
                lab.converges("a replica ended");
                assertThat(lab.judge()).as("run %d", run).isEmpty();
            }
        }
    }

    private static void terminate(Laboratory lab, Replica replica, ExecutorService threads, boolean silentCluster) throws Exception {
        long number = lab.submit();
        int before = requests(lab);
        HttpClient browser = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).cookieHandler(new CookieManager()).build();
        try {
            assertThat(replica.signIn(browser, "engineer@" + lab.tenant.tenant().slug(), "engineer password")).isNotBlank().doesNotContain("failed");
            List<InputStream> streams = new ArrayList<>();
            for (int i = 0; i < STREAMS; i++) {
                HttpResponse<InputStream> stream = browser.send(HttpRequest.newBuilder(replica.address("/news")).build(), HttpResponse.BodyHandlers.ofInputStream());
                assertThat(stream.statusCode()).isEqualTo(200);
                streams.add(stream.body());
            }
            List<Future<Seen>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(threads.submit(() -> keepAsking(lab, replica)));
            }
            Thread.sleep(1500);
            if (silentCluster) {
                deliveryHangs(lab, number);
            }
            long asked;
            List<Future<Duration>> ended = new ArrayList<>();
            Future<List<Integer>> readiness;
            lab.holdRecord();
            try {
                lab.awaitWaiting(CLIENTS);
                asked = System.nanoTime();
                replica.terminate();
                streams.forEach(stream -> ended.add(threads.submit(() -> untilItEnds(stream, asked))));
                readiness = threads.submit(() -> readiness(replica));
                for (Future<Duration> stream : ended) {
                    assertThat(stream.get()).as("a stream of news ends at once, whatever else is under way").isLessThan(AT_ONCE);
                }
            } finally {
                lab.releaseRecord();
            }
            int exit = replica.exit((silentCluster ? LEFT : BOUND).minusNanos(System.nanoTime() - asked));
            Duration took = Duration.ofNanos(System.nanoTime() - asked);
            assertThat(exit).isIn(0, 143);
            Seen seen = new Seen(0, 0, 0);
            for (Future<Seen> client : clients) {
                seen = seen.and(client.get());
            }
            Duration longest = Duration.ZERO;
            for (Future<Duration> stream : ended) {
                longest = longest.compareTo(stream.get()) > 0 ? longest : stream.get();
            }
            System.out.printf("F11 SIGTERM under load%s: ended with %d after %d ms; %d answered, %d turned away in whole answers, %d not let in, 0 dropped; %d streams of news ended after at most "
                    + "%d ms; readiness %s%n", silentCluster ? " with a silent cluster" : "", exit, took.toMillis(), seen.answered(), seen.refused(), seen.unanswered(), STREAMS,
                    longest.toMillis(), readiness.get());
            assertThat(seen.answered()).isGreaterThanOrEqualTo(CLIENTS);
            assertThat(requests(lab) - before).as("requests that were stored, and replies that say so").isEqualTo(seen.answered());
            // Asked for the first time, it may not have heard of its end yet.
            assertThat(readiness.get().stream().dropWhile(said -> said == 200)).as("never ready again").doesNotContain(200);
        } finally {
            // Closing it would wait for streams that do not end.
            browser.shutdownNow();
        }
    }

    /// Asks until nobody is there; each try has its own key, so that what was done without an answer is there to be counted.
    private static Seen keepAsking(Laboratory lab, Replica replica) throws InterruptedException {
        int answered = 0;
        int refused = 0;
        int unanswered = 0;
        while (unanswered < 3) {
            try {
                HttpResponse<String> answer = replica.post(lab.engineer, "/access-requests", UUID.randomUUID(), lab.ask());
                if (answer.statusCode() == 201) {
                    answered++;
                } else {
                    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
                    refused++;
                }
            } catch (IOException nobody) {
                unanswered++;
                Thread.sleep(50);
            }
        }
        return new Seen(answered, refused, unanswered);
    }

    /// A delivery of the replica, and only of that one, waits for an answer of the cluster.
    private static void deliveryHangs(Laboratory lab, long number) throws Exception {
        lab.couriersHere().stop();
        lab.apiServer.fault(Fault.SILENCE);
        lab.apiServer.cut();
        assertThat(lab.review(lab.here, number, UUID.randomUUID()).statusCode()).isEqualTo(200);
        for (long end = System.nanoTime() + 5_000_000_000L; !lab.one("select state from policy_object where tenant_id = ? and state = 'APPLYING'").equals("APPLYING"); Thread.sleep(20)) {
            assertThat(System.nanoTime()).as("no delivery began").isLessThan(end);
        }
        lab.couriersHere().start();
    }

    private static int requests(Laboratory lab) throws SQLException {
        return Integer.parseInt(lab.one("select count(*) from access_request where tenant_id = ?"));
    }

    /// What readiness says until nobody answers.
    private static List<Integer> readiness(Replica replica) throws InterruptedException {
        List<Integer> said = new ArrayList<>();
        try {
            while (said.size() < 2000) {
                int now = replica.readiness();
                if (said.isEmpty() || said.getLast() != now) {
                    said.add(now);
                }
                Thread.sleep(5);
            }
        } catch (IOException closed) {
            // nobody answers
        }
        return said;
    }

    private static Duration untilItEnds(InputStream stream, long from) {
        try (stream) {
            stream.transferTo(OutputStream.nullOutputStream());
        } catch (IOException cut) {
            throw new IllegalStateException("a stream broke off", cut);
        }
        return Duration.ofNanos(System.nanoTime() - from);
    }
}
