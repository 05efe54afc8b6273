package dev.countersign.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.audit.Actor;
import dev.countersign.demo.database.EmbeddedDatabase;
import dev.countersign.identity.Scope;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
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
    private static final int HUGE = 10 * 1024 * 1024;
    private static final int TIMES = Attacks.FULL ? 100 : 5;
    private static final long MOST_HEAP = 16L * 1024 * 1024;
    private static final String PREVIEW = "POST /api/v1/access-requests/preview";
    private static final String VALIDATION = "POST /api/v1/policies/validation";

    @LocalServerPort
    int port;

    private Attacks attacks;
    private String token;

    @BeforeEach
    void look(@Autowired ApplicationContext context) {
        attacks = Attacks.on(context);
        World ours = attacks.ours();
        token = ours.in(() -> new TransactionTemplate(attacks.rooms().transactions()).execute(status -> attacks.rooms().tokens()
                .issue(Actor.system("test"), ours.tenant().person("engineer"), "huge", Set.of(Scope.values()), Duration.ofDays(1)).secret()));
    }

    /// Ten megabytes, announced; and as pieces without a length, of which forms take none, not even empty ones.
    @Test
    void noRouteTakesTenMegabytes() throws Exception {
        List<String> taken = new ArrayList<>();
        for (Routes.Route route : attacks.routes()) {
            String line = route.method() + " " + route.with(at -> "1");
            String announced = send(line, Map.of("Content-Type", "application/json", "Content-Length", Integer.toString(HUGE)), new byte[0]);
            if (!announced.startsWith("HTTP/1.1 413")) {
                taken.add(route + " " + announced.lines().findFirst().orElse("nothing"));
            }
            if (!route.reads()) {
                String pieces = send(line, Map.of("Content-Type", "application/x-www-form-urlencoded", "Transfer-Encoding", "chunked"), "0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                if (!pieces.startsWith("HTTP/1.1 411 ")) {
                    taken.add(route + " in pieces " + pieces.lines().findFirst().orElse("nothing"));
                }
            }
        }
        assertThat(taken).isEmpty();
    }

    private record Attack(String line, Map<String, String> headers, byte[] body, Set<Integer> refusals) {}

    private Map<String, Attack> all() {
        Map<String, Attack> all = new LinkedHashMap<>();
        String json = "application/json";
        all.put("a reason of ten megabytes in pieces", pieces(PREVIEW, "{\"justification\":{\"reason\":\"" + "x".repeat(HUGE) + "\"}}"));
        all.put("a reason as long as a body may be", api(PREVIEW, json, "{\"justification\":{\"reason\":\"" + "x".repeat(60_000) + "\"}}", 422));
        all.put("100,000 levels", api(VALIDATION, json, "[".repeat(100_000) + "]".repeat(100_000), 400, 422));
        all.put("100,000 levels of a small body", api(PREVIEW, json, "[".repeat(100_000), 413));
        all.put("30,000 levels", api(PREVIEW, json, "{\"a\":".repeat(10_000), 422));
        all.put("a million labels", api(VALIDATION, "application/yaml", labels(1_000_000), 413));
        all.put("aliases of aliases", api(VALIDATION, "application/yaml", aliases(), 400, 422));
        all.put("two pieces of gzip", api(PREVIEW, json, "{}", Map.of("Content-Encoding", "gzip"), 415));
        all.put("gzip with a document", api(VALIDATION, json, "{}", Map.of("Content-Encoding", "gzip"), 415));
        all.put("multipart", api(PREVIEW, "multipart/form-data; boundary=x", "--x\r\n".repeat(10_000), 415));
        all.put("100,000 parameters", new Attack("GET /requests?" + parameters(100_000), Map.of(), new byte[0], Set.of(400, 414, 431)));
        all.put("as many parameters as a form holds", new Attack("POST /sign-in", Map.of("Content-Type", "application/x-www-form-urlencoded"),
                parameters(20_000).substring(0, 60_000).getBytes(StandardCharsets.UTF_8), Set.of(400, 413)));
        all.put("a header of 100,000 characters", new Attack("GET /help", Map.of("X-Long", "x".repeat(100_000)), new byte[0], Set.of(400, 431)));
        return all;
    }

    private Attack api(String route, String type, String body, Integer... refusals) {
        return api(route, type, body, Map.of(), refusals);
    }

    private Attack api(String route, String type, String body, Map<String, String> more, Integer... refusals) {
        Map<String, String> headers = new LinkedHashMap<>(more);
        headers.put("Content-Type", type);
        headers.put("Authorization", "Bearer " + token);
        return new Attack(route, headers, body.getBytes(StandardCharsets.UTF_8), Set.of(refusals));
    }

    private Attack pieces(String route, String body) {
        Attack whole = api(route, "application/json", Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n", 413);
        whole.headers().put("Transfer-Encoding", "chunked");
        return whole;
    }

    private static String labels(int count) {
        StringBuilder yaml = new StringBuilder("apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata:\n  name: a\n  labels:\n");
        IntStream.range(0, count).forEach(i -> yaml.append("    l").append(i).append(": v\n"));
        return yaml.toString();
    }

    private static String aliases() {
        StringBuilder yaml = new StringBuilder("a0: &a0 [x, x]\n");
        IntStream.range(1, 30).forEach(i -> yaml.append("a" + i + ": &a" + i + " [" + ("*a" + (i - 1) + ", ").repeat(9) + "*a" + (i - 1) + "]\n"));
        return yaml.toString();
    }

    private static String parameters(int count) {
        StringBuilder all = new StringBuilder();
        IntStream.range(0, count).forEach(i -> all.append("&p").append(i).append('='));
        return all.substring(1);
    }

    @Test
    void everythingHugeIsRefusedAndNothingOfItStays() throws Exception {
        Snapshot before = Snapshot.of(attacks.rooms().database(), attacks.ours().tenant().tenant().id());
        List<String> wrong = new ArrayList<>();
        for (Map.Entry<String, Attack> one : all().entrySet()) {
            Attack attack = one.getValue();
            send(attack);
            long heap = heap();
            for (int i = 0; i < TIMES; i++) {
                String answer = send(attack);
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

    private String send(Attack attack) throws IOException {
        Map<String, String> headers = new LinkedHashMap<>(attack.headers());
        if (!headers.containsKey("Transfer-Encoding")) {
            headers.put("Content-Length", Integer.toString(attack.body().length));
        }
        return send(attack.line(), headers, attack.body());
    }

    /// Status line, headers and the beginning of the body. A server that has answered may close before all was sent.
    private String send(String line, Map<String, String> headers, byte[] body) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(15_000);
            StringBuilder head = new StringBuilder(line + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
            headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    OutputStream out = socket.getOutputStream();
                    out.write(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
                    out.write(body);
                    out.flush();
                } catch (IOException closed) {
                    // Answered already.
                }
            });
            String answer = answer(socket.getInputStream(), body.length == 0 || headers.get("Transfer-Encoding") != null && body.length < 10);
            socket.close();
            writer.interrupt();
            return answer;
        }
    }

    /// - `headOnly`: where the rest of what was announced never comes, the server waits for it before it closes.
    private static String answer(InputStream in, boolean headOnly) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try {
            byte[] some = new byte[8192];
            for (int got = in.read(some); got >= 0 && answer.size() < 100_000; got = in.read(some)) {
                answer.write(some, 0, got);
                if (headOnly && answer.toString(StandardCharsets.UTF_8).contains("\r\n\r\n")) {
                    break;
                }
            }
        } catch (SocketException reset) {
            // After the answer: the rest of the body was not wanted.
        }
        return answer.toString(StandardCharsets.UTF_8);
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
