package dev.countersign.bench;

import dev.countersign.audit.Actor;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.requests.RequestProgress;
import dev.countersign.tenancy.Tenants;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Q6: grants that end at moments of their own, spread over half a minute: how late is the end written down, and how late does the
/// cluster hold a policy without them; does any end early? By the database's clock alone.
///
/// `-Dq6.grants=100` (the target's million). No clock is made to jump: that no decision asks the clock of its machine is `HouseTests`'
/// matter. Last line: `Q6 p99 of the end, ratio to 250 ms, verdict`.
public final class TimerBench {
    private static final int GRANTS = Integer.getInteger("q6.grants", Boolean.getBoolean("bench.quick") ? 20 : 200);
    private static final int SPREAD_SECONDS = 30;

    private TimerBench() {}

    public static void main(String[] arguments) throws Exception {
        try (BenchPortal portal = BenchPortal.start(Map.of("countersign.catalog.watch", "false", "countersign.delivery.replan", "1h"));
                Fleet fleet = Fleet.open(portal, 1, GRANTS, false)) {
            run(portal, fleet);
        }
        System.exit(0);
    }

    private static void run(BenchPortal portal, Fleet fleet) throws Exception {
        RequestProgress progress = portal.bean(RequestProgress.class);
        long begun = System.nanoTime();
        List<Long> numbers = new ArrayList<>();
        // Long enough that all are approved before the first ends.
        Instant first = Instant.now().truncatedTo(ChronoUnit.SECONDS).plusSeconds(20 + GRANTS);
        for (int i = 0; i < GRANTS; i++) {
            long number = fleet.submit(List.of("cluster-0"), fleet.services.get(i), "/timed/*", new GrantPeriod.Until(first.plusSeconds(i % SPREAD_SECONDS)));
            portal.bean(Tenants.class).doInTenant(fleet.tenant.tenant().id(), () -> progress.approved(progress.lock(number).orElseThrow(), Actor.system("bench")));
            numbers.add(number);
        }
        fleet.awaitApplied();
        System.out.printf(Locale.ROOT, "%d grants made and delivered in %.0f s; the first ends in %d s%n", numbers.size(), (System.nanoTime() - begun) / 1e9,
                ChronoUnit.SECONDS.between(Instant.now(), first));
        Thread.sleep(java.time.Duration.between(Instant.now(), first.plusSeconds(SPREAD_SECONDS)));
        for (int i = 0; i < 300 && fleet.number("select count(*) from grant_end where tenant_id = ?") < GRANTS; i++) {
            Thread.sleep(100);
        }
        fleet.awaitApplied();
        List<Double> ends = new ArrayList<>();
        List<Double> cluster = new ArrayList<>();
        try (PreparedStatement statement = fleet.look().prepareStatement("""
                select extract(epoch from e.at - g.ends_at) * 1000, extract(epoch from o.applied_at - g.ends_at) * 1000
                from access_grant g
                join grant_end e on (e.tenant_id, e.grant_id) = (g.tenant_id, g.id)
                join policy_object o on (o.tenant_id, o.cluster_id, o.namespace, o.workload) = (g.tenant_id, g.cluster_id, g.namespace, g.workload)
                where g.tenant_id = ?""")) {
            statement.setObject(1, fleet.tenant.tenant().id().value());
            ResultSet row = statement.executeQuery();
            while (row.next()) {
                ends.add(row.getDouble(1));
                cluster.add(row.getDouble(2));
            }
        }
        Spread late = new Spread(ends.stream().mapToDouble(Double::doubleValue).toArray());
        long early = ends.stream().filter(one -> one < 0).count() + cluster.stream().filter(one -> one < 0).count();
        System.out.printf(Locale.ROOT, "%d of %d ended, %d early%n", ends.size(), GRANTS, early);
        System.out.println("written down after the end, ms: " + late);
        System.out.println("out of the cluster after, ms:   " + new Spread(cluster.stream().mapToDouble(Double::doubleValue).toArray()));
        System.out.printf(Locale.ROOT, "Q6 %.0fms %.2f %s%n", late.at(0.99), late.at(0.99) / 250, late.at(0.99) <= 250 && early == 0 && ends.size() == GRANTS ? "met" : "missed");
    }
}
