package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// F29 and F30: of two replicas one has clocks that stray while it works: its wall clock an hour or a day ahead or behind, a second that
/// comes twice, a time zone at its changes of daylight saving time, clocks that run too fast, a monotonic clock that jumps. It jumps in
/// the middle of a delivery, by turns its own and the other's. Then nothing ends too early or too late, no claim is taken whose lease
/// holds, nobody is signed out, and no table holds a time that the stray clock said. `-Dfaults.clocks=N` for more rounds.
///
/// That the monotonic clock jumps back is more than a JVM allows: a replica may sleep then (the other works), and does no harm. So it is
/// the last that happens to one; another takes its place.
@PortalTest
@TestPropertySource(properties = "countersign.delivery.sweep=1s")
class StrayClockTests {
    private static final int ROUNDS = Integer.getInteger("faults.clocks", 3);
    private static final String ZONE = "Europe/Berlin";
    /// What an end may come late, by the database's clock.
    private static final Duration LATE = Duration.ofSeconds(6);
    private static final Duration WITHIN = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    @Autowired
    ApplicationContext context;

    /// `monotonic`: by how much it is ahead of the machine's, `leaps` where it just got there. Each minute that is added tells the strayed time from one that somebody else is away by an hour or a day.
    private record Stray(String what, Duration wall, Duration monotonic, boolean leaps, long ppm) {
        static Stray wall(String what, Duration wall) {
            return new Stray(what, wall, Duration.ZERO, false, 0);
        }

        static Stray monotonic(String what, Duration monotonic) {
            return new Stray(what, Duration.ZERO, monotonic, monotonic.isPositive(), 0);
        }

        /// Two seconds before the clocks of the zone change; the wall clock walks through the change by itself.
        static Stray before(ZoneOffsetTransition change) {
            return wall(change.getDateTimeBefore() + " to " + change.getDateTimeAfter(), Duration.between(Instant.now().plusSeconds(2), change.getInstant()));
        }

        Stray after(Duration monotonic) {
            return new Stray(what, wall, monotonic, leaps, ppm);
        }

        boolean tellsItself() {
            return wall.abs().compareTo(Duration.ofMinutes(10)) > 0;
        }
    }

    private static List<Stray> all() {
        ZoneOffsetTransition next = ZoneId.of(ZONE).getRules().nextTransition(Instant.now());
        Duration hour = Duration.ofMinutes(67);
        return List.of(
                Stray.wall("an hour ahead", hour),
                Stray.wall("a day behind", Duration.ofDays(-1).minusMinutes(7)),
                Stray.monotonic("the monotonic clock an hour later", hour),
                Stray.before(next).after(hour),
                Stray.wall("a day ahead", Duration.ofDays(1).plusMinutes(7)).after(hour),
                Stray.wall("an hour behind", hour.negated()).after(hour),
                Stray.before(ZoneId.of(ZONE).getRules().nextTransition(next.getInstant())).after(hour),
                new Stray("a fifth too fast", Duration.ZERO, hour, false, 200_000),
                Stray.monotonic("the wall clock right again, the monotonic one a minute later", hour.plusMinutes(1)),
                Stray.wall("a second comes twice", Duration.ofSeconds(-1)).after(hour.plusMinutes(1)),
                Stray.monotonic("the monotonic clock two minutes later", hour.plusMinutes(3)),
                Stray.monotonic("the monotonic clock back again", Duration.ZERO));
    }

    /// Who holds the delivery in whose middle the clocks jump.
    private enum Holder {
        STRAY,
        HEALTHY
    }

    @Test
    void aReplicaWhoseClocksStrayEndsNothingEarlyAndTakesNoClaim() throws Exception {
        try (Laboratory lab = new Laboratory(context, 29)) {
            lab.askInTurn(List.of("payment-service", "user-profile", "frontend", "billing-service"));
            long began = System.nanoTime();
            Duration latest = Duration.ZERO;
            for (int rounds = 0, replicas = 0; rounds < ROUNDS; rounds += all().size(), replicas++) {
                // The other half of the deliveries is the other one's.
                Duration late = oneReplica(lab, Math.min(ROUNDS - rounds, all().size()), replicas);
                latest = latest.compareTo(late) > 0 ? latest : late;
            }
            System.out.printf("F29/F30: %d jumps of the clocks of one of two replicas, 0 violations, an end recorded at most %d ms late, %d ms%n", ROUNDS,
                    latest.toMillis(), (System.nanoTime() - began) / 1_000_000);
        }
    }

    /// Answers how late an end was recorded at most.
    private Duration oneReplica(Laboratory lab, int rounds, int first) throws Exception {
        Map<String, String> settings = lab.settings(TestDatabase.server().port());
        try (StrayClock clock = new StrayClock(folder)) {
            Image image = Image.pack(settings).with(clock.flag(), "-Duser.timezone=" + ZONE);
            long began = System.nanoTime();
            try (Replica stray = lab.ready(Replica.start(image, folder, settings)); Thefts thefts = new Thefts(lab); HttpClient browser = browser();
                    AutoCloseable _ = browser::shutdownNow) {
                System.out.printf("F29: a replica with a clock agent was ready after %d ms%n", (System.nanoTime() - began) / 1_000_000);
                assertThat(stray.signIn(browser, "engineer@" + lab.tenant.tenant().slug(), "engineer password")).isNotBlank().doesNotContain("failed");
                Duration latest = Duration.ZERO;
                for (int round = 0; round < rounds; round++) {
                    Stray how = all().get(round);
                    Holder holder = Holder.values()[(first + round) % 2];
                    long start = System.nanoTime();
                    Duration late = round(lab, stray, clock, browser, how, holder);
                    latest = latest.compareTo(late) > 0 ? latest : late;
                    assertThat(thefts.found()).as("%s: claims taken while their lease held", how).isEmpty();
                    assertThat(lab.judge()).as("%s", how).isEmpty();
                    System.out.printf("F29 %s, during a delivery of the %s one: an end recorded %d ms late, %d ms%n", how.what(), holder == Holder.STRAY ? "stray" : "healthy",
                            late.toMillis(), (System.nanoTime() - start) / 1_000_000);
                }
                return latest;
            }
        }
    }

    /// Answers how late the end of a grant was recorded.
    private static Duration round(Laboratory lab, Replica stray, StrayClock clock, HttpClient browser, Stray how, Holder holder) throws Exception {
        long ending = lab.granted();
        UUID key = UUID.randomUUID();
        String ask = lab.ask();
        HttpResponse<String> asked = stray.post(lab.engineer, "/access-requests", key, ask);
        assertThat(asked.statusCode()).as(asked.body()).isEqualTo(201);
        long number = JsonMapper.shared().readTree(asked.body()).path("number").asLong();
        String token = lab.token("engineer");
        lab.one("delete from sign_in_attempt where ?::uuid is not null returning key");
        for (int guess = 0; guess < 10; guess++) {
            signIn(stray, "owner@" + lab.tenant.tenant().slug(), "a guess");
        }
        HttpResponse<InputStream> news = browser.send(HttpRequest.newBuilder(stray.address("/news")).build(), HttpResponse.BodyHandlers.ofInputStream());
        assertThat(news.statusCode()).isEqualTo(200);

        jumpDuringADelivery(lab, stray, clock, how, holder, number);
        // Ends that come while it is wrong.
        lab.one("update access_grant set ends_at = clock_timestamp() + interval '2 seconds' where tenant_id = ? and request_number = " + ending + " returning number");
        lab.one("""
                update api_token
                set expires_at = clock_timestamp() + interval '2 seconds'
                where id = (select id from api_token where tenant_id = ? order by created_at desc limit 1)
                returning id""");
        assertThat(stray.get(token, "/me").statusCode()).as("%s: a token before its end", how).isEqualTo(200);
        itBites(stray, how, news.body());

        for (Replica replica : List.of(stray, lab.here)) {
            HttpResponse<String> again = replica.post(lab.engineer, "/access-requests", key, ask);
            assertThat(again.body()).as("%s: the same key again", how).isEqualTo(asked.body());
            assertThat(page(browser, replica)).as("%s: the page of who signed in before", how).isEqualTo(200);
        }
        assertThat(signIn(stray, "owner@" + lab.tenant.tenant().slug(), "owner password")).as("%s: whoever guessed ten times within a quarter of an hour", how).contains("failed");
        try (HttpClient other = browser()) {
            assertThat(stray.signIn(other, "engineer@" + lab.tenant.tenant().slug(), "engineer password")).isNotBlank().doesNotContain("failed");
            for (Replica replica : List.of(stray, lab.here)) {
                assertThat(page(other, replica)).as("%s: the page of who signed in at the stray replica", how).isEqualTo(200);
            }
        }
        HttpResponse<String> revoked = lab.revoke(stray, number, UUID.randomUUID());
        assertThat(revoked.statusCode()).as(revoked.body()).isEqualTo(200);
        Duration late = ended(lab, ending, how);
        lab.converges(how.what());
        assertThat(stray.get(token, "/me").statusCode()).as("%s: a token after its end", how).isEqualTo(401);
        sealed(lab, how);
        nothingHoldsATimeOf(how, lab);
        return late;
    }

    private static void jumpDuringADelivery(Laboratory lab, Replica stray, StrayClock clock, Stray how, Holder holder, long number) throws Exception {
        String digest = lab.digest(number);
        if (holder == Holder.STRAY) {
            lab.couriersHere().stop();
        } else {
            stray.pause();
        }
        lab.boundary.arm(question -> question.startsWith("PATCH ") && !question.contains("dryRun"), Boundary.Moment.ANSWER_LOST, () -> {
            try {
                if (holder == Holder.STRAY) {
                    lab.couriersHere().start();
                } else {
                    stray.goOn();
                }
                clock.stray(how.wall(), how.monotonic(), how.ppm());
                // The other one looks for something to do meanwhile, more than once.
                Thread.sleep(1200);
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        HttpResponse<String> approved = lab.review(holder == Holder.STRAY ? stray : lab.here, number, digest, UUID.randomUUID());
        assertThat(approved.statusCode()).as(approved.body()).isEqualTo(200);
        for (long end = System.nanoTime() + WITHIN.toNanos(); lab.boundary.struck().isEmpty(); Thread.sleep(10)) {
            assertThat(System.nanoTime()).as("no delivery to jump in").isLessThan(end);
        }
        lab.boundary.disarm();
        lab.converges(how.what());
    }

    /// The replica says another time than the machine; one whose monotonic clock went on ends its streams of news.
    private static void itBites(Replica stray, Stray how, InputStream news) throws Exception {
        if (how.ppm() == 0) {
            Instant said = ZonedDateTime.parse(stray.get("", "/me").headers().firstValue("Date").orElseThrow(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
            assertThat(Duration.between(Instant.now().plus(how.wall()), said).abs()).as("%s: it says %s", how, said).isLessThan(Duration.ofSeconds(4));
        }
        if (how.leaps()) {
            long began = System.nanoTime();
            news.transferTo(OutputStream.nullOutputStream());
            assertThat(Duration.ofNanos(System.nanoTime() - began)).as("a stream of news lives a minute by the monotonic clock").isLessThan(WITHIN);
        }
        news.close();
    }

    /// Answers by how much the end was recorded after it; it is not recorded before.
    private static Duration ended(Laboratory lab, long request, Stray how) throws Exception {
        String late = """
                select ceil(extract(epoch from e.at - g.ends_at) * 1000)::bigint
                from access_grant g
                join grant_end e on e.tenant_id = g.tenant_id and e.grant_id = g.id
                where g.tenant_id = ?
                  and g.request_number =\s""" + request;
        String millis = lab.one(late);
        for (long end = System.nanoTime() + WITHIN.toNanos(); millis.isEmpty(); millis = lab.one(late)) {
            assertThat(System.nanoTime()).as("%s: a grant does not end", how).isLessThan(end);
            Thread.sleep(20);
        }
        assertThat(Long.parseLong(millis)).as("%s: ms that an end is recorded late", how).isBetween(0L, LATE.toMillis());
        return Duration.ofMillis(Long.parseLong(millis));
    }

    private static void sealed(Laboratory lab, Stray how) throws Exception {
        String open = """
                select (select max(seq) from audit_entry where tenant_id = t) - (select max(size) from audit_checkpoint where tenant_id = t)
                from (select ?::uuid as t) asked""";
        for (long end = System.nanoTime() + WITHIN.toNanos(); !lab.one(open).equals("0"); Thread.sleep(20)) {
            assertThat(System.nanoTime()).as("%s: the record is not sealed", how).isLessThan(end);
        }
        assertThat(lab.one("""
                select count(*)
                from (select at, lag(at) over (order by seq) as before from audit_entry where tenant_id = ?) entry
                where at < before or at > clock_timestamp()""")).as("%s: entries out of order in time, or of the future", how).isEqualTo("0");
    }

    /// No column of any table of the tenant, and no session, holds a time that the stray clock said in this test.
    private static void nothingHoldsATimeOf(Stray how, Laboratory lab) throws SQLException {
        if (!how.tellsItself()) {
            return;
        }
        String from = "clock_timestamp() + interval '" + how.wall().minusMinutes(5).toSeconds() + " seconds'";
        String to = "clock_timestamp() + interval '" + how.wall().plusMinutes(5).toSeconds() + " seconds'";
        List<String> columns = new ArrayList<>(List.of(lab.one("""
                select string_agg(c.table_name || ' ' || c.column_name, ',')
                from information_schema.columns c
                join information_schema.columns t on t.table_schema = c.table_schema and t.table_name = c.table_name and t.column_name = 'tenant_id'
                join pg_class k on k.relname = c.table_name and k.relkind = 'r' and k.relnamespace = 'public'::regnamespace
                where c.table_schema = 'public'
                  and c.data_type = 'timestamp with time zone'
                  and ?::uuid is not null""").split(",")));
        assertThat(columns).hasSizeGreaterThan(50);
        for (String column : columns) {
            String[] names = column.split(" ");
            assertThat(lab.one("select count(*) from " + names[0] + " where tenant_id = ? and " + names[1] + " between " + from + " and " + to))
                    .as("%s: rows of %s with a time of the stray clock", how, column).isEqualTo("0");
        }
        for (String column : List.of("creation_time", "last_access_time", "expiry_time - max_inactive_interval * 1000::bigint")) {
            assertThat(lab.one("select count(*) from spring_session where ?::uuid is not null and " + column + " between extract(epoch from " + from
                    + ") * 1000 and extract(epoch from " + to + ") * 1000")).as("%s: sessions with a time of the stray clock in %s", how, column).isEqualTo("0");
        }
    }

    private static String signIn(Replica replica, String username, String password) throws Exception {
        try (HttpClient once = browser()) {
            return replica.signIn(once, username, password);
        }
    }

    private static int page(HttpClient browser, Replica replica) throws Exception {
        return browser.send(HttpRequest.newBuilder(replica.address("/me")).build(), HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    private static HttpClient browser() {
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).cookieHandler(new CookieManager()).build();
    }
}
