package dev.countersign.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;

import dev.countersign.portal.Fixtures;
import dev.countersign.portal.PortalTest;
import dev.countersign.tenancy.TenantId;
import dev.countersign.tenancy.Tenants;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;

@PortalTest
class NewsTests {
    @Autowired
    Fixtures fixtures;

    @Autowired
    Tenants tenants;

    @Autowired
    AuditLog audit;

    @Autowired
    News news;

    @Autowired
    DataSource dataSource;

    @Autowired
    MockMvc mvc;

    private void record(TenantId tenant, Subject subject, Long... also) {
        tenants.doInTenant(tenant, () -> audit.append(
                new AuditEvent("test.happened", Actor.system("test"), subject, "did it", Map.of()).aboutRequests(List.of(also))));
    }

    private static Set<String> heard(News.Listener listener, String wanted) throws InterruptedException {
        Set<String> all = new TreeSet<>();
        for (int i = 0; i < 50 && !all.contains(wanted); i++) {
            all.addAll(listener.await(100));
        }
        return all;
    }

    @Test
    void whatIsRecordedAboutARequestIsToldOnceItIsCommitted() throws Exception {
        TenantId tenant = fixtures.tenant().tenant().id();
        try (var listener = news.listen(tenant, "anna").orElseThrow()) {
            record(tenant, new Subject("policy", "demo/production/p"), 7L, 8L);
            record(tenant, new Subject("person", "9"));
            record(tenant, new Subject("request", "10"));
            assertThat(heard(listener, "10")).contains("7", "8", "10").doesNotContain("9");
        }
    }

    /// A page is drawn, something happens, and only then the page listens.
    @Test
    void whoTakesAPlaceHearsWhatWasToldJustBefore() throws Exception {
        TenantId tenant = fixtures.tenant().tenant().id();
        TenantId other = fixtures.tenant().tenant().id();
        record(tenant, new Subject("request", "13"));
        record(other, new Subject("request", "14"));
        try (var listener = news.listen(tenant, "anna").orElseThrow()) {
            assertThat(heard(listener, "13")).contains("13").doesNotContain("14");
        }
        for (int i = 0; i < News.MOST_TOLD; i++) {
            record(other, new Subject("request", "15"));
        }
        try (var listener = news.listen(other, "olga").orElseThrow()) {
            assertThat(heard(listener, News.ANYTHING)).as("more was told than is kept").containsExactly(News.ANYTHING);
        }
        try (var listener = news.listen(tenant, "anna").orElseThrow()) {
            assertThat(heard(listener, "13")).as("whatever others were told").contains("13").doesNotContain(News.ANYTHING);
        }
    }

    @Test
    void whatIsRolledBackIsNeverTold() throws Exception {
        TenantId tenant = fixtures.tenant().tenant().id();
        try (var listener = news.listen(tenant, "anna").orElseThrow()) {
            assertThatThrownBy(() -> tenants.doInTenant(tenant, () -> {
                audit.append(new AuditEvent("test.happened", Actor.system("test"), new Subject("request", "11"), "did it", Map.of()));
                throw new IllegalStateException("rolled back");
            })).hasMessage("rolled back");
            record(tenant, new Subject("request", "12"));
            assertThat(heard(listener, "12")).doesNotContain("11");
        }
    }

    @Test
    void anotherTenantHearsNothing() throws Exception {
        TenantId mine = fixtures.tenant().tenant().id();
        TenantId other = fixtures.tenant().tenant().id();
        try (var listener = news.listen(other, "olga").orElseThrow()) {
            record(mine, new Subject("request", "13"));
            record(other, new Subject("request", "14"));
            assertThat(heard(listener, "14")).doesNotContain("13");
        }
    }

    @Test
    void anotherReplicaHearsIt() throws Exception {
        TenantId tenant = fixtures.tenant().tenant().id();
        NewsWire wire = new NewsWire(dataSource);
        News replica = new News(wire, new RecordState());
        try (var listener = replica.listen(tenant, "anna").orElseThrow()) {
            // Only then: once laid, the wire says that anything may have happened before, and says it to whoever listens by then.
            wire.start();
            assertThat(heard(listener, News.ANYTHING)).contains(News.ANYTHING);
            record(tenant, new Subject("request", "15"));
            assertThat(heard(listener, "15")).contains("15");
        } finally {
            wire.stop();
        }
    }

    /// Or its server would wait for them until its patience ends: a stream is an answer under way.
    @Test
    void whoListensToAPortalThatGoesDownIsLetGoFirst() {
        TenantId tenant = fixtures.tenant().tenant().id();
        News replica = new News(new NewsWire(dataSource), new RecordState());
        try (var listener = replica.listen(tenant, "anna").orElseThrow()) {
            replica.stop();
            assertThat(listener.ended()).isTrue();
            assertThat(replica.listen(tenant, "anna")).isEmpty();
        }
        replica.start();
        assertThat(replica.listen(tenant, "anna")).isPresent();
        assertThat(replica.getPhase()).isGreaterThan(WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE);
    }

    @Test
    void whoFallsFarBehindReadsEverythingAnew() throws Exception {
        TenantId tenant = fixtures.tenant().tenant().id();
        try (var listener = news.listen(tenant, "anna").orElseThrow()) {
            record(tenant, new Subject("test", "many"), java.util.stream.LongStream.range(0, 300).boxed().toArray(Long[]::new));
            assertThat(heard(listener, News.ANYTHING)).contains(News.ANYTHING);
        }
    }

    @Test
    void thePageIsToldAsServerSentEvents() throws Exception {
        var tenant = fixtures.tenant();
        MockHttpServletResponse stream = mvc.perform(get("/news").with(fixtures.as(tenant, "engineer"))).andReturn().getResponse();
        assertThat(stream.getContentType()).startsWith("text/event-stream");
        assertThat(stream.getHeader("Cache-Control")).contains("no-store");
        record(tenant.tenant().id(), new Subject("request", "16"));
        for (int i = 0; i < 50 && !stream.getContentAsString().contains("data:16"); i++) {
            Thread.sleep(100);
        }
        assertThat(stream.getContentAsString()).contains("event:request\ndata:16\n\n");
    }

    @Test
    void whoOpensOneMoreGivesUpTheOldest() {
        TenantId tenant = fixtures.tenant().tenant().id();
        List<News.Listener> places = new ArrayList<>();
        for (int i = 0; i <= News.MOST_OF_A_LISTENER; i++) {
            places.add(news.listen(tenant, "anna").orElseThrow());
        }
        assertThat(places).extracting(News.Listener::ended).first().isEqualTo(true);
        assertThat(places.subList(1, places.size())).noneMatch(News.Listener::ended);
        places.forEach(News.Listener::close);
    }

    @Test
    void withoutAPlaceTheAnswerSaysWhenToComeAgain() throws Exception {
        var tenant = fixtures.tenant();
        List<News.Listener> places = new ArrayList<>();
        try {
            for (int i = 0; i <= News.MOST_LISTENERS; i++) {
                news.listen(tenant.tenant().id(), "person " + i).ifPresent(places::add);
            }
            MockHttpServletResponse full = mvc.perform(get("/news").with(fixtures.as(tenant, "engineer"))).andReturn().getResponse();
            assertThat(full.getStatus()).isEqualTo(503);
            assertThat(full.getHeader("Retry-After")).isEqualTo("30");
        } finally {
            places.forEach(News.Listener::close);
        }
        assertThat(news.listen(new TenantId(UUID.randomUUID()), "anna")).isPresent();
    }
}
