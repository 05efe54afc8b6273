package dev.countersign.bench;

import dev.countersign.demo.database.EmbeddedDatabase;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The list of requests, 50 rows, through the whole portal (loopback HTTP, session, layout), over `-Dw1.rows=10000000` requests of
/// 200 tenants; server, database and generator share the machine.
///
/// - W1: pages a second of four people, against the raw statement of the page under row-level security in pgbench (or, where
///   there is none, in four JDBC loops), in turns.
/// - W3: p99 with all rows against a hundredth of them; p99 of page 10,000 (or the last there is) against page 1.
/// - W4: the raw page under row-level security against the same transaction with a WHERE, by a role that sees everything.
///
/// Last lines: `W1 ...`, `W3 ...`, `W4 ...`, each `id value ratio verdict`.
public final class ListPageBench {
    private static final long ROWS = Long.getLong("w1.rows", 10_000_000);
    private static final int PEOPLE = 4;
    private static final int ROUNDS = 5;
    private static final int SECONDS = Integer.getInteger("w1.seconds", 4);
    private static final int PAGE_ROWS = 50;
    private static final String COLUMNS = """
            select r.number,
                   case when r.state in ('SUBMITTED', 'CHANGES_REQUESTED') and r.lapses_at <= now() then 'LAPSED' else r.state end as state,
                   r.sentence, r.requester_name, r.submitted_at
            from access_request r
            """;

    private final BenchPortal portal;
    private final Fixtures.TestTenant tenant;
    private final String database;

    private ListPageBench(BenchPortal portal) {
        this.portal = portal;
        this.tenant = portal.bean(Fixtures.class).tenant();
        String url = portal.property("spring.datasource.url");
        this.database = url.substring(url.lastIndexOf('/') + 1);
    }

    public static void main(String[] arguments) throws Exception {
        try (BenchPortal portal = BenchPortal.start(Map.of("spring.task.scheduling.enabled", "false"))) {
            new ListPageBench(portal).run();
        }
        System.exit(0);
    }

    private void run() throws Exception {
        long few = ROWS / 100;
        System.out.printf(Locale.ROOT, "filled %d rows in %.1f s%n", few, ManyRequests.fill(() -> TestDatabase.server().connect(database), tenant, 0, few));
        List<BenchBrowser> people = new ArrayList<>();
        for (int i = 0; i < PEOPLE; i++) {
            people.add(BenchBrowser.signIn(portal.url(), "engineer@" + tenant.tenant().slug(), "engineer password"));
        }
        pages(portal.url(), people, 10, few);
        Spread atFew = latency(people.getFirst(), "/requests");
        System.out.printf(Locale.ROOT, "filled %d rows in %.1f s%n", ROWS, ManyRequests.fill(() -> TestDatabase.server().connect(database), tenant, few, ROWS));
        Spread atAll = latency(people.getFirst(), "/requests");
        // Page 10,000 begins after 499,950 rows; where the tenant has fewer, it is the last page.
        long newest = ROWS / 20;
        long deepest = Math.max(PAGE_ROWS + 2, newest - 9_999L * PAGE_ROWS + 1);
        Spread deep = latency(people.getFirst(), "/requests?before=" + deepest);
        Spread first = latency(people.getFirst(), "/requests");
        System.out.println("page 1, a hundredth of the rows, ms: " + atFew);
        System.out.println("page 1, all rows, ms:                " + atAll);
        System.out.println("page " + ((newest - deepest) / PAGE_ROWS + 1) + ", all rows, ms:           " + deep);
        double[] ours = new double[ROUNDS];
        double[] ratios = new double[ROUNDS];
        boolean pgbench = Files.isExecutable(Path.of("/usr/bin/pgbench"));
        for (int round = 0; round < ROUNDS; round++) {
            double raw = pgbench ? pgbench(newest) : raw(newest);
            ours[round] = pages(portal.url(), people, SECONDS, newest);
            ratios[round] = ours[round] / raw;
            System.out.printf(Locale.ROOT, "round %d: %.0f pages/s, raw %s %.0f pages/s, ratio %.3f%n", round + 1, ours[round], pgbench ? "pgbench" : "JDBC", raw, ratios[round]);
        }
        double rls = rls(newest);
        Spread ratio = new Spread(ratios);
        double pages = new Spread(ours).median();
        double rows = atAll.at(0.99) / atFew.at(0.99);
        double depth = deep.at(0.99) / first.at(0.99);
        for (BenchBrowser person : people) {
            person.close();
        }
        System.out.println("ratios: " + ratio);
        System.out.printf(Locale.ROOT, "W1 %.0f/s %.3f %s%n", pages, ratio.median(), pages >= 1000 && ratio.median() >= 0.25 ? "met" : "missed");
        System.out.printf(Locale.ROOT, "W3 %.2fms rows %.2f depth %.2f %s%n", atAll.at(0.99), rows, depth, rows <= 1.2 && depth <= 1.2 ? "met" : "missed");
        System.out.printf(Locale.ROOT, "W4 %.2f %.2f %s%n", rls, rls, rls <= 1.10 ? "met" : "missed");
    }

    private static Spread latency(BenchBrowser person, String path) throws Exception {
        long rows = Pattern.compile("<li>\\s*<a dir=\"auto\" href=\"/requests/[0-9]+\"").matcher(person.get(path).body()).results().count();
        if (rows != PAGE_ROWS) {
            throw new IllegalStateException(path + " shows " + rows + " rows");
        }
        for (int i = 0; i < 200; i++) {
            person.get(path);
        }
        double[] millis = new double[1000];
        for (int i = 0; i < millis.length; i++) {
            long start = System.nanoTime();
            int status = person.get(path).statusCode();
            millis[i] = (System.nanoTime() - start) / 1e6;
            if (status != 200) {
                throw new IllegalStateException(path + " answers " + status);
            }
        }
        return new Spread(millis);
    }

    /// Pages a second that all people together get, each beginning anywhere in the list.
    private static double pages(String portal, List<BenchBrowser> people, int seconds, long newest) throws Exception {
        List<Callable<Long>> loops = new ArrayList<>();
        for (BenchBrowser person : people) {
            loops.add(() -> {
                try (PageSocket pages = new PageSocket(portal, person.cookie())) {
                    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
                    long count = 0;
                    for (long at = newest; System.nanoTime() < end; count++, at = at * 31 % newest + PAGE_ROWS + 2) {
                        if (pages.get("/requests?before=" + at) != 200) {
                            throw new IllegalStateException("a page failed");
                        }
                    }
                    return count;
                }
            });
        }
        return sum(loops) / seconds;
    }

    private double pgbench(long newest) throws Exception {
        Path script = Files.createTempFile("page", ".sql");
        Files.writeString(script, "\\set before random(" + (PAGE_ROWS + 2) + ", " + newest + ")\nbegin;\nselect set_config('app.tenant', '" + tenant.tenant().id() + "', true);\n"
                + COLUMNS.replace("\n", " ") + " where r.number < :before order by r.number desc limit 51;\ncommit;\n");
        Process process = new ProcessBuilder("/usr/bin/pgbench", "-h", "127.0.0.1", "-p", Integer.toString(TestDatabase.server().port()), "-U", EmbeddedDatabase.APP,
                "-n", "-M", "prepared", "-c", Integer.toString(PEOPLE), "-j", "2", "-T", Integer.toString(SECONDS), "-f", script.toString(), database)
                .redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        process.waitFor(60, TimeUnit.SECONDS);
        Files.delete(script);
        Matcher tps = Pattern.compile("tps = ([0-9.]+)").matcher(said);
        if (!tps.find()) {
            throw new IllegalStateException("pgbench says: " + said);
        }
        return Double.parseDouble(tps.group(1));
    }

    private double raw(long newest) throws Exception {
        List<Callable<Long>> loops = new ArrayList<>();
        for (int i = 0; i < PEOPLE; i++) {
            loops.add(() -> {
                try (Connection connection = DriverManager.getConnection(TestDatabase.server().url(database), EmbeddedDatabase.APP, "")) {
                    return statements(connection, COLUMNS + "where r.number < ? order by r.number desc limit 51", newest, SECONDS);
                }
            });
        }
        return sum(loops) / SECONDS;
    }

    /// How much longer a page takes under row-level security than with a WHERE; one connection each, in turns.
    private double rls(long newest) throws Exception {
        double[] ratios = new double[ROUNDS];
        try (Connection under = DriverManager.getConnection(TestDatabase.server().url(database), EmbeddedDatabase.APP, "");
                Connection over = TestDatabase.server().connect(database)) {
            String where = COLUMNS + "where r.tenant_id = '" + tenant.tenant().id() + "' and r.number < ? order by r.number desc limit 51";
            for (int round = -1; round < ROUNDS; round++) {
                double free = statements(over, where, newest, 2);
                double secured = statements(under, COLUMNS + "where r.number < ? order by r.number desc limit 51", newest, 2);
                if (round >= 0) {
                    ratios[round] = free / secured;
                }
            }
        }
        System.out.println("page under row-level security to page with WHERE, time: " + new Spread(ratios));
        return new Spread(ratios).median();
    }

    private long statements(Connection connection, String sql, long newest, int seconds) throws SQLException {
        connection.setAutoCommit(false);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        long count = 0;
        try (PreparedStatement set = connection.prepareStatement("select set_config('app.tenant', ?, true)"); PreparedStatement page = connection.prepareStatement(sql)) {
            for (long at = newest; System.nanoTime() < end; count++, at = at * 31 % newest + PAGE_ROWS + 2) {
                set.setString(1, tenant.tenant().id().toString());
                set.execute();
                page.setLong(1, at);
                try (ResultSet rows = page.executeQuery()) {
                    while (rows.next()) {
                        rows.getString(3);
                    }
                }
                connection.commit();
            }
        }
        return count;
    }

    private static double sum(List<Callable<Long>> loops) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(loops.size())) {
            double sum = 0;
            for (Future<Long> loop : threads.invokeAll(loops)) {
                sum += loop.get();
            }
            return sum;
        }
    }
}
