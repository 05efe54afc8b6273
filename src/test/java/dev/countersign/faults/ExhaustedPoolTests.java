package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.portal.PortalTest;
import dev.countersign.portal.TestDatabase;
import java.net.CookieManager;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestPropertySource;

/// F22: statements that hang take the connections of a replica: rows and tables that nobody lets go of, and pg_sleep. Whoever gets
/// no connection is told so at once, whoever got one is answered in bounded time; another tenant goes on, and so do health and
/// administration. `-Dfaults.runs=N` multiplies the clients.
@PortalTest
@TestPropertySource(properties = "countersign.delivery.sweep=1s")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExhaustedPoolTests {
    private static final int CLIENTS = 24 * Integer.getInteger("faults.runs", 1);
    /// One second to be told, fifteen for a transaction that waits; the rest is this machine's.
    private static final Duration BOUND = Duration.ofSeconds(19);

    @Autowired
    ApplicationContext context;

    private Laboratory lab;
    private Laboratory slow;
    private Laboratory other;
    private Replica victim;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        lab = new Laboratory(context, 22);
        slow = new Laboratory(context, 222);
        other = new Laboratory(context, 122);
        Map<String, String> settings = lab.settings(TestDatabase.server().port());
        victim = lab.ready(Replica.start(Image.pack(settings), folder, settings));
    }

    @AfterAll
    void stop() throws Exception {
        victim.close();
        lab.close();
        slow.close();
        other.close();
    }

    private interface Asking {
        HttpResponse<String> ask() throws Exception;
    }

    /// An answer and how long it took, in milliseconds.
    private record Answered(HttpResponse<String> answer, long millis) {
        static Answered by(Asking asking) throws Exception {
            long began = System.nanoTime();
            HttpResponse<String> answer = asking.ask();
            return new Answered(answer, (System.nanoTime() - began) / 1_000_000);
        }
    }

    /// One tenant waits for a row that a session holds which does nothing, another for statements that take long by themselves: each
    /// takes no more than its share, and a third goes on.
    @Test
    void whatHangsHoldsItsTenantUpAlone() throws Exception {
        long number = lab.submit();
        String digest = lab.digest(number);
        String sleeping = slow.tenant.tenant().id().toString();
        try (Connection idle = lab.connect(); Connection superuser = lab.connect(); ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            execute(superuser, "create function f22_slow() returns trigger language plpgsql as 'begin if new.tenant_id = ''" + sleeping + "'' then perform pg_sleep(60); end if; return new; end'");
            execute(superuser, "create trigger f22_slow before insert on access_request for each row execute function f22_slow()");
            idle.setAutoCommit(false);
            execute(idle, "select from access_request where tenant_id = '" + lab.tenant.tenant().id() + "' and number = " + number + " for update");
            List<Future<Answered>> locked = crowd(threads, () -> lab.review(victim, number, digest, UUID.randomUUID()));
            lab.awaitWaiting(2);
            List<Future<Answered>> asleep = crowd(threads, () -> victim.post(slow.engineer, "/access-requests", UUID.randomUUID(), slow.ask()));
            long beside = 0;
            for (int i = 0; i < 3; i++) {
                Answered asked = Answered.by(() -> victim.post(other.engineer, "/access-requests", UUID.randomUUID(), other.ask()));
                assertThat(asked.answer().statusCode()).as(asked.answer().body()).isEqualTo(201);
                beside = Math.max(beside, asked.millis());
            }
            administrationAnswers().close();
            tell("a locked row", locked);
            tell("slow statements", asleep);
            System.out.printf("F22 a third tenant asked within %d ms%n", beside);
            idle.rollback();
            execute(superuser, "drop function f22_slow cascade");
        }
        assertThat(lab.review(victim, number, UUID.randomUUID()).statusCode()).isEqualTo(200);
        assertThat(victim.post(slow.engineer, "/access-requests", UUID.randomUUID(), slow.ask()).statusCode()).isEqualTo(201);
        whole();
    }

    /// A table that nobody gets at: every tenant waits, and the connections for requests are all taken.
    @Test
    void aLockedTableTakesNoConnectionOfAdministration() throws Exception {
        UUID key = UUID.randomUUID();
        String ask = lab.ask();
        try (Connection idle = lab.connect(); ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            idle.setAutoCommit(false);
            execute(idle, "lock table access_request in access exclusive mode");
            List<Future<Answered>> stuck = new ArrayList<>();
            for (Laboratory one : List.of(lab, slow, other)) {
                stuck.addAll(crowd(threads, () -> victim.get(one.engineer, "/access-requests")));
            }
            stuck.add(threads.submit(() -> Answered.by(() -> victim.post(lab.engineer, "/access-requests", key, ask))));
            lab.awaitWaiting(5);
            try (HttpClient browser = administrationAnswers()) {
                HttpResponse<String> page = page(browser, "/requests");
                assertThat(page.statusCode()).as(page.body()).isEqualTo(503);
                assertThat(page.headers().firstValue("Retry-After")).isPresent();
                assertThat(page.body()).contains("try again in a few seconds").contains("</html>");
            }
            tell("a locked table", stuck);
            idle.rollback();
        }
        HttpResponse<String> asked = victim.post(lab.engineer, "/access-requests", key, ask);
        assertThat(asked.statusCode()).as(asked.body()).isEqualTo(201);
        whole();
    }

    private List<Future<Answered>> crowd(ExecutorService threads, Asking asking) {
        List<Future<Answered>> crowd = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            crowd.add(threads.submit(() -> Answered.by(asking)));
        }
        return crowd;
    }

    /// Everybody was refused in words, in time, and some at once.
    private static void tell(String what, List<Future<Answered>> stuck) throws Exception {
        List<Long> shed = new ArrayList<>();
        long longest = 0;
        for (Future<Answered> one : stuck) {
            Answered answered = one.get();
            HttpResponse<String> refused = answered.answer();
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).as(refused.body()).isPresent();
            assertThat(refused.headers().firstValue("Content-Type")).hasValue("application/problem+json");
            longest = Math.max(longest, answered.millis());
            if (refused.body().contains("under way here")) {
                shed.add(answered.millis());
            }
        }
        long latest = shed.stream().mapToLong(Long::longValue).max().orElse(0);
        System.out.printf("F22 %s: %d of %d had no connection and were told after at most %d ms; no other waited longer than %d ms; administration answered%n",
                what, shed.size(), stuck.size(), latest, longest);
        assertThat(shed).as("none was told that there is no connection").isNotEmpty();
        assertThat(longest).isLessThan(BOUND.toMillis());
    }

    /// An administrator comes in and administers while others wait; answers the browser.
    private HttpClient administrationAnswers() throws Exception {
        assertThat(victim.readiness()).isEqualTo(200);
        assertThat(victim.liveness()).isEqualTo(200);
        HttpClient browser = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).cookieHandler(new CookieManager()).build();
        Matcher token = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"").matcher(page(browser, "/sign-in").body());
        assertThat(token.find()).isTrue();
        String form = "_csrf=" + URLEncoder.encode(token.group(1), StandardCharsets.UTF_8) + "&password=admin+password&username=" + URLEncoder.encode("admin@" + lab.tenant.tenant().slug(), StandardCharsets.UTF_8);
        HttpResponse<String> in = browser.send(HttpRequest.newBuilder(victim.address("/sign-in")).header("Content-Type", "application/x-www-form-urlencoded")
                .header("Origin", victim.address("").toString()).timeout(BOUND).POST(HttpRequest.BodyPublishers.ofString(form)).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(in.headers().firstValue("Location").orElse("")).isNotBlank().doesNotContain("failed");
        assertThat(page(browser, "/admin/people").statusCode()).isEqualTo(200);
        return browser;
    }

    private HttpResponse<String> page(HttpClient browser, String path) throws Exception {
        return browser.send(HttpRequest.newBuilder(victim.address(path)).timeout(BOUND).header("Accept", "text/html").build(), HttpResponse.BodyHandlers.ofString());
    }

    private void whole() throws Exception {
        lab.converges("the fault");
        assertThat(lab.judge()).isEmpty();
        assertThat(slow.judge()).isEmpty();
        assertThat(other.judge()).isEmpty();
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
