package dev.countersign.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;

import dev.countersign.audit.Actor;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.tenancy.Tenants;
import jakarta.servlet.http.Cookie;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.request.MockMvcRequestBuilders;

@PortalTest
class AccountTests {
    @Autowired
    MockMvc mvc;

    @Autowired
    Fixtures fixtures;

    @Autowired
    Tenants tenants;

    @Autowired
    ApiTokens tokens;

    @Autowired
    JdbcClient jdbc;

    private TestTenant home;

    @BeforeEach
    void found() {
        home = fixtures.tenant();
        jdbc.sql("delete from sign_in_attempt").update();
    }

    private MockHttpServletResponse signIn(String password) throws Exception {
        return mvc.perform(MockMvcRequestBuilders.post("/sign-in").with(csrf()).param("username", "engineer@" + home.tenant().slug()).param("password", password))
                .andReturn().getResponse();
    }

    private MockHttpServletResponse post(Cookie session, String path, String... parameters) throws Exception {
        var request = MockMvcRequestBuilders.post(path).with(csrf()).cookie(session);
        for (int i = 0; i < parameters.length; i += 2) {
            request.param(parameters[i], parameters[i + 1]);
        }
        return mvc.perform(request).andReturn().getResponse();
    }

    private MockHttpServletResponse change(Cookie session, String present, String wanted, String repeated) throws Exception {
        return post(session, "/me/password", "present", present, "wanted", wanted, "repeated", repeated);
    }

    @Test
    void aChangedPasswordOpensTheDoorAndEndsOtherSessions() throws Exception {
        Cookie here = signIn("engineer password").getCookie("countersign");
        Cookie elsewhere = signIn("engineer password").getCookie("countersign");
        assertThat(change(here, "engineer password", "correct horse battery", "correct horse battery").getRedirectedUrl()).isEqualTo("/me");
        assertThat(mvc.perform(get("/me").cookie(here)).andReturn().getResponse().getStatus()).isEqualTo(200);
        assertThat(mvc.perform(get("/me").cookie(elsewhere)).andReturn().getResponse().getStatus()).isEqualTo(302);
        assertThat(signIn("engineer password").getRedirectedUrl()).isEqualTo("/sign-in?failed");
        assertThat(signIn("correct horse battery").getRedirectedUrl()).isEqualTo("/");
    }

    @Test
    void aPasswordIsRefusedWithWhatToDo() throws Exception {
        Cookie session = signIn("engineer password").getCookie("countersign");
        for (String[] wish : new String[][] {
            {"wrong", "correct horse battery", "correct horse battery", "not your present password"},
            {"engineer password", "short", "short", "at least 12"},
            {"engineer password", "a".repeat(73), "a".repeat(73), "at most 72 bytes"},
            {"engineer password", "aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", "one character repeated"},
            {"engineer password", "engineerengineer", "engineerengineer", "not your name"},
            {"engineer password", "correct horse battery", "correct horse", "do not agree"}
        }) {
            MockHttpServletResponse refused = change(session, wish[0], wish[1], wish[2]);
            assertThat(refused.getStatus()).as(wish[3]).isEqualTo(422);
            assertThat(refused.getContentAsString()).contains(wish[3]);
        }
        assertThat(signIn("engineer password").getRedirectedUrl()).isEqualTo("/");
    }

    @Test
    void guessingThePresentPasswordClosesThisDoorToo() throws Exception {
        Cookie session = signIn("engineer password").getCookie("countersign");
        for (int i = 0; i < 10; i++) {
            change(session, "guess " + i, "correct horse battery", "correct horse battery");
        }
        assertThat(change(session, "engineer password", "correct horse battery", "correct horse battery").getContentAsString()).contains("too many wrong passwords");
    }

    @Test
    void aTokenIsShownOnceAndWorksUntilRevoked() throws Exception {
        Cookie session = signIn("engineer password").getCookie("countersign");
        MockHttpServletResponse made = post(session, "/me/tokens", "name", "ci", "scopes", "read", "scopes", "request", "days", "30");
        Matcher secret = Pattern.compile("<code>(cs_[^<]+)</code>").matcher(made.getContentAsString());
        assertThat(secret.find()).isTrue();
        CurrentPerson me = tokens.authenticate(secret.group(1)).orElseThrow();
        assertThat(me.mayUse(Scope.REQUEST)).isTrue();
        assertThat(me.mayUse(Scope.REVIEW)).isFalse();
        String page = mvc.perform(get("/me").cookie(session)).andReturn().getResponse().getContentAsString();
        assertThat(page).contains("/me/tokens/" + me.token().orElseThrow().id() + "/revocation").doesNotContain(secret.group(1));
        assertThat(post(session, "/me/tokens/" + me.token().orElseThrow().id() + "/revocation").getRedirectedUrl()).isEqualTo("/me");
        assertThat(tokens.authenticate(secret.group(1))).isEmpty();
    }

    @Test
    void aTokenIsRefusedWithWhatToDo() throws Exception {
        Cookie session = signIn("engineer password").getCookie("countersign");
        assertThat(post(session, "/me/tokens", "name", " ", "scopes", "read", "days", "30").getContentAsString()).contains("Say what the token is for");
        assertThat(post(session, "/me/tokens", "name", "ci", "days", "30").getContentAsString()).contains("Choose at least one thing");
        assertThat(post(session, "/me/tokens", "name", "ci", "scopes", "admin", "days", "30").getContentAsString()).contains("Only administrators");
        assertThat(post(session, "/me/tokens", "name", "ci", "scopes", "read", "days", "367").getContentAsString()).contains("between 1 and 366");
        assertThat(post(session, "/me/tokens", "name", "ci", "scopes", "read", "days", "-1").getStatus()).isEqualTo(422);
        assertThat(post(session, "/me/tokens", "name", "ci", "scopes", "everything", "days", "30").getStatus()).isEqualTo(400);
    }

    @Test
    void aColleaguesTokenIsNotThere() throws Exception {
        Cookie session = signIn("engineer password").getCookie("countersign");
        var theirs = tenants.inTenant(home.tenant().id(), () -> tokens.issue(Actor.system("test"), home.person("owner"), "theirs", Set.of(Scope.READ), Duration.ofDays(1)));
        assertThat(mvc.perform(get("/me/tokens/" + theirs.id() + "/revocation").cookie(session)).andReturn().getResponse().getStatus()).isEqualTo(404);
        assertThat(post(session, "/me/tokens/" + theirs.id() + "/revocation").getStatus()).isEqualTo(404);
        assertThat(tokens.authenticate(theirs.secret())).isPresent();
    }

    @Test
    void othersAreSignedOutAndThisBrowserStays() throws Exception {
        Cookie here = signIn("engineer password").getCookie("countersign");
        Cookie elsewhere = signIn("engineer password").getCookie("countersign");
        assertThat(mvc.perform(get("/me").cookie(here)).andReturn().getResponse().getContentAsString()).contains("this browser");
        post(here, "/me/sessions/sign-out-others");
        assertThat(mvc.perform(get("/me").cookie(here)).andReturn().getResponse().getStatus()).isEqualTo(200);
        assertThat(mvc.perform(get("/me").cookie(elsewhere)).andReturn().getResponse().getStatus()).isEqualTo(302);
    }
}
