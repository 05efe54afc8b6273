package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.faults.next.NextVersion;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.CookieManager;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.json.JsonMapper;

/// F45: two replicas become two of the next version, one at a time and under load, and then again of this one. The next version is this one,
/// a migration that only adds, and `NextVersion`. By turns the one that leaves is asked to end and killed, so that each version takes over the
/// other's claims. Nobody gets an answer that is no answer and not "come again"; whoever is signed in stays so.
///
/// `-Dfaults.older=FOLDER`: compiled classes of an older version, which then is the one before, and this one the next.
@PortalTest
@TestPropertySource(properties = "countersign.delivery.sweep=1s")
class MixedVersionsTests {
    private static final String OLDER = System.getProperty("faults.older", "");
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /// What each mixture does before the next step.
    private static final int DEEDS = 3;

    @TempDir
    Path folder;

    @Autowired
    ApplicationContext context;

    @Autowired
    Environment environment;

    /// A version: how it is started.
    private record Version(Image image, Map<String, String> settings) {}

    /// The two replicas at a time that clients are sent to, and what went wrong.
    private static final class Fleet {
        private final AtomicReferenceArray<Replica> places = new AtomicReferenceArray<>(2);
        private final List<String> wrong = new CopyOnWriteArrayList<>();
        private final AtomicInteger deeds = new AtomicInteger();
        private final AtomicInteger pages = new AtomicInteger();
        private final AtomicInteger news = new AtomicInteger();
        private final AtomicInteger turn = new AtomicInteger();
        private final AtomicInteger again = new AtomicInteger();
        private volatile boolean open = true;

        private interface Ask {
            HttpResponse<String> of(Replica replica) throws Exception;
        }

        private Replica next() {
            return places.get(turn.getAndIncrement() % places.length());
        }

        /// Asks by turns until there is an answer that is not "come again".
        private HttpResponse<String> ask(Ask ask) throws Exception {
            for (long end = System.nanoTime() + PATIENCE.toNanos(); System.nanoTime() - end < 0; Thread.sleep(20)) {
                try {
                    HttpResponse<String> answer = ask.of(next());
                    if (answer.statusCode() != 503) {
                        return answer;
                    }
                } catch (IOException gone) {
                    // the other one is asked
                }
                again.incrementAndGet();
            }
            throw new IllegalStateException("no answer within " + PATIENCE);
        }

        private void expect(String what, int status, HttpResponse<String> answer) {
            if (answer.statusCode() != status) {
                wrong.add(what + " was answered " + answer.statusCode() + ": " + answer.body().lines().limit(3).toList());
            }
        }

        private void awaitDeeds() throws InterruptedException {
            int until = deeds.get() + DEEDS;
            for (long end = System.nanoTime() + PATIENCE.toNanos(); deeds.get() < until && wrong.isEmpty(); Thread.sleep(20)) {
                assertThat(System.nanoTime() - end).as("nothing is done any more").isNegative();
            }
            assertThat(wrong).isEmpty();
        }

        private void close() {
            open = false;
            for (int i = 0; i < places.length(); i++) {
                Optional.ofNullable(places.get(i)).ifPresent(Replica::close);
            }
        }
    }

    @Test
    void aFleetIsRolledToTheNextVersionAndBackWithoutAnError() throws Exception {
        Fleet fleet = new Fleet();
        try (Laboratory lab = new Laboratory(context, 45); ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Version before = OLDER.isEmpty() ? now(lab) : new Version(Image.of(Path.of(OLDER), folder), migrating(lab));
            Version after = OLDER.isEmpty() ? next(lab) : now(lab);
            lab.askInTurn(List.of("payment-service", "user-profile", "frontend", "billing-service"));
            String entriesBefore = lab.one("select count(*) from audit_entry where tenant_id = ?");
            lab.couriersHere().stop();
            try {
                for (int place = 0; place < 2; place++) {
                    fleet.places.set(place, lab.ready(start(before)));
                }
                HttpClient engineer = browser(lab, fleet, "engineer");
                HttpClient auditor = browser(lab, fleet, "auditor");
                long began = System.nanoTime();
                List<Future<?>> load = List.of(
                        threads.submit(() -> work(lab, fleet)),
                        threads.submit(() -> read(lab, fleet, engineer, List.of("/requests", "/requests/1", "/requests/1/history", "/grants", "/me"))),
                        threads.submit(() -> read(lab, fleet, auditor, List.of("/audit", "/audit/1", "/requests/1/history"))),
                        threads.submit(() -> listen(fleet, engineer)));
                fleet.awaitDeeds();
                roll(lab, fleet, 0, after, false);
                roll(lab, fleet, 1, after, true);
                roll(lab, fleet, 0, before, true);
                roll(lab, fleet, 1, before, false);
                fleet.open = false;
                for (Future<?> one : load) {
                    one.get();
                }
                long millis = (System.nanoTime() - began) / 1_000_000;
                lab.converges("a fleet was rolled there and back");
                assertThat(fleet.wrong).isEmpty();
                assertThat(fleet.news.get()).as("news").isPositive();
                if (OLDER.isEmpty()) {
                    assertThat(Integer.parseInt(lab.one("select count(*) from audit_entry where tenant_id = ? and kind = 'request.admired'"))).as("what the next version recorded").isGreaterThan(5);
                }
                System.out.printf("F45 %s rolled to %s and back: %d deeds, %d pages, %d news, %d entries, %d tries again, no error, %d ms%n", OLDER.isEmpty() ? "N" : "an older version",
                        OLDER.isEmpty() ? "N+1" : "N", fleet.deeds.get(), fleet.pages.get(), fleet.news.get(),
                        Long.parseLong(lab.one("select count(*) from audit_entry where tenant_id = ?")) - Long.parseLong(entriesBefore), fleet.again.get(), millis);
                engineer.shutdownNow();
                auditor.shutdownNow();
            } finally {
                fleet.close();
                lab.couriersHere().start();
            }
            lab.converges("the couriers of this process deliver again");
            lab.verify(folder);
            assertThat(lab.judge()).isEmpty();
        } finally {
            undo();
        }
    }

    private Version now(Laboratory lab) {
        return new Version(Image.pack(lab.settings(TestDatabase.server().port())), migrating(lab));
    }

    /// Every version migrates at its start, as it would.
    private Map<String, String> migrating(Laboratory lab) {
        Map<String, String> settings = lab.settings(TestDatabase.server().port());
        settings.put("spring.flyway.enabled", "true");
        settings.put("spring.flyway.url", environment.getRequiredProperty("spring.flyway.url"));
        settings.put("spring.flyway.user", environment.getRequiredProperty("spring.flyway.user"));
        settings.put("logging.level.root", "warn");
        return settings;
    }

    private Version next(Laboratory lab) throws Exception {
        Path classes = folder.resolve("next");
        Path packages = classes.resolve(NextVersion.class.getPackageName().replace('.', '/'));
        Files.createDirectories(packages);
        try (var files = Files.list(Path.of(NextVersion.class.getResource("NextVersion.class").toURI()).getParent())) {
            for (Path file : files.toList()) {
                Files.copy(file, packages.resolve(file.getFileName()));
            }
        }
        Path jar = folder.resolve("next.jar");
        Image.pack(classes, jar);
        Map<String, String> settings = migrating(lab);
        settings.put("spring.flyway.locations", "classpath:db/migration,filesystem:" + Path.of(MixedVersionsTests.class.getResource("/next-version").toURI()));
        settings.put("spring.main.sources", NextVersion.class.getName());
        settings.put("next.tenant", lab.tenant.tenant().id().toString());
        return new Version(Image.pack(lab.settings(TestDatabase.server().port())).withJar(jar), settings);
    }

    private Replica start(Version version) {
        return Replica.start(version.image(), folder, version.settings());
    }

    /// One more, then one less.
    private void roll(Laboratory lab, Fleet fleet, int place, Version to, boolean killed) throws Exception {
        Replica coming = lab.ready(start(to));
        Replica going = fleet.places.getAndSet(place, coming);
        fleet.awaitDeeds();
        if (killed) {
            going.kill();
            going.awaitDeath();
        } else {
            going.terminate();
            assertThat(going.exit(Duration.ofSeconds(20))).isIn(0, 143);
        }
        fleet.awaitDeeds();
    }

    /// Asks, has it approved and, every second time, revokes what came of it.
    private static Void work(Laboratory lab, Fleet fleet) throws Exception {
        while (fleet.open) {
            UUID key = UUID.randomUUID();
            String ask = lab.ask();
            HttpResponse<String> asked = fleet.ask(replica -> replica.post(lab.engineer, "/access-requests", key, ask));
            fleet.expect("a request", 201, asked);
            if (asked.statusCode() != 201) {
                return null;
            }
            long number = JsonMapper.shared().readTree(asked.body()).path("number").asLong();
            String digest = lab.digest(number);
            UUID approval = UUID.randomUUID();
            fleet.expect("an approval", 200, fleet.ask(replica -> lab.review(replica, number, digest, approval)));
            if (number % 2 == 0) {
                UUID revocation = UUID.randomUUID();
                fleet.expect("a revocation", 200, fleet.ask(replica -> lab.revoke(replica, number, revocation)));
            }
            fleet.deeds.incrementAndGet();
            Thread.sleep(50);
        }
        return null;
    }

    /// Pages, of whoever signed in before the first step.
    private static Void read(Laboratory lab, Fleet fleet, HttpClient browser, List<String> pages) throws Exception {
        while (lab.one("select number from access_request where tenant_id = ? and number = 1").isEmpty()) {
            Thread.sleep(20);
        }
        for (int i = 0; fleet.open; i++) {
            String page = pages.get(i % pages.size());
            fleet.expect("page " + page, 200, fleet.ask(replica -> browser.send(HttpRequest.newBuilder(replica.address(page)).timeout(Duration.ofSeconds(20)).build(),
                    HttpResponse.BodyHandlers.ofString())));
            fleet.pages.incrementAndGet();
            Thread.sleep(300);
        }
        return null;
    }

    private static Void listen(Fleet fleet, HttpClient browser) throws Exception {
        while (fleet.open) {
            try {
                HttpResponse<InputStream> stream = browser.send(HttpRequest.newBuilder(fleet.next().address("/news")).build(), HttpResponse.BodyHandlers.ofInputStream());
                try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
                    for (String line = lines.readLine(); line != null && fleet.open; line = lines.readLine()) {
                        if (line.startsWith("data:")) {
                            fleet.news.incrementAndGet();
                            if (!line.matches("data:(\\*|[0-9]+( [0-9]+)*)")) {
                                fleet.wrong.add("news that a page cannot read: " + line);
                            }
                        }
                    }
                }
            } catch (IOException gone) {
                Thread.sleep(20);
            }
        }
        return null;
    }

    private static HttpClient browser(Laboratory lab, Fleet fleet, String username) throws Exception {
        HttpClient browser = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).cookieHandler(new CookieManager()).build();
        assertThat(fleet.next().signIn(browser, username + "@" + lab.tenant.tenant().slug(), username + " password")).isNotBlank().doesNotContain("failed");
        return browser;
    }

    /// The database of this context is others' too.
    private void undo() throws SQLException {
        String url = environment.getRequiredProperty("spring.flyway.url");
        try (var owner = DriverManager.getConnection(url, environment.getRequiredProperty("spring.flyway.user"), ""); Statement statement = owner.createStatement()) {
            statement.execute("drop table if exists admiration");
            statement.execute("alter table policy_object drop column if exists admired_at");
            statement.execute("alter table access_request drop column if exists admired");
            statement.execute("delete from flyway_schema_history where version in ('9000', '9001', '9002')");
        }
    }
}
