package dev.countersign.bench;

import dev.countersign.audit.Actor;
import dev.countersign.catalog.CatalogSync;
import dev.countersign.catalog.PolicyResync;
import dev.countersign.delivery.DeliveryBoard;
import dev.countersign.demo.cluster.RequestLog;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// K4: every policy of every cluster is compared with what the cluster confirmed, and nothing is written. The catalog lists the policies
/// of every cluster anew, in pages (versions are compared; only what changed is looked at closely), against a loop of fabric8 that lists
/// the same policies and compares nothing, in turns. Beside it, without a ratio: everything that the catalog lists of a cluster (here five
/// objects for each policy), and "reconcile", where couriers read every policy by name.
///
/// `-Dk4.clusters=5`, `-Dk4.policies=1000` of each. Last line: `K4 policies/s, ratio to the loop that lists, verdict`; the target, 500
/// clusters of 1,000 policies in 20 s, is 25,000 a second.
public final class ResyncBench {
    private static final boolean QUICK = Boolean.getBoolean("bench.quick");
    private static final int CLUSTERS = Integer.getInteger("k4.clusters", 5);
    private static final int POLICIES = Integer.getInteger("k4.policies", QUICK ? 50 : 1_000);
    private static final int ROUNDS = QUICK ? 2 : 5;
    /// Rounds that only warm up: the first ones are several times slower.
    private static final int WARMING = QUICK ? 1 : 10;
    private static final int THREADS = 8;

    private ResyncBench() {}

    public static void main(String[] arguments) throws Exception {
        try (BenchPortal portal = BenchPortal.start(Map.of("countersign.catalog.watch", "false", "countersign.delivery.replan", "1h"));
                Fleet fleet = Fleet.open(portal, CLUSTERS, POLICIES, false);
                RawClusters raw = new RawClusters(fleet)) {
            run(portal, fleet, raw);
        }
        System.exit(0);
    }

    private static void run(BenchPortal portal, Fleet fleet, RawClusters raw) throws Exception {
        for (String service : fleet.services) {
            fleet.approve(service, "/things/*");
        }
        fleet.awaitApplied();
        int all = CLUSTERS * POLICIES;
        double[] ours = new double[ROUNDS];
        double[] ratios = new double[ROUNDS];
        long writes = 0;
        for (int round = -WARMING; round < ROUNDS; round++) {
            long start = System.nanoTime();
            long listed = raw.list(THREADS);
            double rawRate = listed / ((System.nanoTime() - start) / 1e9);
            fleet.clearLogs();
            start = System.nanoTime();
            each(fleet, cluster -> portal.bean(CatalogSync.class).syncNow(cluster).ifPresent(trouble -> {
                throw new IllegalStateException(trouble.toString());
            }));
            double whole = all / ((System.nanoTime() - start) / 1e9);
            PolicyResync resync = new PolicyResync(portal.context());
            start = System.nanoTime();
            each(fleet, cluster -> resync.list(cluster, "production"));
            double rate = all / ((System.nanoTime() - start) / 1e9);
            writes += writes(fleet);
            System.out.printf(Locale.ROOT, "round %d: fabric8 lists %d at %.0f/s; the catalog lists and compares %d at %.0f/s, ratio %.2f; with all that is listed beside them at %.0f/s%n",
                    round, listed, rawRate, all, rate, rate / rawRate, whole);
            if (round >= 0) {
                ours[round] = rate;
                ratios[round] = rate / rawRate;
            }
        }
        fleet.clearLogs();
        long start = System.nanoTime();
        fleet.members.forEach(member -> portal.bean(Tenants.class).doInTenant(fleet.tenant.tenant().id(), () -> portal.bean(DeliveryBoard.class).reconcile(Actor.system("bench"), member.ref())));
        while (fleet.number("select count(*) from policy_object where tenant_id = ? and due_at is not null") > 0) {
            Thread.sleep(5);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(Locale.ROOT, "reconciled, each policy read by name: %.1f s, %.0f/s, %.1f requests each%n", seconds, all / seconds, (double) fleet.requests() / all);
        writes += writes(fleet);
        System.out.println("ratios: " + new Spread(ratios) + "; writes: " + writes);
        double rate = new Spread(ours).median();
        System.out.printf(Locale.ROOT, "K4 %.0f/s %.2f %s%n", rate, new Spread(ratios).median(), rate >= 25_000 && writes == 0 ? "met" : "missed");
    }

    private static void each(Fleet fleet, Consumer<UUID> work) throws Exception {
        AtomicInteger next = new AtomicInteger();
        RawClusters.inThreads(THREADS, () -> {
            for (int i = next.getAndIncrement(); i < fleet.members.size(); i = next.getAndIncrement()) {
                UUID cluster = fleet.members.get(i).ref().id();
                CurrentTenant.run(fleet.tenant.tenant().id(), () -> work.accept(cluster));
            }
        });
    }

    private static long writes(Fleet fleet) {
        return fleet.members.stream().flatMap(member -> member.cluster().requests().entries().stream()).filter(entry -> entry.verb().equals("patch") || isWrite(entry)).count();
    }

    private static boolean isWrite(RequestLog.Entry entry) {
        return entry.isWrite();
    }
}
