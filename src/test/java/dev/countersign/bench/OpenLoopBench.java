package dev.countersign.bench;

import dev.countersign.portal.Fixtures;
import dev.countersign.portal.TestDatabase;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// W2: pages asked for at fixed moments, whether or not the ones before were answered; each waits from the moment when it was
/// due, so that a pause of the portal counts against every page that fell into it. The list of requests over `-Dw2.rows=200000`, anywhere in
/// it, by eight people with sessions; generator, portal and database share the machine.
///
/// `-Dw2.rate=300` pages a second for `-Dw2.seconds=30` (the target's ten minutes: 600). Last line: `W2 p99/p99.9, ratio of p99 to 20 ms, verdict`.
public final class OpenLoopBench {
    private static final boolean QUICK = Boolean.getBoolean("bench.quick");
    private static final long ROWS = Long.getLong("w2.rows", QUICK ? 20_000 : 200_000);
    private static final int RATE = Integer.getInteger("w2.rate", 300);
    private static final int SECONDS = Integer.getInteger("w2.seconds", QUICK ? 5 : 30);
    private static final int PEOPLE = 8;
    private static final int PAGE_ROWS = 50;

    private OpenLoopBench() {}

    public static void main(String[] arguments) throws Exception {
        try (BenchPortal portal = BenchPortal.start(Map.of())) {
            run(portal);
        }
        System.exit(0);
    }

    private static void run(BenchPortal portal) throws Exception {
        Fixtures.TestTenant tenant = portal.bean(Fixtures.class).tenant();
        String url = portal.property("spring.datasource.url");
        String database = url.substring(url.lastIndexOf('/') + 1);
        ManyRequests.fill(() -> TestDatabase.server().connect(database), tenant, 0, ROWS);
        List<BenchBrowser> people = new ArrayList<>();
        for (int i = 0; i < PEOPLE; i++) {
            people.add(BenchBrowser.signIn(portal.url(), "engineer@" + tenant.tenant().slug(), "engineer password"));
        }
        long newest = ROWS / 20;
        for (int rate : new int[] {RATE / 4, RATE / 2, RATE}) {
            load(people, rate, Math.max(3, SECONDS / 6), newest);
        }
        Loaded loaded = load(people, RATE, SECONDS, newest);
        Spread waits = new Spread(loaded.millis());
        long kept = transactionsLeftOpen(database);
        System.out.printf(Locale.ROOT, "%d pages at %d/s, done at %.0f/s: ms %s, p99.9 %.1f; %d errors, at most %d under way, %d transactions left open%n",
                loaded.millis().length, RATE, loaded.rate(), waits, waits.at(0.999), loaded.errors(), loaded.most(), kept);
        System.out.printf(Locale.ROOT, "W2 %.1fms/%.1fms %.2f %s%n", waits.at(0.99), waits.at(0.999), waits.at(0.99) / 20,
                waits.at(0.99) <= 20 && waits.at(0.999) <= 60 && loaded.errors() == 0 && kept == 0 ? "met" : "missed");
    }

    /// Of the portal's connections, those that are still in a transaction when a second has passed without a page.
    private static long transactionsLeftOpen(String database) throws Exception {
        Thread.sleep(1_000);
        try (Connection look = TestDatabase.server().connect(database);
                ResultSet row = look.createStatement().executeQuery("select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'")) {
            row.next();
            return row.getLong(1);
        }
    }

    private record Loaded(double[] millis, double rate, int errors, int most) {}

    private static Loaded load(List<BenchBrowser> people, int rate, int seconds, long newest) throws Exception {
        int all = rate * seconds;
        double[] millis = new double[all];
        AtomicInteger errors = new AtomicInteger();
        AtomicInteger underWay = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Semaphore done = new Semaphore(0);
        long start = System.nanoTime();
        try (ExecutorService pages = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < all; i++) {
                long due = start + i * 1_000_000_000L / rate;
                while (System.nanoTime() < due) {
                    LockSupport.parkNanos(due - System.nanoTime());
                }
                int mine = i;
                pages.submit(() -> {
                    most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
                    try {
                        long before = (mine * 7_919L) % Math.max(1, newest - PAGE_ROWS - 2) + PAGE_ROWS + 2;
                        HttpResponse<String> answer = people.get(mine % PEOPLE).get("/requests?before=" + before);
                        if (answer.statusCode() != 200) {
                            errors.incrementAndGet();
                        }
                    } catch (Exception failed) {
                        errors.incrementAndGet();
                    } finally {
                        millis[mine] = (System.nanoTime() - due) / 1e6;
                        underWay.decrementAndGet();
                        done.release();
                    }
                });
            }
            done.acquire(all);
        }
        return new Loaded(Arrays.copyOf(millis, all), all / ((System.nanoTime() - start) / 1e9), errors.get(), most.get());
    }
}
