package dev.countersign.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;

import dev.countersign.portal.Fixtures;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.StatementRecorder;
import dev.countersign.tenancy.Lane;
import dev.countersign.tenancy.Turn;
import jakarta.servlet.http.Cookie;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.session.Session;
import org.springframework.session.SessionRepository;
import org.springframework.test.web.servlet.MockMvc;

/// A session's use is told to the database once a minute, and a session that nobody uses ends all the same.
@PortalTest
class SessionUseTests {
    private static final long EIGHT_HOURS = 8 * 3_600_000L;

    @Autowired
    MockMvc mvc;

    @Autowired
    Fixtures fixtures;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    SessionRepository<?> sessions;

    private String name = "";
    private Cookie cookie = new Cookie("countersign", "");

    private record Use(long lastAccess, long expiry) {}

    @BeforeEach
    void signIn() throws Exception {
        jdbc.sql("delete from sign_in_attempt").update();
        name = "engineer@" + fixtures.tenant().tenant().slug();
        cookie = Objects.requireNonNull(mvc.perform(post("/sign-in").with(csrf()).param("username", name).param("password", "engineer password"))
                .andReturn().getResponse().getCookie("countersign"));
    }

    private Use use() {
        return jdbc.sql("select last_access_time, expiry_time from spring_session where principal_name = ?").param(name)
                .query((row, number) -> new Use(row.getLong(1), row.getLong(2))).single();
    }

    /// As if the last use had been told so long ago.
    private Use lastUsed(long secondsAgo) {
        long then = System.currentTimeMillis() - secondsAgo * 1000;
        jdbc.sql("update spring_session set last_access_time = ?, expiry_time = ? where principal_name = ?").params(then, then + EIGHT_HOURS, name).update();
        return new Use(then, then + EIGHT_HOURS);
    }

    private int statusOfMe() throws Exception {
        return mvc.perform(get("/me").cookie(cookie)).andReturn().getResponse().getStatus();
    }

    @Test
    void withinAMinuteNothingIsWritten() throws Exception {
        // The first page makes the session's CSRF token.
        assertThat(statusOfMe()).isEqualTo(200);
        Use before = lastUsed(50);
        StatementRecorder.Recording page = StatementRecorder.during(this::statusOfMe);
        assertThat(page.statements()).anyMatch(text -> text.contains("from spring_session s")).allMatch(text -> text.stripLeading().toLowerCase(Locale.ROOT).startsWith("select"));
        assertThat(use()).isEqualTo(before);
    }

    /// The library looks it up again when the head of the answer is written, and this is not told to the database.
    @Test
    void aPageReadsItsSessionOnce() throws Exception {
        assertThat(statusOfMe()).isEqualTo(200);
        StatementRecorder.Recording page = StatementRecorder.during(this::statusOfMe);
        assertThat(page.statements()).filteredOn(text -> text.contains("from spring_session s")).hasSize(1);
    }

    /// The page that says so is sent all the same.
    @Test
    void whoGotNoConnectionSavesNothing() throws Exception {
        assertThat(statusOfMe()).isEqualTo(200);
        Use before = lastUsed(61);
        String id = jdbc.sql("select session_id from spring_session where principal_name = ?").param(name).query(String.class).single().strip();
        Turn turn = new Turn(Lane.REQUESTS);
        turn.call(() -> {
            useAndSave(sessions, id, turn);
            return true;
        });
        assertThat(use()).isEqualTo(before);
    }

    private static <S extends Session> void useAndSave(SessionRepository<S> sessions, String id, Turn turn) {
        S found = Objects.requireNonNull(sessions.findById(id));
        found.setLastAccessedTime(Instant.now());
        turn.end();
        sessions.save(found);
    }

    /// What one request keeps of its session is that request's.
    @Test
    void theNextRequestReadsItAnew() throws Exception {
        assertThat(statusOfMe()).isEqualTo(200);
        jdbc.sql("delete from spring_session where principal_name = ?").param(name).update();
        assertThat(statusOfMe()).isEqualTo(302);
    }

    @Test
    void afterAMinuteTheSessionLivesOn() throws Exception {
        Use before = lastUsed(61);
        assertThat(statusOfMe()).isEqualTo(200);
        assertThat(use().lastAccess()).isGreaterThan(before.lastAccess() + 60_000);
        assertThat(use().expiry()).isEqualTo(use().lastAccess() + EIGHT_HOURS);
    }

    @Test
    void aSessionThatNobodyUsedEnds() throws Exception {
        lastUsed(8 * 3_600 + 1);
        assertThat(statusOfMe()).isEqualTo(302);
    }

    /// S20: who reads the table, or puts a row into it, has no cookie.
    @Test
    void whatTheDatabaseHoldsIsNoCookie() throws Exception {
        String named = new String(Base64.getDecoder().decode(cookie.getValue()), StandardCharsets.UTF_8);
        String id = jdbc.sql("select session_id from spring_session where principal_name = ?").param(name).query(String.class).single();
        assertThat(named).startsWith(id + ".").hasSize(id.length() + 44);
        String mark = named.substring(id.length());
        for (String made : List.of(id, id + ".", id + mark.substring(0, 43), id + ".AAAA" + mark.substring(5), "." + mark, "x" + id + mark, id + "." + id, mark, "")) {
            cookie = new Cookie("countersign", Base64.getEncoder().encodeToString(made.getBytes(StandardCharsets.UTF_8)));
            assertThat(statusOfMe()).as(made.replace(id, "id").replace(mark, ".mark")).isEqualTo(302);
        }
        cookie = new Cookie("countersign", Base64.getEncoder().encodeToString((id + mark).getBytes(StandardCharsets.UTF_8)));
        assertThat(statusOfMe()).isEqualTo(200);
    }

    @Test
    void signingInGivesAnotherIdAndSigningOutLeavesNone() throws Exception {
        Cookie first = cookie;
        Cookie second = Objects.requireNonNull(mvc.perform(post("/sign-in").with(csrf()).cookie(first).param("username", name).param("password", "engineer password"))
                .andReturn().getResponse().getCookie("countersign"));
        assertThat(second.getValue()).isNotEqualTo(first.getValue());
        assertThat(statusOfMe()).isEqualTo(302);
        cookie = second;
        assertThat(statusOfMe()).isEqualTo(200);
        mvc.perform(post("/sign-out").with(csrf()).cookie(cookie));
        assertThat(statusOfMe()).isEqualTo(302);
        assertThat(jdbc.sql("select count(*) from spring_session where principal_name = ?").param(name).query(Long.class).single()).isZero();
    }
}
