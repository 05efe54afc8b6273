package dev.countersign.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.audit.proof.Checkpoint;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.GitBackend;
import dev.countersign.portal.PortalTest;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.Tenants;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.revwalk.RevCommit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/// Checkpoints at a receiver and in a Git repository of this machine: what arrives, what is found, and what is never said.
@PortalTest
@ExtendWith(OutputCaptureExtension.class)
class PublishingTests {
    private static final String SECRET = Base64.getEncoder().encodeToString("a secret of the receiver, 32 b.".getBytes(StandardCharsets.US_ASCII));
    private static final Duration INTERVAL = Duration.ofSeconds(30);

    @Autowired
    Fixtures fixtures;

    @Autowired
    Tenants tenants;

    @Autowired
    AuditLog audit;

    @Autowired
    Sequencer sequencer;

    @Autowired
    Checkpoints checkpoints;

    @Autowired
    RecordComparison comparison;

    @Autowired
    RecordKey key;

    @Autowired
    Rounds walks;

    @TempDir
    Path folder;

    private final RecordState state = new RecordState();
    private final List<Posted> posted = new CopyOnWriteArrayList<>();
    private HttpServer server;

    record Posted(Headers headers, String body) {}

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop(0);
        }
    }

    private Tenant tenant() {
        Tenant tenant = fixtures.tenant().tenant();
        append(tenant);
        return tenant;
    }

    private void append(Tenant tenant) {
        tenants.doInTenant(tenant.id(), () -> audit.append(new AuditEvent("test.happened", Actor.system("test"), new Subject("test", "one"), "did one", Map.of())));
        for (int i = 0; i < 200 && sequencer.seal(tenant) != Sequencer.Sealed.ALL; i++) {
            Thread.onSpinWait();
        }
    }

    private Checkpoints.Signed latest(Tenant tenant) {
        return tenants.inTenant(tenant.id(), checkpoints::latest).orElseThrow();
    }

    private Optional<String> stopped(Tenant tenant) {
        return tenants.inTenant(tenant.id(), state::stopped);
    }

    /// The rounds of a place, of these tenants only: other tests have tenants of their own.
    private PublishingRounds rounds(PublishingPlace place, Tenant... mine) {
        return new PublishingRounds(new PublishingPlace() {
            @Override
            public String words() {
                return place.words();
            }

            @Override
            public boolean isReadable() {
                return place.isReadable();
            }

            @Override
            public void exchange(List<Tenant> all, Comparison asked) throws PlaceAway, InterruptedException {
                place.exchange(List.of(mine), asked);
            }
        }, INTERVAL, tenants, comparison, state);
    }

    private String serve(com.sun.net.httpserver.HttpHandler handler) throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", handler);
        server.start();
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/hook/tok-in-the-path";
    }

    private String receiver(int status, String... headers) throws Exception {
        return serve(exchange -> {
            posted.add(new Posted(exchange.getRequestHeaders(), new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
            }
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
    }

    private static int count(CharSequence text, String part) {
        return text.toString().split(java.util.regex.Pattern.quote(part), -1).length - 1;
    }

    @Test
    void aReceiverGetsEachNewCheckpointOnceAndCanCheckWhoSentIt() throws Exception {
        Tenant one = tenant();
        Tenant two = tenant();
        PublishingRounds rounds = rounds(WebhookPlace.of(receiver(204), "whsec_" + SECRET), one, two);
        assertThat(rounds.round()).isEqualTo(INTERVAL);
        assertThat(rounds.round()).isEqualTo(INTERVAL);
        assertThat(posted).extracting(Posted::body).containsExactly(latest(one).note(), latest(two).note());
        append(one);
        rounds.round();
        assertThat(posted).hasSize(3).last().extracting(Posted::body).isEqualTo(latest(one).note());
        assertThat(posted).extracting(each -> each.headers().getFirst("webhook-id")).doesNotHaveDuplicates();
        for (Posted each : posted) {
            assertThat(each.headers().getFirst("Content-Type")).isEqualTo("text/plain; charset=utf-8");
            String time = each.headers().getFirst("webhook-timestamp");
            assertThat(Instant.ofEpochSecond(Long.parseLong(time))).isBetween(Instant.now().minusSeconds(60), Instant.now());
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Base64.getDecoder().decode(SECRET), "HmacSHA256"));
            String signed = each.headers().getFirst("webhook-id") + "." + time + "." + each.body();
            assertThat(each.headers().getFirst("webhook-signature"))
                    .isEqualTo("v1," + Base64.getEncoder().encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8))));
        }
        // A replica that starts sends the same under the same id.
        rounds(WebhookPlace.of("http://127.0.0.1:" + server.getAddress().getPort() + "/", SECRET), two).round();
        assertThat(posted).hasSize(4);
        assertThat(posted.get(3).headers().getFirst("webhook-id")).isEqualTo(posted.get(1).headers().getFirst("webhook-id"));
    }

    @Test
    void aReceiverThatIsBusyIsLeftInPeaceAsLongAsItAsksAndToldOfOnce(CapturedOutput log) throws Exception {
        Tenant tenant = tenant();
        PublishingRounds rounds = rounds(WebhookPlace.of(receiver(503, "Retry-After", "120"), SECRET), tenant);
        for (int i = 0; i < 3; i++) {
            assertThat(rounds.round()).isEqualTo(Duration.ofSeconds(120));
        }
        assertThat(posted).hasSize(3);
        assertThat(stopped(tenant)).isEmpty();
        assertThat(count(log, "Checkpoints cannot be published at present: the receiver answered 503")).isEqualTo(1);
        Instant now = Instant.parse("2026-01-02T03:04:05Z");
        assertThat(WebhookPlace.pause("Fri, 2 Jan 2026 03:05:05 GMT", now)).isEqualTo(Duration.ofMinutes(1));
        assertThat(WebhookPlace.pause("Fri, 2 Jan 2026 03:03:05 GMT", now)).isZero();
        assertThat(WebhookPlace.pause("999999999", now)).isEqualTo(Duration.ofHours(1));
        assertThat(WebhookPlace.pause("soon", now)).isZero();
        assertThat(WebhookPlace.pause(null, now)).isZero();
    }

    @Test
    void whereNobodyAnswersThePausesGrowAndEnd(CapturedOutput log) throws Exception {
        Tenant tenant = tenant();
        String url = receiver(204);
        server.stop(0);
        PublishingRounds rounds = rounds(WebhookPlace.of(url, SECRET), tenant);
        long expected = 1000;
        for (int i = 0; i < 14; i++) {
            assertThat(rounds.round().toMillis()).as("failure " + i).isBetween((long) (expected * 0.8), (long) (expected * 1.2));
            expected = Math.min(expected * 2, 600_000);
        }
        assertThat(stopped(tenant)).isEmpty();
        assertThat(count(log, "Checkpoints cannot be published at present: no answer from the receiver")).isEqualTo(1);
    }

    @Test
    void aRedirectIsNotFollowedAndARefusalOfOneKeepsNoOtherWaiting() throws Exception {
        Tenant one = tenant();
        Tenant two = tenant();
        String url = serve(exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            posted.add(new Posted(exchange.getRequestHeaders(), body));
            exchange.getResponseHeaders().add("Location", "/elsewhere");
            exchange.sendResponseHeaders(body.contains(one.id().toString()) ? 307 : 200, -1);
            exchange.close();
        });
        PublishingRounds rounds = rounds(WebhookPlace.of(url, SECRET), one, two);
        assertThat(rounds.round()).isLessThan(Duration.ofSeconds(2));
        assertThat(posted).extracting(Posted::body).containsExactly(latest(one).note(), latest(two).note());
        rounds.round();
        assertThat(posted).extracting(Posted::body).containsExactly(latest(one).note(), latest(two).note(), latest(one).note());
    }

    @Test
    void anAnswerWithoutEndIsNotReadAndOneThatNeverComesIsGivenUp() throws Exception {
        Tenant tenant = tenant();
        String endless = serve(exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                while (true) {
                    out.write(new byte[65536]);
                }
            }
        });
        Instant before = Instant.now();
        assertThat(rounds(WebhookPlace.of(endless, SECRET), tenant).round()).isEqualTo(INTERVAL);
        assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(10));
        server.stop(0);
        String silent = serve(exchange -> {
            try {
                Thread.sleep(20_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        before = Instant.now();
        assertThat(rounds(WebhookPlace.of(silent, SECRET, Duration.ofMillis(300)), tenant).round()).isLessThan(Duration.ofSeconds(2));
        assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(10));
    }

    private Path bare() throws Exception {
        Path place = folder.resolve("record.git");
        try (FileRepository bare = new FileRepository(place.toFile())) {
            bare.create(true);
        }
        return place;
    }

    private static GitPlace git(String url) {
        return new GitPlace(GitSetting.remote(url, "checkpoints", "", ""));
    }

    private static List<RevCommit> commits(Path bare) throws Exception {
        try (Git git = Git.open(bare.toFile())) {
            ObjectId tip = git.getRepository().resolve("refs/heads/checkpoints");
            return tip == null ? List.of() : java.util.stream.StreamSupport.stream(git.log().add(tip).call().spliterator(), false).toList();
        }
    }

    private static Optional<String> shown(Path bare, Tenant tenant) throws Exception {
        try (FileRepository repository = new FileRepository(bare.toFile())) {
            return CheckpointTree.at(repository, Optional.ofNullable(repository.resolve("refs/heads/checkpoints"))).read(PublishingPlace.file(tenant));
        }
    }

    /// As somebody with access to the repository does.
    private static void put(Path bare, String file, String content) throws Exception {
        try (FileRepository repository = new FileRepository(bare.toFile())) {
            Optional<ObjectId> tip = Optional.ofNullable(repository.resolve("refs/heads/checkpoints"));
            ObjectId commit = CheckpointTree.at(repository, tip).commit(Map.of(file, content));
            RefUpdate update = repository.updateRef("refs/heads/checkpoints");
            update.setNewObjectId(commit);
            assertThat(update.update()).isIn(RefUpdate.Result.NEW, RefUpdate.Result.FAST_FORWARD);
        }
    }

    @Test
    void aRoundWithNewsIsOneCommitOnTopAndOneWithoutIsNone() throws Exception {
        Tenant one = tenant();
        Tenant two = tenant();
        Path bare = bare();
        PublishingRounds rounds = rounds(git(bare.toString()), one, two);
        assertThat(rounds.round()).isEqualTo(INTERVAL);
        rounds.round();
        assertThat(commits(bare)).hasSize(1);
        assertThat(commits(bare).getFirst().getFullMessage()).isEqualTo("Publish checkpoints of 2 records\n");
        assertThat(shown(bare, one)).contains(latest(one).note());
        assertThat(shown(bare, two)).contains(latest(two).note());
        put(bare, "README.md", "kept");
        append(two);
        rounds.round();
        assertThat(commits(bare)).extracting(RevCommit::getShortMessage)
                .containsExactly("Publish checkpoints of 1 record", "Publish checkpoints of 1 record", "Publish checkpoints of 2 records");
        assertThat(shown(bare, two)).contains(latest(two).note());
        try (FileRepository repository = new FileRepository(bare.toFile())) {
            assertThat(CheckpointTree.at(repository, Optional.of(repository.resolve("refs/heads/checkpoints"))).read("README.md")).contains("kept");
        }
        assertThat(stopped(one)).isEmpty();
    }

    @Test
    void whatAnotherReplicaPushedInBetweenIsComparedAndBuiltUpon() throws Exception {
        Tenant mine = tenant();
        Tenant others = tenant();
        Path bare = bare();
        git(bare.toString()).exchange(List.of(mine, others), comparison);
        append(mine);
        append(others);
        int[] asked = {0};
        git(bare.toString()).exchange(List.of(mine), (tenant, published) -> {
            if (asked[0]++ == 0) {
                try {
                    git(bare.toString()).exchange(List.of(others), comparison);
                } catch (PlaceAway | InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
            return comparison.latest(tenant, published);
        });
        assertThat(asked[0]).as("fetched and compared again").isEqualTo(2);
        assertThat(commits(bare)).hasSize(3);
        assertThat(shown(bare, mine)).contains(latest(mine).note());
        assertThat(shown(bare, others)).contains(latest(others).note());
    }

    @Test
    void replicasThatPublishAtOnceLoseNoCommit() throws Exception {
        List<Tenant> all = List.of(tenant(), tenant(), tenant(), tenant());
        Path bare = bare();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var runs = all.stream().map(tenant -> threads.submit(() -> {
                PublishingRounds rounds = rounds(git(bare.toString()), tenant);
                for (int i = 0; i < 20 && !rounds.round().equals(INTERVAL); i++) {
                    Thread.sleep(100);
                }
                return null;
            })).toList();
            for (var run : runs) {
                run.get();
            }
        }
        assertThat(commits(bare)).hasSize(4);
        for (Tenant tenant : all) {
            assertThat(shown(bare, tenant)).contains(latest(tenant).note());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"longer", "different", "unsigned"})
    void aRecordThatDoesNotContinueWhatIsInTheRepositoryIsStoppedUntilItDoes(String what, CapturedOutput log) throws Exception {
        Tenant tenant = tenant();
        Tenant neighbour = tenant();
        Path bare = bare();
        PublishingRounds rounds = rounds(git(bare.toString()), tenant, neighbour);
        rounds.round();
        String good = latest(tenant).note();
        long size = latest(tenant).size();
        String origin = RecordKey.origin(tenant);
        String shown = switch (what) {
            case "longer" -> new Checkpoint(origin, size + 3, new byte[32]).sign(key.key());
            case "different" -> new Checkpoint(origin, size, new byte[32]).sign(key.key());
            default -> good.replace(origin + "\n", origin + "x\n");
        };
        put(bare, PublishingPlace.file(tenant), shown);
        append(neighbour);
        rounds.round();
        String words = switch (what) {
            case "longer" -> "from entry " + (size + 1) + " on, entries are missing: a checkpoint was signed over " + (size + 3);
            case "different" -> "from entry 1 on, the entries up to " + size + " are not the ones that were sealed";
            default -> "from entry 1 on, it cannot be compared with what was sealed: the checkpoint is signed by no known key";
        };
        assertThat(stopped(tenant)).contains(words);
        assertThat(shown(bare, tenant)).as("evidence is not written over").contains(shown);
        assertThat(stopped(neighbour)).isEmpty();
        assertThat(shown(bare, neighbour)).contains(latest(neighbour).note());
        rounds.round();
        assertThat(count(log, "THE RECORD IS NOT WHOLE, it does not continue what was published: " + words)).isEqualTo(1);
        // What the portal itself reads is whole, and does not take back what was found elsewhere. Nor does silence.
        new SealingLoop(tenants, sequencer, walks, new Witness("", comparison), state).look(tenant, true);
        assertThat(stopped(tenant)).contains(words);
        Path away = Files.move(bare, folder.resolve("away.git"));
        rounds.round();
        assertThat(stopped(tenant)).contains(words);
        Files.move(away, bare);
        put(bare, PublishingPlace.file(tenant), good);
        rounds.round();
        assertThat(stopped(tenant)).isEmpty();
    }

    @Test
    void aRepositoryThatIsAwayStopsNobodyAndIsToldOfOnceUntilItIsBack(CapturedOutput log) throws Exception {
        Tenant tenant = tenant();
        PublishingRounds rounds = rounds(git(folder.resolve("record.git").toString()), tenant);
        for (int i = 0; i < 3; i++) {
            assertThat(rounds.round()).isLessThan(Duration.ofSeconds(6));
        }
        assertThat(stopped(tenant)).isEmpty();
        append(tenant);
        assertThat(count(log, "Checkpoints cannot be published at present")).isEqualTo(1);
        Path bare = bare();
        assertThat(rounds.round()).isEqualTo(INTERVAL);
        assertThat(shown(bare, tenant)).contains(latest(tenant).note());
        assertThat(count(log, "Checkpoints are published again")).isEqualTo(1);
    }

    @Test
    void whatIsSecretIsInNoLogAndNoRefusal(CapturedOutput log) throws Exception {
        Tenant tenant = tenant();
        String password = "hunter-of-secrets-42";
        String url = serve(exchange -> {
            String sent = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
            posted.add(new Posted(exchange.getRequestHeaders(), ""));
            exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"" + password + "\"");
            byte[] echo = (sent + password).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(sent.equals("null") ? 401 : 403, echo.length);
            exchange.getResponseBody().write(echo);
            exchange.close();
        });
        rounds(new GitPlace(GitSetting.remote(url, "checkpoints", "robot", password)), tenant).round();
        assertThat(posted).as("it was tried with the password").anySatisfy(each -> assertThat(each.headers().getFirst("Authorization"))
                .isEqualTo("Basic " + Base64.getEncoder().encodeToString(("robot:" + password).getBytes(StandardCharsets.UTF_8))));
        rounds(WebhookPlace.of(url, SECRET), tenant).round();
        assertThat(count(log, "Checkpoints cannot be published at present")).isEqualTo(2);
        assertThat(log.toString()).contains("the receiver answered 401").doesNotContain(password, SECRET, Base64.getEncoder().encodeToString(("robot:" + password).getBytes(StandardCharsets.UTF_8)));
        assertThat(WebhookPlace.of(url, SECRET).words()).doesNotContain("tok-in-the-path");
        for (String wrong : List.of("http://hooks.example/" + password, "ftp://hooks.example/" + password, "https://u:" + password + "@hooks.example/", "::" + password,
                "https://hooks.example/#" + password, password)) {
            assertThatThrownBy(() -> WebhookPlace.of(wrong, SECRET)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("countersign.record.publish-webhook-url").hasMessageNotContaining(password).hasNoCause();
        }
        for (String wrong : List.of("", password, "c2hvcnQ=")) {
            assertThatThrownBy(() -> WebhookPlace.of(url, wrong)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("countersign.record.publish-webhook-secret").hasMessageNotContaining(password).hasNoCause();
        }
        for (String wrong : List.of("http://git.example/r.git", "git://git.example/r.git", "relative/path", "https://robot:" + password + "@git.example/r.git",
                "https://" + password + "@git.example/r.git", "https://git.example/r.git?token=" + password, "ext::sh -c " + password)) {
            assertThatThrownBy(() -> git(wrong)).as(wrong).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("countersign.record.publish-git-url").hasMessageNotContaining(password).hasNoCause();
        }
        assertThatThrownBy(() -> GitSetting.remote("/r.git", "a..b", "", "")).hasMessageStartingWith("countersign.record.publish-git-branch");
        assertThatThrownBy(() -> new PublishingLoop(new PublishingPlaces("", "", "", "checkpoints", "", ""), Duration.ZERO, tenants, comparison, state))
                .hasMessageStartingWith("countersign.record.publish-interval");
    }

    @Test
    void theLoopPublishesByItselfAndHasComparedBeforeItsStartReturns() throws Exception {
        Tenant tenant = tenant();
        Path bare = bare();
        put(bare, PublishingPlace.file(tenant), new Checkpoint(RecordKey.origin(tenant), latest(tenant).size() + 1, new byte[32]).sign(key.key()));
        PublishingLoop loop = new PublishingLoop(new PublishingPlaces(receiver(200), SECRET, bare.toString(), "checkpoints", "", ""), Duration.ofSeconds(1), tenants, comparison, state);
        loop.start();
        try {
            assertThat(stopped(tenant)).isPresent();
            for (int i = 0; i < 200 && posted.stream().noneMatch(each -> each.body().equals(latest(tenant).note())); i++) {
                Thread.sleep(50);
            }
            // The receiver is told all the same: it is who can tell.
            assertThat(posted).extracting(Posted::body).contains(latest(tenant).note());
        } finally {
            loop.stop();
        }
        assertThat(loop.isRunning()).isFalse();
    }

    /// A server of Git that never answers is broken off, which is no failure of its own.
    @Test
    void aLoopThatIsStoppedWaitsForItsRoundAndTellsNothing(CapturedOutput log) throws Exception {
        Tenant tenant = tenant();
        append(tenant);
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        String url = serve(exchange -> {
            asked.countDown();
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.close();
        });
        PublishingRounds rounds = rounds(new GitPlace(GitSetting.remote(url, "checkpoints", "robot", "right")), tenant);
        AtomicReference<Duration> paused = new AtomicReference<>();
        Thread round = Thread.ofVirtual().start(() -> {
            try {
                paused.set(rounds.round());
            } catch (InterruptedException e) {
                paused.set(Duration.ZERO);
            }
        });
        assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
        rounds.end();
        round.interrupt();
        assertThat(round.join(Duration.ofSeconds(10))).isTrue();
        over.countDown();
        assertThat(paused.get()).isNotNull().isNotEqualTo(INTERVAL);
        assertThat(count(log, "Checkpoints cannot be published at present")).isZero();
        rounds.begin();
        server.stop(0);
        rounds.round();
        assertThat(count(log, "Checkpoints cannot be published at present")).isEqualTo(1);
    }

    /// Git's own server over HTTP, where this machine has it.
    @Test
    void aServerOfGitItselfTakesWhatIsPushed() throws Exception {
        assumeTrue(GitBackend.isInstalled(), "git is not installed");
        Path bare = bare();
        GitBackend git = new GitBackend(folder);
        String base = serve(exchange -> {
            if (exchange.getRequestHeaders().getFirst("Authorization") == null) {
                exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"git\"");
                exchange.sendResponseHeaders(401, -1);
                exchange.close();
                return;
            }
            git.handle(exchange);
        });
        String url = base.substring(0, base.indexOf("/hook")) + "/record.git";
        Tenant tenant = tenant();
        PublishingRounds rounds = rounds(new GitPlace(GitSetting.remote(url, "checkpoints", "robot", "right")), tenant);
        for (int i = 1; i <= 3; i++) {
            append(tenant);
            assertThat(rounds.round()).isEqualTo(INTERVAL);
            assertThat(shown(bare, tenant)).contains(latest(tenant).note());
            assertThat(commits(bare)).hasSize(i);
        }
        put(bare, PublishingPlace.file(tenant), new Checkpoint(RecordKey.origin(tenant), latest(tenant).size() + 1, new byte[32]).sign(key.key()));
        rounds.round();
        assertThat(stopped(tenant)).isPresent();
        GitBackend.isSound(bare);
    }
}
