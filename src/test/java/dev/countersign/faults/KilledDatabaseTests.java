package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.countersign.demo.database.EmbeddedDatabase;
import dev.countersign.portal.Approvals;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.ShopCatalog;
import dev.countersign.portal.ShopFixture;
import dev.countersign.portal.StatementRecorder;
import dev.countersign.portal.Story;
import dev.countersign.portal.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.MapPropertySource;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ContextConfiguration;

/// F18: the PostgreSQL server is killed (SIGKILL, with fsync on) and started again while people ask and decide. Nobody knows of a
/// commit whose answer was lost; the same key finds out. F25: its volume is full. F27: its
/// standby takes over. `-Dfaults.runs=N` for more.
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT, properties = "countersign.delivery.sweep=1s")
@AutoConfigureMockMvc
@ContextConfiguration(initializers = KilledDatabaseTests.OwnServer.class)
@Import({Fixtures.class, Approvals.class, ShopCatalog.class, ShopFixture.class, Story.class, StatementRecorder.class})
@DirtiesContext
class KilledDatabaseTests {
    private static final int KILLS = 2 * Integer.getInteger("faults.runs", 1);
    private static final int ASKED = 12;

    /// A server of its own on a directory that survives it.
    static final class OwnServer implements ApplicationContextInitializer<ConfigurableApplicationContext> {
        /// Where one may be had, a volume that the other test fills.
        static final Optional<SmallVolume> VOLUME = SmallVolume.mounted(320);
        private static final Path DIRECTORY = VOLUME.map(volume -> volume.path.resolve("data")).orElseGet(OwnServer::temporary);
        static final EmbeddedDatabase SERVER = EmbeddedDatabase.durable(DIRECTORY);

        private static Path temporary() {
            try {
                return Files.createTempDirectory("killed-database");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void initialize(ConfigurableApplicationContext context) {
            new TestDatabase().initialize(context);
            SERVER.createDatabase("killed");
            String url = SERVER.url("killed");
            Flyway.configure().dataSource(url, EmbeddedDatabase.OWNER, "").locations("classpath:db/migration").placeholders(Map.of("appRole", EmbeddedDatabase.APP)).load().migrate();
            context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("a server of its own", Map.of(
                    "spring.datasource.url", url, "spring.flyway.url", url)));
        }

        private static ProcessHandle postmaster() throws IOException {
            long pid = Long.parseLong(Files.readAllLines(DIRECTORY.resolve("postmaster.pid")).getFirst().strip());
            return ProcessHandle.of(pid).orElseThrow();
        }

        /// How it was started.
        static List<String> command() throws IOException {
            ProcessHandle.Info postmaster = postmaster().info();
            List<String> command = new ArrayList<>();
            if (System.getProperty("user.name").equals("root")) {
                // PostgreSQL refuses to run as root: in a namespace of users it does not.
                command.addAll(List.of("unshare", "-U"));
            }
            command.add(postmaster.command().orElseThrow());
            command.addAll(List.of(postmaster.arguments().orElseThrow()));
            return command;
        }

        /// The same program with the same words, on the same directory and port.
        static void killAndStartAgain() throws Exception {
            ProcessHandle postmaster = postmaster();
            List<String> command = command();
            List<ProcessHandle> backends = postmaster.children().toList();
            postmaster.destroyForcibly();
            postmaster.onExit().get();
            // They notice by themselves that the postmaster is gone; until then the directory is in use.
            for (ProcessHandle backend : backends) {
                backend.onExit().get();
            }
            Process again = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(DIRECTORY.resolve("again.log").toFile()).start();
            for (long end = System.nanoTime() + 30_000_000_000L; ; Thread.sleep(50)) {
                assertThat(again.isAlive()).as(Files.readString(DIRECTORY.resolve("again.log"))).isTrue();
                assertThat(System.nanoTime()).as("PostgreSQL does not start again").isLessThan(end);
                try (Connection connection = SERVER.connect("killed"); ResultSet fsync = connection.createStatement().executeQuery("show fsync")) {
                    assertThat(fsync.next() ? fsync.getString(1) : "").isEqualTo("on");
                    return;
                } catch (SQLException starting) {
                    // it recovers
                }
            }
        }
    }

    @TempDir
    Path folder;

    @Autowired
    ApplicationContext context;

    @AfterAll
    static void stop() throws IOException {
        OwnServer.SERVER.close();
        if (OwnServer.VOLUME.isPresent()) {
            OwnServer.VOLUME.get().close();
        }
    }

    @Test
    void whatWasInDoubtIsFoundByReading() throws Exception {
        try (Laboratory lab = new Laboratory(context, 18); var clients = Executors.newFixedThreadPool(4)) {
            int unanswered = 0;
            int requests = 0;
            for (int kill = 1; kill <= KILLS; kill++) {
                Map<UUID, String> asks = new LinkedHashMap<>();
                for (int i = 0; i < ASKED; i++) {
                    asks.put(UUID.randomUUID(), lab.ask());
                }
                List<Future<Answered>> asked = new ArrayList<>();
                asks.forEach((key, ask) -> asked.add(clients.submit(() -> insist(lab, key, ask))));
                Thread.sleep(150 + 100L * kill);
                OwnServer.killAndStartAgain();
                for (Future<Answered> one : asked) {
                    assertThat(one.get().answer().statusCode()).as(one.get().answer().body()).isEqualTo(201);
                    unanswered += one.get().tries() - 1;
                }
                for (Map.Entry<UUID, String> ask : asks.entrySet()) {
                    assertThat(insist(lab, ask.getKey(), ask.getValue()).answer().statusCode()).isEqualTo(201);
                }
                requests += ASKED;
                assertThat(lab.one("select count(*) from access_request where tenant_id = ?")).as("one request a key").isEqualTo(Integer.toString(requests));
                lab.approve();
                requests++;
                lab.converges("the database was killed");
                assertThat(lab.judge()).as("kill %d", kill).isEmpty();
            }
            System.out.printf("F18: %d kills, %d tries went unanswered, 0 violations%n", KILLS, unanswered);
            assertThat(unanswered).as("the kill met somebody").isPositive();
        }
    }

    /// F25: the volume of the data and of its write-ahead log is full. What would grow it is refused in words, what only reads is
    /// answered; once there is room again all goes on, without anybody mending anything.
    @Test
    void aFullVolumeRefusesWritesAndServesReads() throws Exception {
        assumeThat(OwnServer.VOLUME).as("a volume of the server's own, for which a tmpfs must be mounted").isPresent();
        SmallVolume volume = OwnServer.VOLUME.orElseThrow();
        try (Laboratory lab = new Laboratory(context, 25)) {
            lab.approve();
            lab.converges("one policy is there");
            String started = lab.one("select pg_postmaster_start_time()::text where ? is not null");
            for (int run = 1; run <= KILLS / 2; run++) {
                int stored = Integer.parseInt(lab.one("select count(*) from access_request where tenant_id = ?"));
                long room = volume.fill();
                int accepted = 0;
                UUID key = UUID.randomUUID();
                String ask = lab.ask();
                HttpResponse<String> answer = lab.here.post(lab.engineer, "/access-requests", key, ask);
                for (; answer.statusCode() == 201; answer = lab.here.post(lab.engineer, "/access-requests", key, ask)) {
                    accepted++;
                    assertThat(accepted).as("room is found where there is none").isLessThan(500);
                    key = UUID.randomUUID();
                    ask = lab.ask();
                }
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
                assertThat(answer.headers().firstValue("Retry-After")).isPresent();
                assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
                for (int i = 0; i < 5; i++) {
                    assertThat(lab.here.get(lab.engineer, "/access-requests").statusCode()).as("reading needs no room").isEqualTo(200);
                }
                assertThat(lab.here.readiness()).isEqualTo(200);
                assertThat(lab.one("select count(*) from access_request where tenant_id = ?")).isEqualTo(Integer.toString(stored + accepted));
                volume.free();
                assertThat(insist(lab, key, ask).answer().statusCode()).isEqualTo(201);
                lab.approve();
                lab.converges("there is room again");
                assertThat(lab.judge()).isEmpty();
                assertThat(lab.one("select pg_postmaster_start_time()::text where ? is not null")).as("the server went on").isEqualTo(started);
                System.out.printf("F25 a full volume (%d MB of ballast): %d requests found room, then 503; reads answered; went on when there was room%n", room >> 20, accepted);
            }
        }
    }

    /// F27: the server is lost, and its standby takes over without the last of what it did. What clusters already have is written no
    /// more, nothing is decided, and it is said which entries are lost.
    @Test
    void aStandbyWithoutTheLastEntriesIsFoundOut() throws Exception {
        try (Laboratory lab = new Laboratory(context, 27);
                Standby standby = Standby.of(OwnServer.DIRECTORY, OwnServer.SERVER.port(), lab.superuser(), OwnServer.command())) {
            Map<String, String> settings = lab.settings(OwnServer.SERVER.port());
            settings.put("countersign.record.publish-directory", folder.resolve("published").toString());
            Image image = Image.pack(settings);
            try (Replica before = lab.ready(Replica.start(image, folder, settings))) {
                lab.approve();
                lab.converges("there is a standby");
                long kept = sealedAndPublished(lab);
                standby.catchUp(lab.superuser());
                standby.cutOff();
                long lost = lab.approve();
                lab.converges("the standby lags");
                long all = sealedAndPublished(lab);
                before.kill();
                lab.couriersHere().stop();
                standby.promote();
                long writes = lab.cluster.requests().writes().size();
                settings.put("spring.datasource.url", settings.get("spring.datasource.url").replace(":" + OwnServer.SERVER.port() + "/", ":" + standby.port + "/"));
                Path said = Files.createDirectory(folder.resolve("after"));
                try (Replica after = lab.ready(Replica.start(image, said, settings))) {
                    assertThat(after.get(lab.engineer, "/access-requests/" + lost).statusCode()).as("it is lost").isEqualTo(404);
                    for (int i = 0; i < 3; i++) {
                        HttpResponse<String> refused = after.post(lab.engineer, "/access-requests", UUID.randomUUID(), lab.ask());
                        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
                        assertThat(refused.body()).contains("from entry " + (kept + 1) + " on, entries are missing: a checkpoint was signed over " + all);
                        Thread.sleep(700);
                    }
                    assertThat(lab.cluster.requests().writes()).as("nothing is written over what the lost entries brought").hasSize((int) writes);
                }
                try (Stream<Path> logs = Files.list(said)) {
                    assertThat(Files.readString(logs.findFirst().orElseThrow())).contains("THE RECORD IS NOT WHOLE: from entry " + (kept + 1) + " on");
                }
                System.out.printf("F27 a standby without the last %d of %d entries: said at once, nothing decided, nothing written%n", all - kept, all);
            }
            assertThat(lab.judge()).isEmpty();
        }
    }

    /// How many entries the published checkpoint is over, once that is all of them.
    private long sealedAndPublished(Laboratory lab) throws Exception {
        Path published = folder.resolve("published").resolve(lab.tenant.tenant().id() + ".checkpoint");
        for (long end = System.nanoTime() + 15_000_000_000L; ; Thread.sleep(50)) {
            long entries = Long.parseLong(lab.one("select max(seq) from audit_entry where tenant_id = ?"));
            if (Files.exists(published) && Files.readAllLines(published).get(1).equals(Long.toString(entries))) {
                return entries;
            }
            assertThat(System.nanoTime()).as("not published").isLessThan(end);
        }
    }

    private record Answered(HttpResponse<String> answer, int tries) {}

    /// Asks with the same key until it is answered, at most for half a minute.
    private static Answered insist(Laboratory lab, UUID key, String ask) throws Exception {
        long end = System.nanoTime() + 30_000_000_000L;
        for (int tries = 1; ; tries++) {
            try {
                HttpResponse<String> answer = lab.here.post(lab.engineer, "/access-requests", key, ask);
                if (answer.statusCode() < 500) {
                    return new Answered(answer, tries);
                }
                assertThat(answer.headers().firstValue("Content-Type").orElse("")).as(answer.body()).startsWith("application/problem+json");
            } catch (IOException cut) {
                // asks again
            }
            assertThat(System.nanoTime()).as("still not answered").isLessThan(end);
            Thread.sleep(50);
        }
    }
}
