package dev.countersign.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;

import dev.countersign.audit.Actor;
import dev.countersign.identity.oidc.TestProvider;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.tenancy.Tenants;
import jakarta.servlet.http.Cookie;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.request.MockHttpServletRequestBuilder;

/// Signing in by a tenant's identity provider, and what its administrators decide about it.
@PortalTest
@ExtendWith(OutputCaptureExtension.class)
class ProviderSignInTests {
    @Autowired
    MockMvc mvc;

    @Autowired
    Fixtures fixtures;

    @Autowired
    Tenants tenants;

    @Autowired
    People people;

    @Autowired
    JdbcClient jdbc;

    private TestTenant home;
    private TestProvider provider;

    @BeforeEach
    void found() {
        jdbc.sql("delete from sign_in_attempt").update();
        home = fixtures.tenant();
        provider = TestProvider.start();
    }

    @AfterEach
    void close() {
        provider.close();
    }

    private String slug() {
        return home.tenant().slug();
    }

    private MockHttpServletResponse admin(String path, String... form) throws Exception {
        return posted("admin", path, form);
    }

    private MockHttpServletResponse posted(String by, String path, String... form) throws Exception {
        MockHttpServletRequestBuilder request = post(path).with(fixtures.as(home, by)).with(csrf());
        for (int i = 0; i < form.length; i += 2) {
            request.param(form[i], form[i + 1]);
        }
        return mvc.perform(request).andReturn().getResponse();
    }

    private String page(String by, String path) throws Exception {
        return mvc.perform(get(path).with(fixtures.as(home, by))).andReturn().getResponse().getContentAsString();
    }

    private MockHttpServletResponse set(String issuer, String secret) throws Exception {
        return admin("/admin/sign-in", "issuer", issuer, "clientId", TestProvider.CLIENT_ID, "secret", secret, "label", "Acme SSO", "portal", "http://localhost", "hours", "12");
    }

    private void enabled() throws Exception {
        done(set(provider.issuer(), TestProvider.SECRET));
        done(admin("/admin/sign-in/enabling"));
    }

    private static void done(MockHttpServletResponse answer) throws Exception {
        assertThat(answer.getStatus()).as(answer.getContentAsString()).isEqualTo(302);
    }

    private String code(String username) throws Exception {
        String page = admin("/admin/people/" + username + "/link-code").getContentAsString();
        assertThat(page).contains("It is shown this once");
        return page.replaceAll("(?s).*<div class=\"secret\"><code>([^<]+)</code>.*", "$1");
    }

    private ProviderVisit visit() {
        return new ProviderVisit(mvc, slug());
    }

    /// Somebody who has linked `subject` and is in.
    private ProviderVisit linked(String username, String subject) throws Exception {
        provider.subject = subject;
        ProviderVisit visit = visit();
        assertThat(visit.through(provider)).isEqualTo(visit.page("unlinked"));
        assertThat(visit.link(code(username))).isEqualTo("/");
        return visit;
    }

    private List<String> kinds() {
        return here(() -> jdbc.sql("select kind from audit_entry where kind like 'sign-in.%' or kind like 'person.%link%' or kind = 'person.signed-in' order by seq").query(String.class).list());
    }

    private <T> T here(Supplier<T> work) {
        return tenants.inTenant(home.tenant().id(), work);
    }

    private MockHttpServletResponse byPassword(String username) throws Exception {
        return mvc.perform(post("/sign-in").with(csrf()).param("username", username + "@" + slug()).param("password", username + " password")).andReturn().getResponse();
    }

    @Test
    void aPersonLinksOnceAndThenComesInByTheProvider() throws Exception {
        enabled();
        ProviderVisit first = linked("engineer", "subject-1");
        assertThat(first.fetch("/me").getContentAsString()).contains("Erin Engineer");
        ProviderVisit again = visit();
        assertThat(again.through(provider)).isEqualTo("/");
        assertThat(again.fetch("/me").getContentAsString()).contains("Erin Engineer");
        assertThat(kinds()).containsExactly("sign-in.provider-set", "sign-in.provider-enabled", "person.link-code-made", "person.linked", "person.signed-in", "person.signed-in");
    }

    @Test
    void whoIsKnownToNobodyGetsNothingWhateverTheyAreCalled() throws Exception {
        enabled();
        provider.claims = (claims, code) -> claims.claim("email", "engineer@" + slug()).claim("email_verified", true).claim("preferred_username", "engineer").claim("name", "Erin Engineer");
        long before = here(() -> jdbc.sql("select count(*) from person").query(Long.class).single());
        ProviderVisit visit = visit();
        assertThat(visit.through(provider)).isEqualTo(visit.page("unlinked"));
        assertThat(visit.isIn()).isFalse();
        assertThat(visit.fetch(visit.page("unlinked")).getContentAsString()).contains("Nobody here has this account yet", "Acme SSO");
        assertThat(here(() -> jdbc.sql("select count(*) from person").query(Long.class).single())).isEqualTo(before);
        assertThat(here(() -> jdbc.sql("select count(*) from person_link").query(Long.class).single())).isZero();
    }

    /// S13: the id counts as it is, to the letter.
    @Test
    void anIdThatOnlyLooksLikeALinkedOneIsAnother() throws Exception {
        enabled();
        linked("admin", "Subject-1");
        for (String twin : List.of("subject-1", "SUBJECT-1", "Subject-1 ", " Subject-1", "Subject‐1", "Ѕubject-1", "Subject-1​", "Subject-10", "Subject-")) {
            provider.subject = twin;
            ProviderVisit visit = visit();
            assertThat(visit.through(provider)).as(twin).isIn(visit.page("unlinked"), visit.page("refused"));
            assertThat(visit.isIn()).as(twin).isFalse();
        }
    }

    @Test
    void aCodeIsForOneAccountOnce() throws Exception {
        enabled();
        String code = code("engineer");
        provider.subject = "mine";
        ProviderVisit mine = visit();
        mine.through(provider);
        assertThat(mine.link("wrong-wrong-wrong-wrong")).isEqualTo(mine.page("code"));
        assertThat(mine.link(" " + code.toUpperCase(java.util.Locale.ROOT) + " ")).isEqualTo("/");
        provider.subject = "another";
        ProviderVisit another = visit();
        another.through(provider);
        assertThat(another.link(code)).as("spent").isEqualTo(another.page("code"));
        provider.subject = "mine";
        assertThat(admin("/admin/people/engineer/link-code").getContentAsString()).contains("Unlink it first");
        ProviderVisit twice = visit();
        assertThat(twice.through(provider)).isEqualTo("/");
        provider.subject = "late";
        String old = code("owner");
        here(() -> jdbc.sql("update person_link_code set expires_at = now() - interval '1 second' where digest is not null").update());
        ProviderVisit late = visit();
        late.through(provider);
        assertThat(late.link(old)).as("too old").isEqualTo(late.page("code"));
        assertThat(late.isIn()).isFalse();
    }

    /// An account that has not shown itself links nothing, and ten wrong codes are the last.
    @Test
    void aCodeAloneOpensNothingAndCannotBeGuessed() throws Exception {
        enabled();
        String code = code("engineer");
        assertThat(visit().link(code)).isEqualTo(visit().page("again"));
        ProviderVisit guesser = visit();
        guesser.through(provider);
        for (int i = 0; i < 10; i++) {
            assertThat(guesser.link("guess-" + i)).isEqualTo(guesser.page("code"));
        }
        assertThat(guesser.link(code)).as("too many").isEqualTo(guesser.page("code"));
        assertThat(guesser.isIn()).isFalse();
    }

    @Test
    void anAccountOfOneTenantOpensNoOther() throws Exception {
        enabled();
        linked("engineer", "subject-1");
        TestTenant ours = home;
        home = fixtures.tenant();
        enabled();
        ProviderVisit there = visit();
        assertThat(there.through(provider)).isEqualTo(there.page("unlinked"));
        assertThat(there.isIn()).isFalse();
        // What was begun at one tenant does not arrive at another, though the provider is the same.
        ProviderVisit mixed = new ProviderVisit(mvc, ours.tenant().slug());
        URI back = provider.visit(mixed.begin());
        assertThat(mixed.fetch(back.getRawPath().replace(ours.tenant().slug(), slug()) + "?" + back.getRawQuery()).getRedirectedUrl()).isEqualTo(there.page("again"));
        assertThat(mixed.isIn()).isFalse();
    }

    @Test
    void theSessionIsANewOneAndLeadsToThePageThatWasWanted() throws Exception {
        enabled();
        linked("engineer", "subject-1");
        ProviderVisit visit = visit();
        assertThat(visit.fetch("/requests?state=open&q=a%20b").getRedirectedUrl()).endsWith("/sign-in");
        Cookie before = visit.cookie("countersign").orElseThrow();
        assertThat(visit.through(provider)).isEqualTo("/requests?state=open&q=a%20b");
        assertThat(visit.cookie("countersign").orElseThrow().getValue()).isNotEqualTo(before.getValue());
        assertThat(visit.cookie("countersign-way")).as("nothing of the way is left").isEmpty();
    }

    @Test
    void aWayIsGoneOnceAndStaysInItsBrowser() throws Exception {
        enabled();
        linked("engineer", "subject-1");
        ProviderVisit visit = visit();
        URI back = provider.visit(visit.begin());
        Cookie way = visit.cookie("countersign-way").orElseThrow();
        assertThat(way.isHttpOnly()).isTrue();
        assertThat(way.getAttribute("SameSite")).isEqualTo("Lax");
        ProviderVisit stranger = visit();
        assertThat(stranger.arrive(back).getRedirectedUrl()).as("another browser").isEqualTo(stranger.page("again"));
        assertThat(visit.arrive(back).getRedirectedUrl()).isEqualTo("/");
        ProviderVisit replay = visit();
        replay.keep(way);
        assertThat(replay.arrive(back).getRedirectedUrl()).as("the same once more").isEqualTo(replay.page("again"));
        assertThat(replay.isIn()).isFalse();
        assertThat(provider.hits("/token")).as("asked about no other code").isEqualTo(2);
    }

    /// S25.
    @Test
    void whoIsUnlinkedOrDeactivatedIsOutAtTheNextRequest() throws Exception {
        enabled();
        ProviderVisit engineer = linked("engineer", "one");
        ProviderVisit owner = linked("owner", "two");
        here(() -> jdbc.sql("delete from person_link where person_id = ?").param(home.person("engineer")).update());
        assertThat(engineer.isIn()).as("by the link alone").isFalse();
        tenants.doInTenant(home.tenant().id(), () -> people.deactivate(Actor.system("test"), home.person("owner")));
        assertThat(owner.isIn()).isFalse();
        provider.subject = "two";
        ProviderVisit again = visit();
        assertThat(again.through(provider)).isEqualTo(again.page("over"));
        assertThat(again.isIn()).isFalse();
    }

    @Test
    void anAdministratorUnlinksAndOnlyANewCodeLinksAgain() throws Exception {
        enabled();
        ProviderVisit visit = linked("engineer", "subject-1");
        assertThat(page("admin", "/admin/people/engineer")).contains("they sign in by it");
        assertThat(admin("/admin/people/engineer/unlinking").getStatus()).isEqualTo(302);
        assertThat(visit.isIn()).isFalse();
        ProviderVisit again = visit();
        assertThat(again.through(provider)).isEqualTo(again.page("unlinked"));
        assertThat(again.link(code("engineer"))).isEqualTo("/");
        assertThat(visit.isIn()).as("the former session").isFalse();
        assertThat(kinds()).contains("person.unlinked");
    }

    @Test
    void aLinkAtAFormerProviderIsReplacedAndAnErasedPersonHasNone() throws Exception {
        enabled();
        linked("engineer", "subject-1");
        try (TestProvider next = TestProvider.start()) {
            done(set(next.issuer(), TestProvider.SECRET));
            done(admin("/admin/sign-in/enabling"));
            ProviderVisit visit = visit();
            assertThat(visit.through(next)).as("the same id at another issuer").isEqualTo(visit.page("unlinked"));
            assertThat(page("admin", "/admin/people/engineer")).contains("They need a code");
            assertThat(visit.link(code("engineer"))).isEqualTo("/");
        }
        assertThat(here(() -> jdbc.sql("select count(*) from person_link").query(Long.class).single())).isEqualTo(1);
        tenants.doInTenant(home.tenant().id(), () -> people.deactivate(Actor.system("test"), home.person("engineer")));
        here(() -> jdbc.sql("insert into team_member (tenant_id, team_id, person_id) values (?, ?, ?)")
                .params(home.tenant().id().value(), home.team("orders"), home.person("owner")).update());
        done(admin("/admin/people/engineer/erasure", "name", "engineer", "reason", "Asked for in a letter."));
        assertThat(here(() -> jdbc.sql("select count(*) from person_link").query(Long.class).single())).isZero();
    }

    @Test
    void aSessionLastsAsLongAsTheTenantLetsItAndOneByPasswordIsNotTouched() throws Exception {
        enabled();
        ProviderVisit visit = linked("engineer", "subject-1");
        Cookie password = byPassword("owner").getCookie("countersign");
        done(admin("/admin/sign-in", "issuer", provider.issuer(), "clientId", TestProvider.CLIENT_ID, "secret", "", "label", "Acme SSO", "portal", "http://localhost", "hours", "1"));
        assertThat(visit.isIn()).isTrue();
        // As if the account had been linked yesterday.
        here(() -> jdbc.sql("delete from person_link where person_id = ?").param(home.person("engineer")).update());
        here(() -> jdbc.sql("insert into person_link (tenant_id, person_id, issuer, subject, linked_at) values (?, ?, ?, 'subject-1', now() - interval '1 day')")
                .params(home.tenant().id().value(), home.person("engineer"), provider.issuer()).update());
        assertThat(visit.isIn()).isTrue();
        Instant now = jdbc.sql("select now()").query(java.time.OffsetDateTime.class).single().toInstant();
        assertThat(here(() -> people.current(home.tenant().id(), home.person("engineer"), Optional.of(now.minusSeconds(59 * 60))))).isPresent();
        assertThat(here(() -> people.current(home.tenant().id(), home.person("engineer"), Optional.of(now.minusSeconds(61 * 60))))).as("an hour is over").isEmpty();
        assertThat(here(() -> people.current(home.tenant().id(), home.person("engineer"), Optional.of(now.minusSeconds(25 * 60 * 60))))).as("older than the link").isEmpty();
        done(set("http://127.0.0.1:9", "another secret"));
        assertThat(visit.isIn()).as("another provider is set").isFalse();
        assertThat(mvc.perform(get("/me").cookie(password)).andReturn().getResponse().getStatus()).isEqualTo(200);
    }

    @Test
    void passwordsAreClosedForAllButOneAndNobodyIsLockedOut() throws Exception {
        enabled();
        assertThat(admin("/admin/sign-in/passwords/closing", "emergency", "admin").getContentAsString()).contains("Sign in by the provider once yourself");
        linked("admin", "boss");
        for (String nobody : List.of("", "nobody", "engineer")) {
            assertThat(admin("/admin/sign-in/passwords/closing", "emergency", nobody).getStatus()).as(nobody).isEqualTo(422);
        }
        assertThat(byPassword("engineer").getRedirectedUrl()).isEqualTo("/");
        assertThat(admin("/admin/sign-in/passwords/closing", "emergency", "admin").getStatus()).isEqualTo(302);
        assertThat(byPassword("engineer").getRedirectedUrl()).isEqualTo("/sign-in?failed");
        assertThat(byPassword("admin").getRedirectedUrl()).isEqualTo("/");
        here(() -> people.create(Actor.system("test"), "second", "Second Admin", Optional.empty(), Set.of(Role.ADMINISTRATOR)));
        home.persons().put("second", here(() -> people.byUsername("second").orElseThrow()));
        assertThat(posted("second", "/admin/people/admin/deactivation").getContentAsString()).contains("only one that does while passwords are closed");
        assertThat(posted("second", "/admin/people/admin/roles", "roles", "AUDITOR").getContentAsString()).contains("only one that does while passwords are closed");
        assertThat(admin("/admin/sign-in", "issuer", "http://127.0.0.1:9", "clientId", "x", "secret", "y", "label", "Other", "portal", "http://localhost", "hours", "12").getContentAsString())
                .contains("Open passwords first");
        assertThat(byPassword("security").getRedirectedUrl()).isEqualTo("/sign-in?failed");
        assertThat(admin("/admin/sign-in/disabling").getStatus()).isEqualTo(302);
        assertThat(byPassword("security").getRedirectedUrl()).isEqualTo("/");
        assertThat(kinds()).contains("sign-in.passwords-closed", "sign-in.provider-disabled");
    }

    @Test
    void theSecretIsSealedNeverShownAndSentToNobodyElse(CapturedOutput log) throws Exception {
        enabled();
        linked("engineer", "subject-1");
        byte[] kept = here(() -> jdbc.sql("select client_secret from identity_provider").query(byte[].class).single());
        assertThat(new String(kept, java.nio.charset.StandardCharsets.ISO_8859_1)).doesNotContain(TestProvider.SECRET);
        assertThat(page("admin", "/admin/sign-in")).contains(provider.issuer()).doesNotContain("of +the%", "of +the% client".replace("%", "%25"));
        assertThat(set("http://127.0.0.1:9", "").getContentAsString()).contains("never sent to an issuer");
        assertThat(admin("/admin/sign-in", "issuer", "not an address", "clientId", TestProvider.CLIENT_ID, "secret", TestProvider.SECRET, "label", "", "portal", "http://example.com", "hours", "0")
                .getContentAsString()).contains("not an address").doesNotContain("of +the%");
        // Kept where nothing else changes: people still come in.
        assertThat(set(provider.issuer(), "").getStatus()).isEqualTo(302);
        assertThat(visit().through(provider)).isEqualTo("/");
        assertThat(here(() -> jdbc.sql("select count(*) from audit_entry where content like '%of +the%' or content like '%subject-1%'").query(Long.class).single())).isZero();
        assertThat(log.getAll()).doesNotContain("of +the%", "subject-1");
    }

    @Test
    void onlyAdministratorsSetIt() throws Exception {
        enabled();
        for (String by : List.of("engineer", "owner", "security", "auditor")) {
            assertThat(mvc.perform(get("/admin/sign-in").with(fixtures.as(home, by))).andReturn().getResponse().getStatus()).isEqualTo(403);
            for (String path : List.of("/admin/sign-in", "/admin/sign-in/check", "/admin/sign-in/enabling", "/admin/sign-in/disabling", "/admin/sign-in/passwords/closing",
                    "/admin/sign-in/passwords/opening", "/admin/people/engineer/link-code", "/admin/people/engineer/unlinking")) {
                assertThat(posted(by, path).getStatus()).as(by + " " + path).isEqualTo(403);
            }
        }
        assertThat(here(() -> jdbc.sql("select count(*) from person_link_code").query(Long.class).single())).isZero();
    }

    @Test
    void aCheckSaysWhatIsWrongInPlainWords() throws Exception {
        enabled();
        assertThat(admin("/admin/sign-in/check").getStatus()).isEqualTo(302);
        Map<String, java.util.function.UnaryOperator<Map<String, Object>>> wrong = Map.of(
                "another issuer", said -> with(said, "issuer", provider.issuer() + "/"),
                "no algorithm", said -> with(said, "id_token_signing_alg_values_supported", List.of("HS256", "none")),
                "authorization code flow", said -> with(said, "response_types_supported", List.of("id_token")),
                "PKCE", said -> with(said, "code_challenge_methods_supported", List.of("plain")),
                "no client secret", said -> with(said, "token_endpoint_auth_methods_supported", List.of("private_key_jwt")),
                "must begin with https", said -> with(said, "token_endpoint", "http://192.168.0.1/token"),
                "metadata", said -> with(said, "jwks_uri", "https://169.254.169.254/keys"));
        for (var one : wrong.entrySet()) {
            provider.document = one.getValue();
            assertThat(admin("/admin/sign-in/check").getContentAsString()).as(one.getKey()).contains(one.getKey());
        }
        provider.document = said -> said;
        provider.instead.put("/keys", exchange -> TestProvider.send(exchange, 200, "application/json", "{\"keys\":[]}"));
        assertThat(admin("/admin/sign-in/check").getContentAsString()).contains("no key that an ID token could be checked with");
        provider.close();
        assertThat(admin("/admin/sign-in/check").getContentAsString()).contains("lets nobody connect");
    }

    private static Map<String, Object> with(Map<String, Object> said, String name, Object value) {
        Map<String, Object> other = new java.util.LinkedHashMap<>(said);
        other.put(name, value);
        return other;
    }

    @Test
    void tenantsWithoutOneAndTenantsThatAreNoneLookTheSame() throws Exception {
        String none = unmarked(visit().fetch("/sign-in/provider/" + slug()));
        assertThat(none).contains("No way in here");
        assertThat(unmarked(visit().fetch("/sign-in/provider/nowhere")).replace("nowhere", slug())).isEqualTo(none);
        assertThat(visit().fetch("/sign-in/provider/" + slug() + "/begin").getRedirectedUrl()).isEqualTo("/sign-in/provider");
        assertThat(set(provider.issuer(), TestProvider.SECRET).getStatus()).isEqualTo(302);
        assertThat(unmarked(visit().fetch("/sign-in/provider/" + slug()))).as("set, not enabled").isEqualTo(none);
    }

    /// Without the token of the page, which is another each time.
    private static String unmarked(MockHttpServletResponse answer) throws Exception {
        return answer.getContentAsString().replaceAll("content=\"[-A-Za-z0-9_]{60,}\"", "");
    }
}
