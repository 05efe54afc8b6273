package dev.countersign.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.portal.Fixtures;
import dev.countersign.portal.PortalTest;
import dev.countersign.tenancy.Tenants;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.DriverManager;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;

@PortalTest
class AuditLogTests {
    @Autowired
    Fixtures fixtures;

    @Autowired
    Tenants tenants;

    @Autowired
    AuditLog audit;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    Environment environment;

    private static AuditEvent event(String word) {
        return new AuditEvent("test.happened", Actor.system("test"), new Subject("test", word), "did " + word, Map.of("word", word));
    }

    @Test
    void everyEntryCarriesTheDigestOfTheOneBefore() throws Exception {
        var tenant = fixtures.tenant().tenant().id();
        tenants.doInTenant(tenant, () -> audit.append(event("a")));
        tenants.doInTenant(tenant, () -> audit.append(event("ü ' \" \\ \u0000".replace("\u0000", ""))));
        record Row(long seq, OffsetDateTime at, byte[] previous, byte[] digest, String content) {}
        var rows = tenants.inTenant(tenant, () -> jdbc.sql("select seq, at, previous_digest, digest, content from audit_entry order by seq")
                .query((row, n) -> new Row(row.getLong(1), row.getObject(2, OffsetDateTime.class), row.getBytes(3), row.getBytes(4), row.getString(5)))
                .list());
        byte[] previous = new byte[32];
        long next = 1;
        for (Row row : rows) {
            assertThat(row.seq()).isEqualTo(next++);
            assertThat(row.previous()).isEqualTo(previous);
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(previous);
            sha.update(ByteBuffer.allocate(16).putLong(row.seq()).putLong(ChronoUnit.MICROS.between(java.time.Instant.EPOCH, row.at().toInstant())).array());
            sha.update(row.content().getBytes(StandardCharsets.UTF_8));
            assertThat(row.digest()).isEqualTo(previous = sha.digest());
        }
        assertThat(rows).hasSizeGreaterThan(2);
    }

    /// Several at once are what they would have been one by one: order, chain, columns, and what each mentions.
    @Test
    void severalAtOnceAreAsOneByOne() {
        record Row(long seq, String kind, String sentence, String content, String mentions) {}
        String tenth = "ü ' \" \\ {} , NULL null";
        List<AuditEvent> events = List.of(event("a"), event(tenth).aboutRequests(List.of(12L, 7L)), event("").aboutRequests(List.of(7L)), event("a"),
                new AuditEvent("test.happened", Actor.system("test"), new Subject("test", "x"), "did x", Map.of("word", "x"), List.of(new Subject("cluster", "7"), new Subject("request", "8"))));
        List<List<Row>> written = new ArrayList<>();
        for (boolean together : new boolean[] {true, false}) {
            var tenant = fixtures.tenant().tenant().id();
            long before = tenants.inTenant(tenant, () -> jdbc.sql("select coalesce(max(seq), 0) from audit_entry").query(Long.class).single());
            List<Long> numbers = tenants.inTenant(tenant, () -> together ? audit.append(events) : events.stream().map(audit::append).toList());
            assertThat(numbers).containsExactly(before + 1, before + 2, before + 3, before + 4, before + 5);
            written.add(tenants.inTenant(tenant, () -> jdbc.sql("""
                            select seq - :before as seq, kind, sentence, content,
                                   coalesce((select string_agg(subject_kind || ' ' || subject_id, ',' order by subject_kind, subject_id) from audit_mention m where m.seq = e.seq), '') as mentions
                            from audit_entry e
                            where seq > :before
                              and previous_digest = (select p.digest from audit_entry p where p.seq = e.seq - 1)
                            order by seq""").param("before", before).query(Row.class).list()));
        }
        assertThat(written.getFirst()).hasSize(5).isEqualTo(written.getLast());
        assertThat(written.getFirst().get(1).mentions()).isEqualTo("request 12,request 7");
        assertThat(written.getFirst().get(4).mentions()).isEqualTo("cluster 7,request 8");
        assertThat(tenants.inTenant(fixtures.tenant().tenant().id(), () -> audit.append(List.of()))).isEmpty();
    }

    @Test
    void numbersHaveNoGapsUnderConcurrencyAndFailure() throws Exception {
        var tenant = fixtures.tenant().tenant().id();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var runs = java.util.stream.IntStream.range(0, 60).mapToObj(i -> threads.submit(() -> {
                try {
                    tenants.doInTenant(tenant, () -> {
                        audit.append(event("n" + i));
                        if (i % 5 == 0) {
                            throw new IllegalStateException("rolled back");
                        }
                    });
                } catch (IllegalStateException expected) {
                    assertThat(expected).hasMessage("rolled back");
                }
            })).toList();
            for (var run : runs) {
                run.get();
            }
        }
        assertThat(tenants.inTenant(tenant, () -> jdbc.sql("select max(seq) = count(*) from audit_entry").query(Boolean.class).single())).isTrue();
    }

    @Test
    void appendingOutsideATransactionIsRefused() {
        assertThatThrownBy(() -> audit.append(event("a"))).isInstanceOf(org.springframework.transaction.IllegalTransactionStateException.class);
    }

    @Test
    void notEvenTheOwnerOfTheSchemaCanChangeTheRecord() throws Exception {
        var tenant = fixtures.tenant().tenant().id();
        tenants.doInTenant(tenant, () -> audit.append(event("a").aboutRequests(java.util.List.of(1L))));
        for (String role : new String[] {"countersign_app", "countersign_owner", "postgres"}) {
            try (var connection = DriverManager.getConnection(environment.getRequiredProperty("spring.datasource.url"), role, "")) {
                connection.createStatement().execute("set app.tenant = '" + tenant + "'");
                for (String change : new String[] {"update audit_entry set sentence = 'x'", "delete from audit_entry", "truncate audit_entry cascade", "delete from audit_mention"}) {
                    assertThatThrownBy(() -> connection.createStatement().execute(change)).as(role + ": " + change)
                            .hasMessageMatching("(?s).*(permission denied|append-only).*");
                }
            }
        }
    }
}
