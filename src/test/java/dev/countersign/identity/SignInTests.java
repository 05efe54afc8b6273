package dev.countersign.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrl;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import dev.countersign.audit.Actor;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.tenancy.Tenants;
import jakarta.servlet.http.Cookie;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.MvcResult;

@PortalTest
class SignInTests {
    @Autowired
    MockMvc mvc;

    @Autowired
    Fixtures fixtures;

    @Autowired
    Tenants tenants;

    @Autowired
    People people;

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

    private MvcResult signIn(String name, String password) throws Exception {
        return mvc.perform(post("/sign-in").with(csrf()).param("username", name).param("password", password)).andReturn();
    }

    private Cookie session(MvcResult result) {
        Cookie cookie = result.getResponse().getCookie("countersign");
        assertThat(cookie).isNotNull();
        return java.util.Objects.requireNonNull(cookie);
    }

    @Test
    void theRightPasswordOpensTheDoor() throws Exception {
        MvcResult result = signIn(" Engineer@" + home.tenant().slug().toUpperCase(java.util.Locale.ROOT) + " ", "engineer password");
        assertThat(result.getResponse().getRedirectedUrl()).isEqualTo("/");
        assertThat(session(result).isHttpOnly()).isTrue();
    }

    @Test
    void everyWrongWayGetsTheSameAnswer() throws Exception {
        String there = home.tenant().slug();
        tenants.doInTenant(home.tenant().id(), () -> people.deactivate(Actor.system("test"), home.person("security2")));
        for (String[] attempt : new String[][] {
            {"engineer@" + there, "wrong"}, {"nobody@" + there, "engineer password"}, {"engineer@nowhere", "engineer password"},
            {"engineer", "engineer password"}, {"security2@" + there, "security2 password"}, {"", ""}
        }) {
            assertThat(signIn(attempt[0], attempt[1]).getResponse().getRedirectedUrl()).as(attempt[0]).isEqualTo("/sign-in?failed");
        }
    }

    @Test
    void aMistypedPasswordIsKeptNowhere() throws Exception {
        Cookie before = mvc.perform(get("/requests")).andReturn().getResponse().getCookie("countersign");
        mvc.perform(post("/sign-in").cookie(before).with(csrf()).param("username", "engineer@" + home.tenant().slug()).param("password", "almost-the-password"));
        assertThat(jdbc.sql("select count(*) from spring_session_attributes").query(Long.class).single()).isPositive();
        assertThat(jdbc.sql("select count(*) from spring_session_attributes where position(convert_to('almost-the-password', 'UTF8') in attribute_bytes) > 0")
                .query(Long.class).single()).isZero();
    }

    @Test
    void aSessionIdOfferedBeforeSignInIsNotKept() throws Exception {
        Cookie before = mvc.perform(get("/requests")).andReturn().getResponse().getCookie("countersign");
        assertThat(before).as("the saved request makes a session").isNotNull();
        MvcResult result = mvc.perform(post("/sign-in").cookie(before).with(csrf())
                .param("username", "engineer@" + home.tenant().slug()).param("password", "engineer password")).andReturn();
        assertThat(session(result).getValue()).isNotEqualTo(before.getValue());
    }

    @Test
    void tenFailuresCloseTheDoorForANameWhateverItsCase() throws Exception {
        String name = "engineer@" + home.tenant().slug();
        for (int i = 0; i < 10; i++) {
            signIn(i % 2 == 0 ? name : " " + name.toUpperCase(java.util.Locale.ROOT), "wrong");
        }
        assertThat(signIn(name, "engineer password").getResponse().getRedirectedUrl()).isEqualTo("/sign-in?failed");
        assertThat(signIn("owner@" + home.tenant().slug(), "owner password").getResponse().getRedirectedUrl()).isEqualTo("/");
    }

    @Test
    void aRoleTakenAwayIsGoneAtTheNextRequest() throws Exception {
        Cookie session = session(signIn("auditor@" + home.tenant().slug(), "auditor password"));
        mvc.perform(get("/audit").cookie(session)).andExpect(status().isOk());
        tenants.doInTenant(home.tenant().id(), () -> people.setRoles(Actor.system("test"), home.person("auditor"), Set.of()));
        mvc.perform(get("/audit").cookie(session)).andExpect(status().isForbidden());
    }

    @Test
    void aDeactivatedPersonIsOutAtTheNextRequest() throws Exception {
        Cookie session = session(signIn("auditor@" + home.tenant().slug(), "auditor password"));
        mvc.perform(get("/audit").cookie(session)).andExpect(status().isOk());
        tenants.doInTenant(home.tenant().id(), () -> people.deactivate(Actor.system("test"), home.person("auditor")));
        mvc.perform(get("/audit").cookie(session)).andExpect(redirectedUrl("/sign-in"));
    }

    @Test
    void signingInIsOnTheRecord() throws Exception {
        signIn("engineer@" + home.tenant().slug(), "wrong");
        signIn("engineer@" + home.tenant().slug(), "engineer password");
        assertThat(tenants.inTenant(home.tenant().id(), () -> jdbc.sql("select kind from audit_entry where actor_id = ? order by seq")
                        .param(home.person("engineer").toString()).query(String.class).list()))
                .containsExactly("person.sign-in-failed", "person.signed-in");
    }

    @Test
    void aTokenSpeaksForItsPersonUntilItIsRevoked() {
        var issued = tenants.inTenant(home.tenant().id(), () -> tokens.issue(Actor.system("test"), home.person("engineer"), "ci", Set.of(Scope.READ), Duration.ofDays(1)));
        CurrentPerson me = tokens.authenticate(issued.secret()).orElseThrow();
        assertThat(me.getName()).isEqualTo("engineer@" + home.tenant().slug());
        assertThat(me.mayUse(Scope.READ)).isTrue();
        assertThat(me.mayUse(Scope.REVIEW)).isFalse();
        tenants.doInTenant(home.tenant().id(), () -> tokens.revoke(Actor.system("test"), issued.id()));
        assertThat(tokens.authenticate(issued.secret())).isEmpty();
    }

    @Test
    void noOtherTokenOpensAnything() {
        var issued = tenants.inTenant(home.tenant().id(), () -> tokens.issue(Actor.system("test"), home.person("engineer"), "ci", Set.of(Scope.READ), Duration.ofDays(1)));
        String good = issued.secret();
        String other = fixtures.tenant().tenant().slug();
        for (String bad : new String[] {
            "", "cs", "cs_", good.substring(0, good.length() - 1), good + "x", good.replace("cs_", "xx_"),
            good.substring(0, good.length() - 1) + (good.endsWith("A") ? "B" : "A"),
            good.replace("cs_" + home.tenant().slug() + "_", "cs_" + other + "_"), good.replace("cs_" + home.tenant().slug(), "cs_nowhere"),
            "cs_" + home.tenant().slug() + "_" + "0".repeat(32) + "_" + "A".repeat(43)
        }) {
            assertThat(tokens.authenticate(bad)).as(bad).isEmpty();
        }
        assertThat(issued.toString()).doesNotContain(good);
    }

    @Test
    void aTokenIsNotFoundInTheDatabase() {
        var issued = tenants.inTenant(home.tenant().id(), () -> tokens.issue(Actor.system("test"), home.person("engineer"), "ci", Set.of(Scope.READ), Duration.ofDays(1)));
        String secret = issued.secret().split("_", 4)[3];
        assertThat(tenants.inTenant(home.tenant().id(), () -> jdbc.sql("select count(*) from audit_entry where content like '%' || ? || '%'").param(secret).query(Integer.class).single())).isZero();
        assertThat(tenants.inTenant(home.tenant().id(), () -> jdbc.sql("select count(*) from api_token t where t::text like '%' || ? || '%'").param(secret).query(Integer.class).single())).isZero();
    }
}
