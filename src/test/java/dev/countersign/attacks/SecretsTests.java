package dev.countersign.attacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.asyncDispatch;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;

import dev.countersign.audit.Actor;
import dev.countersign.identity.ApiTokens;
import dev.countersign.identity.People;
import dev.countersign.identity.Scope;
import dev.countersign.notices.EventKind;
import dev.countersign.notices.WebhookChange;
import dev.countersign.notices.WebhookDesk;
import dev.countersign.notices.WebhookSetting;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.Story;
import dev.countersign.tenancy.Tenants;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.MvcResult;

/// S20: a secret that was given once is never said again: not by any page that a link leads to, not by an export, not by the
/// log, in no spelling.
@PortalTest
@ExtendWith(OutputCaptureExtension.class)
class SecretsTests {
    private static final Pattern LINK = Pattern.compile("(?:href|hx-get|action)=\"(/[^\"#]*)");
    private static final int MOST_PAGES = 400;

    @Autowired
    MockMvc mvc;

    @Autowired
    Fixtures fixtures;

    @Autowired
    Story stories;

    @Autowired
    Tenants tenants;

    @Autowired
    People people;

    @Autowired
    ApiTokens tokens;

    @Autowired
    WebhookDesk webhooks;

    @Autowired
    JdbcClient jdbc;

    @Test
    void noPageExportOrLogLineSaysASecret(CapturedOutput log) throws Exception {
        TestTenant tenant = stories.begin().tenant();
        String password = "Canary-password-" + System.nanoTime();
        String bearer = tenants.inTenant(tenant.tenant().id(), () -> {
            people.create(Actor.system("test"), "anna", "Anna Berg", Optional.of(password), Set.of());
            return tokens.issue(Actor.system("test"), tenant.person("admin"), "ci", Set.of(Scope.READ, Scope.ADMIN), Duration.ofDays(1)).secret();
        });
        List<String> webhook = tenants.inTenant(tenant.tenant().id(), () -> {
            WebhookChange.Registered made = (WebhookChange.Registered) webhooks.register(fixtures.current(tenant, "admin"),
                    new WebhookSetting("Tickets", "http://127.0.0.1:9/hooks", EventKind.all().stream().map(EventKind::type).collect(Collectors.toSet())));
            WebhookChange.Rotated rotated = (WebhookChange.Rotated) webhooks.rotate(fixtures.current(tenant, "admin"), made.number());
            webhooks.test(fixtures.current(tenant, "admin"), made.number());
            return List.of(made.secret().substring(6), rotated.secret().substring(6));
        });
        String secret = bearer.split("_", 4)[3];
        String hash = tenants.inTenant(tenant.tenant().id(), () -> jdbc.sql("select password_hash from person where username = 'anna'").query(String.class).single());
        // Used as people use them, rightly and wrongly.
        for (String tried : List.of(password, password + "x")) {
            mvc.perform(post("/sign-in").with(csrf()).param("username", "anna@" + tenant.tenant().slug()).param("password", tried));
        }
        mvc.perform(get("/api/v1/access-requests").header("Authorization", "Bearer " + bearer));
        mvc.perform(get("/api/v1/nothing").header("Authorization", "Bearer " + bearer + "x"));

        List<String> spellings = new ArrayList<>();
        for (String word : List.of(password, secret, hash, hash.substring(hash.length() - 53), webhook.getFirst(), webhook.getLast())) {
            byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
            spellings.addAll(List.of(word, Base64.getEncoder().encodeToString(bytes), HexFormat.of().formatHex(bytes), java.net.URLEncoder.encode(word, StandardCharsets.UTF_8)));
        }
        int pages = 0;
        for (String username : List.of("admin", "auditor", "security", "engineer")) {
            Set<String> seen = new HashSet<>();
            Deque<String> ahead = new ArrayDeque<>(List.of("/", "/me", "/admin", "/admin/people", "/admin/people/anna", "/admin/tokens", "/audit", "/audit/export.csv", "/audit/export.ndjson"));
            while (!ahead.isEmpty() && seen.size() < MOST_PAGES) {
                String path = ahead.poll().replace("&amp;", "&");
                if (path.startsWith("/assets/") || !seen.add(path)) {
                    continue;
                }
                String body = body(path, tenant, username);
                pages++;
                assertThat(body).as(path).doesNotContain("door wide fault");
                spellings.forEach(spelling -> assertThat(body).as(path).doesNotContain(spelling));
                Matcher links = LINK.matcher(body);
                while (links.find()) {
                    ahead.add(links.group(1));
                }
            }
        }
        System.out.println("secrets: " + pages + " pages read");
        assertThat(pages).isGreaterThan(100);
        spellings.forEach(spelling -> assertThat(log.getAll()).doesNotContain(spelling));
    }

    private String body(String path, TestTenant tenant, String username) throws Exception {
        MvcResult result = mvc.perform(get(java.net.URI.create(path.replace(" ", "%20"))).with(fixtures.as(tenant, username))).andReturn();
        if (result.getRequest().isAsyncStarted()) {
            result = mvc.perform(asyncDispatch(result)).andReturn();
        }
        return result.getResponse().getContentAsString();
    }
}
