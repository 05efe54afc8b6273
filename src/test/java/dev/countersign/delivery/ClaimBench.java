package dev.countersign.delivery;

import dev.countersign.bench.BenchPortal;
import dev.countersign.bench.Spread;
import dev.countersign.clusters.ClusterObject;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.portal.Approvals;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.ShopFixture;
import dev.countersign.portal.TestDatabase;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.TenantId;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.context.SmartLifecycle;

/// The ledger of deliveries as a queue, without any cluster: claims of 32, as the loop claims them.
///
/// - Q1: jobs claimed, begun and finished a second by eight workers, each with its attempt and its entry of the record, what was claimed
///   together in one transaction as by couriers who wait for the database (`Together`), against a raw loop of eight connections that
///   claims 32 rows at a time with SKIP LOCKED and finishes each by an update of its own, in turns.
/// - Q4: how long a claim takes with `-Dq4.timers=200000` (the target's five million) others that are due in an hour, against none, after
///   the churn of the first part.
///
/// `-Dq1.seconds=5` a turn; fsync is off for both. Last line: `Q1 jobs/s, ratio, verdict` or `Q4 p99, ratio, verdict`.
public final class ClaimBench {
    private static final boolean QUICK = Boolean.getBoolean("bench.quick");
    private static final int SECONDS = Integer.getInteger("q1.seconds", QUICK ? 2 : 5);
    private static final int TIMERS = Integer.getInteger("q4.timers", QUICK ? 10_000 : 200_000);
    private static final int ROUNDS = QUICK ? 2 : 5;
    private static final int WORKERS = 8;
    private static final int BATCH = 32;
    private static final int JOBS = 20_000;

    private final BenchPortal portal;
    private final Fixtures.TestTenant tenant;
    private final ClusterRef cluster;
    private final String url;
    private final Connection look;

    private ClaimBench(BenchPortal portal, Fixtures.TestTenant tenant, ClusterRef cluster, Connection look) {
        this.portal = portal;
        this.tenant = tenant;
        this.cluster = cluster;
        this.look = look;
        url = portal.property("spring.datasource.url");
    }

    public static void main(String[] arguments) throws Exception {
        try (BenchPortal portal = BenchPortal.start(Map.of("countersign.catalog.watch", "false", "countersign.delivery.replan", "1h"))) {
            Fixtures.TestTenant tenant = portal.bean(Fixtures.class).tenant();
            String url = portal.property("spring.datasource.url");
            try (ShopFixture.Shop shop = portal.bean(ShopFixture.class).open(tenant);
                    Connection look = TestDatabase.server().connect(url.substring(url.lastIndexOf('/') + 1))) {
                ClaimBench bench = new ClaimBench(portal, tenant, shop.ref(), look);
                bench.prepare();
                if (arguments[0].equals("Q1")) {
                    bench.rate();
                } else {
                    bench.backlog();
                }
            }
        }
        System.exit(0);
    }

    /// One real policy and its copies; nobody delivers them.
    private void prepare() throws Exception {
        portal.bean(Approvals.class).approve(tenant, "order-service", "payment-service", "/api/v1/things/*");
        for (int i = 0; i < 600 && number("select count(*) from policy_object where tenant_id = ? and state = 'APPLIED'") == 0; i++) {
            Thread.sleep(50);
        }
        portal.context().getBean("deliveryLoop", SmartLifecycle.class).stop();
        copies("job-", JOBS, "null");
        look.createStatement().execute("create table raw_job (id bigint primary key, tenant_id uuid not null, due_at timestamptz, lease_until timestamptz, fence bigint not null default 0, body text not null)");
        look.createStatement().execute("create index raw_job_due on raw_job (tenant_id, due_at) where due_at is not null");
        look.createStatement().execute("insert into raw_job (id, tenant_id, due_at, body) select i, '" + tenant.tenant().id() + "', null, repeat('x', 800) from generate_series(1, " + JOBS + ") i");
        look.createStatement().execute("grant all on raw_job to countersign_app");
        look.createStatement().execute("vacuum analyze");
    }

    private void copies(String name, int count, String due) throws Exception {
        for (String insert : List.of("""
                        insert into policy_object (tenant_id, cluster_id, namespace, name, workload, desired_revision, desired_content, state, due_at)
                        select tenant_id, cluster_id, namespace, '%s' || i, workload, desired_revision, desired_content, 'WAITING', %s
                        from policy_object, generate_series(1, %d) i
                        where tenant_id = ? and name = 'countersign-payment-service'""".formatted(name, due, count), """
                        insert into revision (tenant_id, cluster_id, namespace, name, number, content, yaml, rules, grant_ids, request_numbers)
                        select tenant_id, cluster_id, namespace, '%s' || i, number, content, yaml, rules, grant_ids, request_numbers
                        from revision, generate_series(1, %d) i
                        where tenant_id = ? and name = 'countersign-payment-service'""".formatted(name, count))) {
            try (PreparedStatement statement = look.prepareStatement(insert)) {
                statement.setObject(1, tenant.tenant().id().value());
                statement.executeUpdate();
            }
        }
    }

    private void rate() throws Exception {
        double[] ratios = new double[ROUNDS];
        double[] rates = new double[ROUNDS];
        for (int round = -1; round < ROUNDS; round++) {
            double raw = raw();
            double ours = ours();
            if (round < 0) {
                portal.analyze();
            }
            System.out.printf(Locale.ROOT, "round %d: raw %.0f jobs/s, ledger %.0f jobs/s, ratio %.3f%n", round, raw, ours, ours / raw);
            if (round >= 0) {
                ratios[round] = ours / raw;
                rates[round] = ours;
            }
        }
        double rate = new Spread(rates).median();
        System.out.println("ratios: " + new Spread(ratios));
        System.out.printf(Locale.ROOT, "Q1 %.0f/s %.2f %s%n", rate, new Spread(ratios).median(), rate >= 5_000 && new Spread(ratios).median() >= 0.8 ? "met" : "missed");
    }

    private double ours() throws Exception {
        look.createStatement().execute("update policy_object set due_at = now(), lease_until = null, state = 'WAITING', applied_revision = null, applied_at = null, uid = null where name like 'job-%'");
        DeliveryLedger ledger = portal.bean(DeliveryLedger.class);
        ClusterObject object = new ClusterObject(Map.of("metadata", Map.of("name", "job", "namespace", "production", "uid", "0198f1c2-7c44-7e11-9a11-000000000001",
                "resourceVersion", "17", "generation", 1L)));
        AtomicLong all = new AtomicLong();
        return work(end -> {
            while (System.nanoTime() < end && all.get() < JOBS) {
                List<Consignment> claimed = CurrentTenant.call(tenant.tenant().id(), () -> ledger.claim(BATCH, Integer.MAX_VALUE, Map.of()));
                Set<PolicyKey> begun = CurrentTenant.call(tenant.tenant().id(), () -> ledger.begin(claimed));
                List<Outcomes.Outcome> outcomes = claimed.stream().filter(one -> begun.contains(one.key()))
                        .map(one -> new Outcomes.Outcome(cluster, one, new Receipt.Delivered(Receipt.Delivered.How.APPLIED, object, List.of()))).toList();
                all.addAndGet((int) CurrentTenant.call(tenant.tenant().id(), () -> portal.bean(Outcomes.class).record(outcomes)).stream().filter(Optional.of(true)::equals).count());
            }
        }, all);
    }

    private double raw() throws Exception {
        look.createStatement().execute("update raw_job set due_at = now(), lease_until = null");
        TenantId id = tenant.tenant().id();
        AtomicLong all = new AtomicLong();
        return work(end -> {
            try (Connection connection = DriverManager.getConnection(url, "countersign_app", "");
                    PreparedStatement claim = connection.prepareStatement("""
                            with due as (select id from raw_job where tenant_id = ? and due_at <= now() and (lease_until is null or lease_until < now())
                                         order by due_at limit ? for update skip locked)
                            update raw_job j set lease_until = now() + interval '5 s', fence = fence + 1 from due where due.id = j.id returning j.id, j.fence, j.body""");
                    PreparedStatement finish = connection.prepareStatement("update raw_job set due_at = null, lease_until = null where id = ? and fence = ?")) {
                while (System.nanoTime() < end && all.get() < JOBS) {
                    claim.setObject(1, id.value());
                    claim.setInt(2, BATCH);
                    List<long[]> claimed = new ArrayList<>();
                    try (ResultSet rows = claim.executeQuery()) {
                        while (rows.next()) {
                            claimed.add(new long[] {rows.getLong(1), rows.getLong(2)});
                        }
                    }
                    for (long[] one : claimed) {
                        finish.setLong(1, one[0]);
                        finish.setLong(2, one[1]);
                        all.addAndGet(finish.executeUpdate());
                    }
                }
            }
        }, all);
    }

    private interface Work {
        void until(long end) throws Exception;
    }

    /// Jobs a second, until the time is over or all are `done`.
    private static double work(Work work, AtomicLong done) throws Exception {
        long start = System.nanoTime();
        long end = start + SECONDS * 1_000_000_000L;
        try (ExecutorService workers = Executors.newFixedThreadPool(WORKERS)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < WORKERS; i++) {
                all.add(workers.submit(() -> {
                    work.until(end);
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        return done.get() / ((System.nanoTime() - start) / 1e9);
    }

    private void backlog() throws Exception {
        ours();
        portal.analyze();
        Spread without = claims();
        copies("timer-", TIMERS, "now() + interval '1 hour' + i * interval '1 ms'");
        look.createStatement().execute("analyze policy_object");
        ours();
        double[] ratios = new double[ROUNDS];
        List<Double> full = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            Spread with = claims();
            // The same table without the timers being due at all, in the same run.
            look.createStatement().execute("update policy_object set due_at = null where name like 'timer-%'");
            Spread empty = claims();
            look.createStatement().execute("update policy_object set due_at = now() + interval '1 hour' where name like 'timer-%'");
            System.out.printf(Locale.ROOT, "round %d: %d timers ms %s; none ms %s%n", round, TIMERS, with, empty);
            ratios[round] = with.at(0.99) / empty.at(0.99);
            full.add(with.at(0.99));
        }
        System.out.println("before there was any timer, ms: " + without);
        System.out.println("ratios: " + new Spread(ratios));
        System.out.printf(Locale.ROOT, "Q4 %.1fms %.2f %s%n", new Spread(full.stream().mapToDouble(Double::doubleValue).toArray()).median(), new Spread(ratios).median(),
                new Spread(ratios).median() <= 1.3 ? "met" : "missed");
    }

    /// Claims of 32 while `JOBS` are due, each given back.
    private Spread claims() throws Exception {
        DeliveryLedger ledger = portal.bean(DeliveryLedger.class);
        look.createStatement().execute("update policy_object set due_at = now(), lease_until = null where name like 'job-%' and substr(name, 5)::int <= 500");
        double[] millis = new double[QUICK ? 30 : 100];
        for (int i = -10; i < millis.length; i++) {
            long start = System.nanoTime();
            int claimed = CurrentTenant.call(tenant.tenant().id(), () -> ledger.claim(BATCH, Integer.MAX_VALUE, Map.of())).size();
            if (i >= 0) {
                millis[i] = (System.nanoTime() - start) / 1e6;
            }
            if (claimed != BATCH) {
                throw new IllegalStateException("claimed " + claimed);
            }
            look.createStatement().execute("update policy_object set lease_until = null where lease_until is not null");
        }
        look.createStatement().execute("update policy_object set due_at = null where name like 'job-%'");
        return new Spread(millis);
    }

    private long number(String sql) throws Exception {
        try (PreparedStatement statement = look.prepareStatement(sql)) {
            statement.setObject(1, tenant.tenant().id().value());
            ResultSet row = statement.executeQuery();
            row.next();
            return row.getLong(1);
        }
    }
}
