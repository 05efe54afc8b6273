package dev.countersign.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;

import dev.countersign.audit.Actor;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;

@PortalTest
class AdministrationTests {
    @Autowired
    MockMvc mvc;

    @Autowired
    Fixtures fixtures;

    @Autowired
    Tenants tenants;

    @Autowired
    People people;

    @Autowired
    Administration administration;

    @Autowired
    Directory directory;

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

    private <T> T here(Supplier<T> work) {
        return tenants.inTenant(home.tenant().id(), work);
    }

    private Administering as(String username, java.util.function.Function<CurrentPerson, Administering> wish) {
        CurrentPerson me = fixtures.current(home, username);
        return here(() -> wish.apply(me));
    }

    private void promote(String username, Role... roles) {
        tenants.doInTenant(home.tenant().id(), () -> people.setRoles(Actor.system("test"), home.person(username), Set.of(roles)));
    }

    private MockHttpServletResponse post(String path, String... parameters) throws Exception {
        var request = org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post(path).with(csrf()).with(fixtures.as(home, "admin"));
        for (int i = 0; i < parameters.length; i += 2) {
            request.param(parameters[i], parameters[i + 1]);
        }
        return mvc.perform(request).andReturn().getResponse();
    }

    private String page(String path) throws Exception {
        return mvc.perform(get(path).with(fixtures.as(home, "admin"))).andReturn().getResponse().getContentAsString();
    }

    private List<String> record() {
        return here(() -> jdbc.sql("select kind from audit_entry where actor_id = ? order by seq").param(home.person("admin").toString()).query(String.class).list());
    }

    @Test
    void aNewPersonComesInWithThePasswordShownOnce() throws Exception {
        MockHttpServletResponse made = post("/admin/people", "username", "Anna", "displayName", "Anna Berg", "roles", "AUDITOR");
        assertThat(made.getStatus()).isEqualTo(200);
        var shown = java.util.regex.Pattern.compile("<code>([a-z0-9]{5}(?:-[a-z0-9]{5}){3})</code>").matcher(made.getContentAsString());
        assertThat(shown.find()).isTrue();
        String password = shown.group(1);
        assertThat(mvc.perform(org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post("/sign-in").with(csrf())
                        .param("username", "anna@" + home.tenant().slug()).param("password", password)).andReturn().getResponse().getRedirectedUrl()).isEqualTo("/");
        assertThat(page("/admin/people/anna")).contains("Anna Berg").doesNotContain(password);
        assertThat(record()).containsExactly("person.created");
        assertThat(here(() -> jdbc.sql("select count(*) from audit_entry where content like '%' || ? || '%'").param(password).query(Long.class).single())).isZero();
    }

    @Test
    void aNameIsRefusedWithWhatToDo() throws Exception {
        for (String name : List.of("", "anna@acme", "-anna", "an na", "a".repeat(64), "анна")) {
            MockHttpServletResponse refused = post("/admin/people", "username", name, "displayName", "Anna Berg");
            assertThat(refused.getStatus()).as(name).isEqualTo(422);
            assertThat(refused.getContentAsString()).contains("Use 1 to 63 of a-z", "value=\"Anna Berg\"");
        }
        assertThat(post("/admin/people", "username", "ENGINEER ", "displayName", "Twin").getContentAsString()).contains("There is a engineer already");
        assertThat(post("/admin/people", "username", "anna", "displayName", " ").getStatus()).isEqualTo(422);
        assertThat(post("/admin/people", "username", "anna", "displayName", "Anna", "roles", "OPERATOR").getStatus()).isEqualTo(400);
        assertThat(record()).isEmpty();
    }

    @Test
    void nobodyGivesThemselvesARole() {
        promote("security", Role.SECURITY, Role.ADMINISTRATOR);
        for (Role gained : List.of(Role.SECURITY, Role.AUDITOR)) {
            assertThat(as("admin", me -> administration.setRoles(me, "admin", Set.of(Role.ADMINISTRATOR, gained))))
                    .isInstanceOfSatisfying(Administering.Refused.class, refused -> assertThat(refused.why()).contains("another administrator"));
        }
        assertThat(as("security", me -> administration.setRoles(me, "admin", Set.of(Role.ADMINISTRATOR, Role.SECURITY)))).isInstanceOf(Administering.Done.class);
        assertThat(fixtures.current(home, "admin").roles()).containsExactlyInAnyOrder(Role.ADMINISTRATOR, Role.SECURITY);
    }

    @Test
    void aRoleMayBeGivenUp() {
        promote("security", Role.SECURITY, Role.ADMINISTRATOR);
        assertThat(as("security", me -> administration.setRoles(me, "security", Set.of(Role.SECURITY)))).isInstanceOf(Administering.Done.class);
        assertThat(fixtures.current(home, "security").roles()).containsExactly(Role.SECURITY);
    }

    @Test
    void theLastAdministratorStays() {
        assertThat(as("admin", me -> administration.setRoles(me, "admin", Set.of())))
                .isInstanceOfSatisfying(Administering.Refused.class, refused -> assertThat(refused.why()).contains("last administrator"));
        promote("owner", Role.ADMINISTRATOR);
        assertThat(as("owner", me -> administration.deactivate(me, "admin"))).isInstanceOf(Administering.Done.class);
        assertThat(as("owner", me -> administration.setRoles(me, "owner", Set.of()))).as("a deactivated one does not count").isInstanceOf(Administering.Refused.class);
        assertThat(as("owner", me -> administration.deactivate(me, "owner")))
                .isInstanceOfSatisfying(Administering.Refused.class, refused -> assertThat(refused.why()).contains("yourself"));
    }

    @Test
    void twoWhoTakeEachOthersRoleAwayLeaveOne() throws Exception {
        for (int round = 0; round < 10; round++) {
            home = fixtures.tenant();
            promote("owner", Role.ADMINISTRATOR);
            CurrentPerson one = fixtures.current(home, "admin");
            CurrentPerson two = fixtures.current(home, "owner");
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<Administering>> both = Stream.<Supplier<Administering>>of(
                                () -> administration.setRoles(one, "owner", Set.of()), () -> administration.deactivate(two, "admin"))
                        .map(wish -> threads.submit(() -> here(wish)))
                        .toList();
                long done = 0;
                for (Future<Administering> outcome : both) {
                    done += outcome.get() instanceof Administering.Done ? 1 : 0;
                }
                assertThat(done).isEqualTo(1);
            }
        }
    }

    @Test
    void deactivationEndsSessionsAndTokensAndReactivationBringsRolesBack() throws Exception {
        var session = mvc.perform(org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post("/sign-in").with(csrf())
                .param("username", "security@" + home.tenant().slug()).param("password", "security password")).andReturn().getResponse().getCookie("countersign");
        var token = here(() -> tokens.issue(Actor.system("test"), home.person("security"), "ci", Set.of(Scope.READ), Duration.ofDays(1)));
        assertThat(page("/admin/people/security/deactivation")).contains("Deactivate Sam Security?");
        assertThat(post("/admin/people/security/deactivation").getRedirectedUrl()).isEqualTo("/admin/people/security");
        assertThat(mvc.perform(get("/me").cookie(session)).andReturn().getResponse().getStatus()).isEqualTo(302);
        assertThat(tokens.authenticate(token.secret())).isEmpty();
        assertThat(page("/admin/people/security")).contains("Deactivated by", "admin@" + home.tenant().slug());
        post("/admin/people/security/reactivation");
        assertThat(fixtures.current(home, "security").roles()).containsExactly(Role.SECURITY);
        assertThat(record()).containsExactly("person.deactivated", "person.reactivated");
    }

    @Test
    void aResetPasswordReplacesTheOldAndEndsSessions() throws Exception {
        var session = mvc.perform(org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post("/sign-in").with(csrf())
                .param("username", "owner@" + home.tenant().slug()).param("password", "owner password")).andReturn().getResponse().getCookie("countersign");
        Administering made = as("admin", me -> administration.resetPassword(me, "owner"));
        assertThat(made).isInstanceOf(Administering.NewPassword.class);
        assertThat(made.toString()).doesNotContain(((Administering.NewPassword) made).password());
        assertThat(mvc.perform(get("/me").cookie(session)).andReturn().getResponse().getStatus()).isEqualTo(302);
        assertThat(mvc.perform(org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post("/sign-in").with(csrf())
                .param("username", "owner@" + home.tenant().slug()).param("password", "owner password")).andReturn().getResponse().getRedirectedUrl()).isEqualTo("/sign-in?failed");
        assertThat(as("admin", me -> administration.resetPassword(me, "admin"))).isInstanceOf(Administering.Refused.class);
    }

    @Test
    void membersComeAndGo() throws Exception {
        assertThat(post("/admin/teams", "slug", "Shipping", "name", "Shipping").getRedirectedUrl()).isEqualTo("/admin/teams");
        assertThat(post("/admin/teams/shipping/members", "person", "Engineer").getRedirectedUrl()).isEqualTo("/admin/teams/shipping");
        assertThat(fixtures.current(home, "engineer").teams()).extracting(TeamName::slug).containsExactly("orders", "shipping");
        assertThat(page("/admin/teams/shipping")).contains("Erin Engineer");
        post("/admin/teams/shipping/members/engineer/removal");
        assertThat(fixtures.current(home, "engineer").teams()).extracting(TeamName::slug).containsExactly("orders");
        assertThat(post("/admin/teams/shipping/members/engineer/removal").getStatus()).isEqualTo(404);
        assertThat(post("/admin/teams/shipping/members", "person", "nobody").getStatus()).isEqualTo(422);
        assertThat(post("/admin/teams", "slug", "shipping", "name", "Again").getContentAsString()).contains("There is a team shipping already");
        assertThat(post("/admin/teams", "slug", "a b", "name", "Again").getStatus()).isEqualTo(422);
        assertThat(record()).containsExactly("team.created", "team.joined", "team.left");
    }

    @Test
    void anAdministratorRevokesAnyTokenOnce() throws Exception {
        var token = here(() -> tokens.issue(Actor.system("test"), home.person("engineer"), "nightly pipeline", Set.of(Scope.READ), Duration.ofDays(1)));
        assertThat(page("/admin/tokens")).contains("nightly pipeline", "engineer").doesNotContain(token.secret());
        assertThat(page("/admin/tokens/" + token.id() + "/revocation")).contains("Revoke the token nightly pipeline of engineer?");
        assertThat(post("/admin/tokens/" + token.id() + "/revocation").getRedirectedUrl()).isEqualTo("/admin/tokens");
        assertThat(tokens.authenticate(token.secret())).isEmpty();
        assertThat(post("/admin/tokens/" + token.id() + "/revocation").getStatus()).isEqualTo(404);
        assertThat(post("/admin/tokens/" + UUID.randomUUID() + "/revocation").getStatus()).isEqualTo(404);
    }

    @Test
    void onlyAdministratorsComeHere() throws Exception {
        for (String username : List.of("engineer", "owner", "security", "auditor")) {
            for (String path : List.of("/admin", "/admin/people", "/admin/people/admin", "/admin/new-person", "/admin/teams", "/admin/tokens")) {
                assertThat(mvc.perform(get(path).with(fixtures.as(home, username))).andReturn().getResponse().getStatus()).as(username + path).isEqualTo(403);
            }
        }
    }

    @Test
    void theListGoesOnByKeysetAndIsSearched() {
        tenants.doInTenant(home.tenant().id(), () -> {
            for (int i = 0; i < 7; i++) {
                people.create(Actor.system("test"), "p" + i, "Pat Nr. " + i, Optional.empty(), Set.of());
            }
        });
        Directory.Page first = here(() -> directory.people("pat", Optional.empty(), 4));
        Directory.Page second = here(() -> directory.people("pat", first.next(), 4));
        assertThat(Stream.concat(first.people().stream(), second.people().stream()).map(Directory.Entry::username)).containsExactly("p0", "p1", "p2", "p3", "p4", "p5", "p6");
        assertThat(second.next()).isEmpty();
        assertThat(here(() -> directory.people("%", Optional.empty(), 4)).people()).as("no wildcard").isEmpty();
    }
}
