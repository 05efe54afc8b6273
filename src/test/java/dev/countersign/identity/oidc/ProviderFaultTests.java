package dev.countersign.identity.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;

import dev.countersign.Countersign;
import dev.countersign.identity.Administering;
import dev.countersign.identity.ProviderDesk;
import dev.countersign.identity.ProviderSetting;
import dev.countersign.identity.ProviderVisit;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.MockMvc;

/// F43: the identity provider is down, hangs, or takes other keys while people work. Who is in stays in; who is not gets an answer
/// within seconds, and is let in by nothing but its word.
@PortalTest
class ProviderFaultTests {
    @Autowired
    MockMvc mvc;

    @Autowired
    Fixtures fixtures;

    @Autowired
    Tenants tenants;

    @Autowired
    ProviderDesk desk;

    @Autowired
    IdentityProviders providers;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    Environment environment;

    @LocalServerPort
    int port;

    private final TestProvider provider = TestProvider.start();
    private final CountDownLatch released = new CountDownLatch(1);
    private TestTenant home;
    private long later;

    @BeforeEach
    void found() {
        jdbc.sql("delete from sign_in_attempt").update();
        home = fixtures.tenant();
        enable(home, provider);
    }

    @AfterEach
    void close() {
        released.countDown();
        provider.close();
        providers.measure(System::nanoTime);
    }

    private void enable(TestTenant tenant, TestProvider by) {
        CurrentTenant.run(tenant.tenant().id(), () -> {
            var admin = fixtures.current(tenant, "admin");
            assertThat(desk.set(admin, new ProviderSetting(by.issuer(), TestProvider.CLIENT_ID, TestProvider.SECRET, "Acme SSO", "http://localhost", "12"))).isInstanceOf(ProviderDesk.Setting.Stored.class);
            assertThat(desk.enable(admin)).isInstanceOf(Administering.Done.class);
        });
        tenants.doInTenant(tenant.tenant().id(), () -> jdbc.sql("insert into person_link (tenant_id, person_id, issuer, subject) values (?, ?, ?, 'subject-1')")
                .params(tenant.tenant().id().value(), tenant.person("engineer"), by.issuer()).update());
    }

    private ProviderVisit visit() {
        return new ProviderVisit(mvc, home.tenant().slug());
    }

    private ProviderVisit in() throws Exception {
        ProviderVisit visit = visit();
        assertThat(visit.through(provider)).isEqualTo("/");
        return visit;
    }

    private void pass(Duration time) {
        later += time.toNanos();
        long by = later;
        providers.measure(() -> System.nanoTime() + by);
    }

    private void down(String... paths) {
        for (String path : paths) {
            provider.instead.put(path, exchange -> TestProvider.send(exchange, 503, "text/plain", "down"));
        }
    }

    private void hangs(String path) {
        provider.instead.put(path, exchange -> {
            try {
                if (!released.await(60, TimeUnit.SECONDS)) {
                    throw new IOException("nobody let go");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Test
    void whileItIsDownWhoIsInStaysInAndNobodyNewComes() throws Exception {
        ProviderVisit before = in();
        ProviderVisit under = visit();
        URI back = provider.visit(under.begin());
        down("/token", "/keys", "/.well-known/openid-configuration", "/authorize");
        assertThat(under.arrive(back).getRedirectedUrl()).as("on the way when it went down").isEqualTo(under.page("away"));
        assertThat(under.fetch(under.page("away")).getContentAsString()).contains("does not answer us as it should", "Whoever is signed in already can go on");
        assertThat(before.isIn()).isTrue();
        pass(KnownProvider.AGE);
        ProviderVisit newcomer = visit();
        assertThat(newcomer.fetch("/sign-in/provider/" + home.tenant().slug() + "/begin").getRedirectedUrl()).isEqualTo(newcomer.page("away"));
        assertThat(newcomer.isIn()).isFalse();
        assertThat(before.isIn()).as("for as long as the tenant lets a session last").isTrue();
        assertThat(password(home, "owner")).as("passwords of the tenant").isEqualTo("/");
        TestTenant neighbour = fixtures.tenant();
        try (TestProvider theirs = TestProvider.start()) {
            enable(neighbour, theirs);
            assertThat(new ProviderVisit(mvc, neighbour.tenant().slug()).through(theirs)).as("the provider of another tenant").isEqualTo("/");
        }
        provider.instead.clear();
        pass(KnownProvider.PAUSE);
        in();
    }

    private String password(TestTenant tenant, String username) throws Exception {
        return String.valueOf(mvc.perform(post("/sign-in").with(csrf()).param("username", username + "@" + tenant.tenant().slug()).param("password", username + " password"))
                .andReturn().getResponse().getRedirectedUrl());
    }

    /// It takes connections and says nothing: the answer comes within seconds, and the first failure spares the next the wait.
    @Test
    void whileItHangsTheAnswerComesWithinSecondsAndNoDatabaseConnectionWaits() throws Exception {
        ProviderVisit before = in();
        ProviderVisit under = visit();
        URI back = provider.visit(under.begin());
        hangs("/token");
        long begun = System.nanoTime();
        try (ExecutorService browsers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> many = new ArrayList<>();
            many.add(browsers.submit(() -> String.valueOf(under.arrive(back).getRedirectedUrl())));
            for (int i = 0; i < 30; i++) {
                ProviderVisit another = visit();
                URI its = provider.visit(another.begin());
                many.add(browsers.submit(() -> String.valueOf(another.arrive(its).getRedirectedUrl())));
            }
            // All are waiting; the portal is not.
            for (int i = 0; provider.hits("/token") < 16 + 1 && i < 500; i++) {
                Thread.sleep(5);
            }
            assertThat(provider.hits("/token")).as("one before, and sixteen at a time").isEqualTo(1 + 16);
            for (long second = begun + Duration.ofMillis(1500).toNanos(); System.nanoTime() < second; Thread.sleep(20)) {
                assertThat(provider.hits("/token")).isEqualTo(1 + 16);
            }
            assertThat(jdbc.sql("select array_agg(query) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%' and state_change < now() - interval '1 second'")
                    .query(String.class).optional()).as("transactions that wait for it").isEmpty();
            assertThat(before.isIn()).isTrue();
            assertThat(mvc.perform(get("/actuator/health/readiness")).andReturn().getResponse().getStatus()).isEqualTo(200);
            assertThat(password(home, "owner")).isEqualTo("/");
            for (Future<String> one : many) {
                assertThat(one.get(20, TimeUnit.SECONDS)).isEqualTo(under.page("away"));
            }
        }
        Duration waited = Duration.ofNanos(System.nanoTime() - begun);
        System.out.println("F43 thirty-one sign-ins at a provider that hangs were answered within " + waited.toMillis() + " ms");
        assertThat(waited).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(9));
        hangs("/.well-known/openid-configuration");
        pass(KnownProvider.AGE);
        visit().begin();
        long again = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            assertThat(visit().begin().toString()).isEqualTo(under.page("away"));
        }
        assertThat(Duration.ofNanos(System.nanoTime() - again)).as("nobody waits for what has just not answered").isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void aRotationCostsOneLookAndAKeyThatIsGoneIsBelievedNoLongerThanItsAge() throws Exception {
        ProviderVisit before = in();
        int looks = provider.hits("/keys");
        var former = provider.key;
        provider.rotate("key-2");
        in();
        assertThat(provider.hits("/keys")).as("one look for the new key").isEqualTo(looks + 1);
        in();
        assertThat(provider.hits("/keys")).isEqualTo(looks + 1);
        assertThat(before.isIn()).isTrue();
        // Whoever still signs with the former key is not believed any more.
        provider.signing = (claims, key) -> TestProvider.signed(claims, former);
        ProviderVisit late = visit();
        assertThat(late.through(provider)).isEqualTo(late.page("refused"));
    }

    @Test
    void aKeyThatWasTakenBackWithoutAnotherIsBelievedForItsAgeAtMost() throws Exception {
        in();
        provider.published = List.of(TestProvider.newKey("key-2"));
        in();
        pass(KnownProvider.AGE.minusSeconds(60));
        in();
        pass(Duration.ofSeconds(61));
        ProviderVisit late = visit();
        assertThat(late.through(provider)).isEqualTo(late.page("refused"));
        assertThat(late.isIn()).isFalse();
    }

    @Test
    void aStormOfUnknownKeysMakesNoStormOfLooks() throws Exception {
        in();
        int looks = provider.hits("/keys");
        var right = provider.signing;
        provider.signing = (claims, key) -> TestProvider.signed(claims, new com.nimbusds.jose.jwk.RSAKey.Builder(key).keyID("key-" + System.nanoTime()).build());
        for (int i = 0; i < 40; i++) {
            ProviderVisit one = visit();
            assertThat(one.through(provider)).isEqualTo(one.page("refused"));
        }
        assertThat(provider.hits("/keys") - looks).isEqualTo(KnownProvider.MOST_REFRESHES);
        provider.signing = right;
        in();
        assertThat(provider.hits("/keys") - looks).as("who comes with a known key is not held up").isEqualTo(KnownProvider.MOST_REFRESHES);
        provider.rotate("key-3");
        pass(Duration.ofSeconds(61));
        in();
        assertThat(provider.hits("/keys") - looks).isEqualTo(KnownProvider.MOST_REFRESHES + 1);
    }

    /// Begun at one replica, come back to at the other, both in the usual way of HTTP.
    @Test
    void anyReplicaTakesTheAnswerAndOnlyOneDoes() throws Exception {
        try (ConfigurableApplicationContext second = new SpringApplicationBuilder(Countersign.class).run(settings())) {
            int other = Integer.parseInt(second.getEnvironment().getRequiredProperty("local.server.port"));
            CookieManager kept = new CookieManager();
            try (HttpClient browser = HttpClient.newBuilder().cookieHandler(kept).followRedirects(HttpClient.Redirect.NEVER).build();
                    HttpClient thief = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build()) {
                URI to = URI.create(location(browser, port, "/sign-in/provider/" + home.tenant().slug() + "/begin"));
                URI back = provider.visit(to);
                String path = back.getRawPath() + "?" + back.getRawQuery();
                String way = kept.getCookieStore().getCookies().stream().filter(cookie -> cookie.getName().equals("countersign-way")).map(java.net.HttpCookie::getValue).findFirst().orElseThrow();
                assertThat(location(browser, other, path)).isEqualTo("/");
                assertThat(send(browser, port, "/me").statusCode()).as("in at the first").isEqualTo(200);
                assertThat(send(browser, other, "/me").body()).as("and at the second").contains("Erin Engineer");
                HttpRequest again = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).header("Cookie", "countersign-way=" + way).build();
                assertThat(thief.send(again, HttpResponse.BodyHandlers.discarding()).headers().firstValue("Location").orElse("")).as("spent everywhere").endsWith("?told=again");
            }
        }
    }

    private String[] settings() {
        List<String> settings = new ArrayList<>(List.of("--server.port=0", "--server.address=127.0.0.1", "--spring.main.banner-mode=off", "--spring.flyway.enabled=false"));
        for (String name : List.of("spring.datasource.url", "spring.datasource.username", "countersign.secrets.key", "countersign.record.key", "countersign.passwords.bcrypt-strength")) {
            settings.add("--" + name + "=" + environment.getRequiredProperty(name));
        }
        return settings.toArray(String[]::new);
    }

    private static HttpResponse<String> send(HttpClient browser, int port, String path) throws IOException, InterruptedException {
        return browser.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String location(HttpClient browser, int port, String path) throws IOException, InterruptedException {
        HttpResponse<String> answer = send(browser, port, path);
        return answer.headers().firstValue("Location").orElseThrow(() -> new IllegalStateException(answer.statusCode() + answer.body()));
    }
}
