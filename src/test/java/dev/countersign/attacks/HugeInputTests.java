package dev.countersign.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.audit.Actor;
import dev.countersign.demo.database.EmbeddedDatabase;
import dev.countersign.identity.Scope;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.TestDatabase;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.transaction.support.TransactionTemplate;

/// S33: what is huge is refused at the door, over real connections to the real server, and nothing of it stays: not in the
/// database, not in the heap. And what would come past the program is refused by the database.
@PortalTest
class HugeInputTests {
    private static final int TIMES = Attacks.FULL ? 100 : 5;
    private static final long MOST_HEAP = 16L * 1024 * 1024;

    @LocalServerPort
    int port;

    private Attacks attacks;
    private HugeInputs inputs;

    @BeforeEach
    void look(@Autowired ApplicationContext context) {
        attacks = Attacks.on(context);
        World ours = attacks.ours();
        inputs = new HugeInputs(port, ours.in(() -> new TransactionTemplate(attacks.rooms().transactions()).execute(status -> attacks.rooms().tokens()
                .issue(Actor.system("test"), ours.tenant().person("engineer"), "huge", Set.of(Scope.values()), Duration.ofDays(1)).secret())));
    }

    /// Ten megabytes, announced; and as pieces without a length, of which forms take none, not even empty ones.
    @Test
    void noRouteTakesTenMegabytes() throws Exception {
        List<String> taken = new ArrayList<>();
        for (Routes.Route route : attacks.routes()) {
            String line = route.method() + " " + route.with(at -> "1");
            String announced = inputs.send(line, Map.of("Content-Type", "application/json", "Content-Length", Integer.toString(HugeInputs.HUGE)), new byte[0]);
            if (!announced.startsWith("HTTP/1.1 413")) {
                taken.add(route + " " + announced.lines().findFirst().orElse("nothing"));
            }
            if (!route.reads()) {
                String pieces = inputs.send(line, Map.of("Content-Type", "application/x-www-form-urlencoded", "Transfer-Encoding", "chunked"), "0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                if (!pieces.startsWith("HTTP/1.1 411 ")) {
                    taken.add(route + " in pieces " + pieces.lines().findFirst().orElse("nothing"));
                }
            }
        }
        assertThat(taken).isEmpty();
    }

    @Test
    void everythingHugeIsRefusedAndNothingOfItStays() throws Exception {
        Snapshot before = Snapshot.of(attacks.rooms().database(), attacks.ours().tenant().tenant().id());
        List<String> wrong = new ArrayList<>();
        for (Map.Entry<String, HugeInputs.Attack> one : inputs.all().entrySet()) {
            HugeInputs.Attack attack = one.getValue();
            inputs.send(attack);
            long heap = heap();
            for (int i = 0; i < TIMES; i++) {
                String answer = inputs.send(attack);
                int status = answer.startsWith("HTTP/1.1 ") ? Integer.parseInt(answer.substring(9, 12)) : 0;
                if (!attack.refusals().contains(status)) {
                    wrong.add(one.getKey() + ": " + answer.substring(0, Math.min(200, answer.length())));
                } else if (attack.line().contains("/api/") && !(answer.contains("application/problem+json") && answer.contains("\"code\":\"CS9"))) {
                    wrong.add(one.getKey() + " says " + answer.substring(0, Math.min(900, answer.length())));
                }
            }
            long grown = heap() - heap;
            for (int i = 0; i < 10 && grown > MOST_HEAP; i++) {
                grown = heap() - heap;
            }
            System.out.println("S33 " + one.getKey() + ": " + grown / 1024 + " KiB more in the heap");
            if (grown > MOST_HEAP) {
                wrong.add(one.getKey() + " leaves " + grown + " bytes");
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(Snapshot.of(attacks.rooms().database(), attacks.ours().tenant().tenant().id()).changedSince(before)).isEmpty();
    }

    /// What lives.
    private static long heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    // --- the database ---

    /// Every constraint that bounds a text, tried by the owner of the tables with a row that is right but for one text.
    @Test
    void theDatabaseRepeatsTheCaps() throws Exception {
        List<String> taken = new ArrayList<>();
        Set<String> tried = new TreeSet<>();
        String url = TestDatabase.server().url(attacks.rooms().database());
        try (Connection owner = DriverManager.getConnection(url, EmbeddedDatabase.OWNER, ""); var statement = owner.createStatement()) {
            owner.setAutoCommit(false);
            String tenant = attacks.ours().tenant().tenant().id().toString();
            List<String[]> caps = new ArrayList<>();
            try (var rows = statement.executeQuery("""
                    select c.conrelid::regclass::text, c.conname, a.attname,
                           (regexp_match(pg_get_constraintdef(c.oid), '(?:octet_)?length\\(' || a.attname || '\\) <= (\\d+)'))[1],
                           (select string_agg(quote_ident(w.attname), ', ') from pg_attribute w where w.attrelid = c.conrelid and w.attnum > 0 and not w.attisdropped and w.attgenerated = '')
                    from pg_constraint c
                    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey) and a.atttypid in ('text'::regtype, 'varchar'::regtype)
                    where c.contype = 'c'
                      and pg_get_constraintdef(c.oid) ~ ('(octet_)?length\\(' || a.attname || '\\) <= \\d+')
                      and exists (select from pg_attribute t where t.attrelid = c.conrelid and t.attname = 'tenant_id')""")) {
                while (rows.next()) {
                    caps.add(new String[] {rows.getString(1), rows.getString(2), rows.getString(3), rows.getString(4), rows.getString(5)});
                }
            }
            for (String[] cap : caps) {
                statement.execute("select set_config('app.tenant', '" + tenant + "', true)");
                try (var insert = owner.prepareStatement("insert into " + cap[0] + " (" + cap[4] + ") select " + cap[4]
                        + " from (select (jsonb_populate_record(t, jsonb_build_object(?, repeat('x', ?)))).* from " + cap[0] + " t limit 1) too_long")) {
                    insert.setString(1, cap[2]);
                    insert.setInt(2, Integer.parseInt(cap[3]) + 1);
                    int inserted = insert.executeUpdate();
                    if (inserted > 0) {
                        taken.add(cap[1]);
                    }
                } catch (SQLException refused) {
                    if (refused.getSQLState().equals("23514")) {
                        tried.add(cap[0] + "." + cap[2]);
                    } else {
                        taken.add(cap[1] + " " + refused.getSQLState() + " " + refused.getMessage());
                    }
                }
                owner.rollback();
            }
        }
        System.out.println("S33 caps of the database: " + tried);
        assertThat(taken).isEmpty();
        assertThat(tried).contains("access_request.reason", "access_request.ticket", "review.comment", "person.display_name", "api_token.name", "team.name");
    }
}
