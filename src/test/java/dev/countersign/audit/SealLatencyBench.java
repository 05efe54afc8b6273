package dev.countersign.audit;

import dev.countersign.bench.BenchPortal;
import dev.countersign.bench.Spread;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.Tenants;
import dev.countersign.portal.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/// L2: two replicas in this process over one database; 32 writers, half of them at each, append to 32 tenants as fast as they can, each
/// entry in a transaction of its own. How long from the time in the entry until a signed checkpoint over it can be read by another
/// connection, which looks every ten milliseconds? The order is one for each tenant (house.md), not one over all, and fsync is off.
///
/// No two checkpoints of a tenant over the same size can exist (a key forbids it), and each is signed only over an extension of the one
/// before; a replica that finds otherwise stops, which is printed. `-Dl2.seconds=20` after `-Dl2.warmup=10` that are printed apart: the
/// first seconds are those of a process that has just started, over tables that nobody has analysed. No peer: the ratio is to 500 ms. Last
/// line: `L2 p99, ratio, verdict`.
public final class SealLatencyBench {
    private static final int SECONDS = Integer.getInteger("l2.seconds", Boolean.getBoolean("bench.quick") ? 5 : 20);
    private static final int WARM_UP = Integer.getInteger("l2.warmup", Boolean.getBoolean("bench.quick") ? 2 : 10);
    private static final int TENANTS = 32;

    private final List<Tenant> tenants = new ArrayList<>();
    /// By tenant: what was seen when, in microseconds and entries.
    private final Map<UUID, List<long[]>> seen = new HashMap<>();

    private SealLatencyBench() {}

    public static void main(String[] arguments) throws Exception {
        try (BenchPortal one = BenchPortal.start(Map.of("spring.datasource.hikari.maximum-pool-size", "24", "countersign.delivery.sweep", "30s"));
                BenchPortal two = BenchPortal.beside(one, Map.of("spring.datasource.hikari.maximum-pool-size", "24", "countersign.delivery.sweep", "30s"))) {
            new SealLatencyBench().run(one, two);
        }
        System.exit(0);
    }

    private void run(BenchPortal one, BenchPortal two) throws Exception {
        for (int i = 0; i < TENANTS; i++) {
            tenants.add(one.bean(Tenants.class).found("sealed-" + i, "Sealed " + i));
            seen.put(tenants.getLast().id().value(), new ArrayList<>());
        }
        String url = one.property("spring.datasource.url");
        AtomicLong appended = new AtomicLong();
        long warm = System.nanoTime() + WARM_UP * 1_000_000_000L;
        long end = warm + SECONDS * 1_000_000_000L;
        long begun = 0;
        try (ExecutorService writers = Executors.newFixedThreadPool(TENANTS); Connection look = TestDatabase.server().connect(url.substring(url.lastIndexOf('/') + 1))) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < TENANTS; i++) {
                BenchPortal portal = i % 2 == 0 ? one : two;
                Tenant tenant = tenants.get(i / 2 * 2 + (i / 2 + i) % 2);
                all.add(writers.submit(() -> append(portal, tenant, end, appended)));
            }
            while (System.nanoTime() < end) {
                if (begun == 0 && System.nanoTime() >= warm) {
                    one.analyze();
                    begun = now(look);
                }
                look(look);
                Thread.sleep(10);
            }
            for (Future<?> writer : all) {
                writer.get();
            }
            for (int i = 0; i < 500 && sealed() < appended.get(); i++) {
                look(look);
                Thread.sleep(10);
            }
            judge(look, begun, appended.get(), one, two);
        }
    }

    private static Void append(BenchPortal portal, Tenant tenant, long end, AtomicLong appended) {
        AuditLog log = portal.bean(AuditLog.class);
        Tenants tenants = portal.bean(Tenants.class);
        while (System.nanoTime() < end) {
            tenants.inTenant(tenant.id(), () -> log.append(new AuditEvent("cluster.benched", Actor.system("bench"), new Subject("cluster", "demo"), "benched cluster demo",
                    Map.of("words", "Fine as it is, for ninety days. ".repeat(8)))));
            appended.incrementAndGet();
        }
        return null;
    }

    private void look(Connection look) throws Exception {
        try (ResultSet row = look.createStatement().executeQuery(
                "select t.id, (extract(epoch from clock_timestamp()) * 1000000)::bigint, (select max(size) from audit_checkpoint c where c.tenant_id = t.id) from tenant t where t.slug like 'sealed-%'")) {
            while (row.next()) {
                List<long[]> known = seen.get(row.getObject(1, UUID.class));
                long size = row.getLong(3);
                if (size > 0 && (known.isEmpty() || known.getLast()[1] < size)) {
                    known.add(new long[] {row.getLong(2), size});
                }
            }
        }
    }

    private long sealed() {
        return seen.values().stream().filter(known -> !known.isEmpty()).mapToLong(known -> known.getLast()[1]).sum();
    }

    /// Microseconds since 1970 by the database's clock.
    private static long now(Connection look) throws Exception {
        try (ResultSet row = look.createStatement().executeQuery("select (extract(epoch from clock_timestamp()) * 1000000)::bigint")) {
            row.next();
            return row.getLong(1);
        }
    }

    private void judge(Connection look, long begun, long appended, BenchPortal... portals) throws Exception {
        List<Double> waits = new ArrayList<>();
        List<Double> cold = new ArrayList<>();
        for (Tenant tenant : tenants) {
            List<long[]> known = seen.get(tenant.id().value());
            int at = 0;
            try (ResultSet row = look.createStatement().executeQuery(
                    "select seq, (extract(epoch from at) * 1000000)::bigint from audit_entry where tenant_id = '" + tenant.id() + "' order by seq")) {
                while (row.next()) {
                    while (at < known.size() && known.get(at)[1] < row.getLong(1)) {
                        at++;
                    }
                    if (at < known.size()) {
                        (row.getLong(2) < begun ? cold : waits).add((known.get(at)[0] - row.getLong(2)) / 1e3);
                    }
                }
            }
        }
        long stopped = 0;
        for (BenchPortal portal : portals) {
            stopped += tenants.stream().filter(tenant -> dev.countersign.tenancy.CurrentTenant.call(tenant.id(), () -> portal.bean(RecordState.class).stopped().isPresent())).count();
        }
        Spread spread = new Spread(waits.stream().mapToDouble(Double::doubleValue).toArray());
        System.out.printf(Locale.ROOT, "%d entries, %d of them sealed and timed, %d after the first %d s at %.0f/s; %d records found broken%n",
                appended, waits.size() + cold.size(), waits.size(), WARM_UP, (double) waits.size() / SECONDS, stopped);
        System.out.println("from the entry to its checkpoint at first, ms: " + new Spread(cold.stream().mapToDouble(Double::doubleValue).toArray()));
        System.out.println("from the entry to its checkpoint then, ms: " + spread);
        System.out.printf(Locale.ROOT, "L2 %.0fms %.2f %s%n", spread.at(0.99), spread.at(0.99) / 500,
                spread.at(0.99) <= 500 && stopped == 0 && waits.size() + cold.size() == appended ? "met" : "missed");
    }
}
