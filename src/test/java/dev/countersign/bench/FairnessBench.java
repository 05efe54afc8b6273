package dev.countersign.bench;

import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Q5: a tenant with many policies that are due, all of one cluster that is slow to answer, and another tenant whose approvals are
/// to reach its own cluster all the same: how long from the approval to the cluster, with that neighbour idle and busy, in turns?
///
/// `-Dq5.due=20000` policies (the target's million), copies of one that the cluster refuses after 50 ms. `-Dq5.approvals=40` a round. Last
/// line: `Q5 p99 beside the busy one, ratio to beside the idle one, verdict`.
public final class FairnessBench {
    private static final boolean QUICK = Boolean.getBoolean("bench.quick");
    private static final int DUE = Integer.getInteger("q5.due", QUICK ? 1_000 : 20_000);
    private static final int APPROVALS = Integer.getInteger("q5.approvals", QUICK ? 10 : 40);
    private static final int ROUNDS = QUICK ? 2 : 5;
    private static final int SERVICES = 20;

    private FairnessBench() {}

    public static void main(String[] arguments) throws Exception {
        try (BenchPortal portal = BenchPortal.start(Map.of("countersign.clusters.requests-per-second", "100000", "countersign.catalog.watch", "false", "countersign.delivery.replan", "1h", "logging.level.dev.countersign.delivery", "off"));
                Fleet busy = Fleet.open(portal, 1, 1, false);
                Fleet other = Fleet.open(portal, 1, SERVICES, false)) {
            run(busy, other);
        }
        System.exit(0);
    }

    private static void run(Fleet busy, Fleet other) throws Exception {
        busy.approve("service-0", "/things/*");
        busy.awaitApplied();
        crowd(busy);
        double[] ratios = new double[ROUNDS];
        List<Double> beside = new ArrayList<>();
        for (int round = -1; round < ROUNDS; round++) {
            Spread idle = approvals(other, "idle-" + (round + 1));
            // No breaker ends the work of the crowd: the cluster answers, slowly, and takes what it is given.
            var slow = busy.members.getFirst().cluster().faults().on("*", "*").delay(java.time.Duration.ofMillis(50));
            due(busy, "now()");
            Spread crowded = approvals(other, "busy-" + (round + 1));
            long left = busy.number("select count(*) from policy_object where tenant_id = ? and due_at <= now()");
            due(busy, "null");
            slow.close();
            Thread.sleep(1_000);
            System.out.printf(Locale.ROOT, "round %d: idle ms %s; busy ms %s; %d of %d still due%n", round, idle, crowded, left, DUE);
            if (round >= 0) {
                ratios[round] = crowded.at(0.99) / idle.at(0.99);
                beside.add(crowded.at(0.99));
            }
        }
        double p99 = new Spread(beside.stream().mapToDouble(Double::doubleValue).toArray()).median();
        System.out.println("ratios: " + new Spread(ratios));
        System.out.printf(Locale.ROOT, "Q5 %.0fms %.2f %s%n", p99, new Spread(ratios).median(), new Spread(ratios).median() <= 2 ? "met" : "missed");
    }

    /// Copies of the policy that is there, under other names, not due.
    private static void crowd(Fleet busy) throws Exception {
        try (PreparedStatement revisions = busy.look().prepareStatement("""
                        insert into revision (tenant_id, cluster_id, namespace, name, number, content, yaml, rules, grant_ids, request_numbers)
                        select tenant_id, cluster_id, namespace, 'crowd-' || i, number, content, replace(yaml, 'countersign-service-0', 'crowd-' || i), rules, grant_ids, request_numbers
                        from revision, generate_series(1, ?) i
                        where tenant_id = ?""");
                PreparedStatement objects = busy.look().prepareStatement("""
                        insert into policy_object (tenant_id, cluster_id, namespace, name, workload, desired_revision, desired_content, state)
                        select tenant_id, cluster_id, namespace, 'crowd-' || i, workload, desired_revision, desired_content, 'WAITING'
                        from policy_object, generate_series(1, ?) i
                        where tenant_id = ?""")) {
            for (PreparedStatement statement : List.of(objects, revisions)) {
                statement.setInt(1, DUE);
                statement.setObject(2, busy.tenant.tenant().id().value());
                statement.executeUpdate();
            }
            busy.look().createStatement().execute("vacuum analyze policy_object, revision");
        }
    }

    private static void due(Fleet busy, String when) throws Exception {
        try (PreparedStatement statement = busy.look().prepareStatement(
                "update policy_object set due_at = " + when + ", state = 'WAITING', attempts = 0 where tenant_id = ? and name like 'crowd-%'")) {
            statement.setObject(1, busy.tenant.tenant().id().value());
            statement.executeUpdate();
        }
    }

    private static Spread approvals(Fleet other, String word) throws Exception {
        Thread.sleep(500);
        double[] millis = new double[APPROVALS];
        for (int i = 0; i < APPROVALS; i++) {
            long start = System.nanoTime();
            other.approve(other.services.get(i % SERVICES), "/" + word + "-" + i / SERVICES + "/*");
            other.awaitApplied();
            millis[i] = (System.nanoTime() - start) / 1e6;
            Thread.sleep(20);
        }
        return new Spread(millis);
    }
}
