package dev.countersign.bench;

import java.util.Locale;
import java.util.Map;

/// K1: deliveries a second from the claim to the entry of the record (claim, fence, apply, look at what is stored, entry), to embedded API
/// servers in this process over TLS and HTTP/1.1, against a loop of fabric8 that applies as many objects of the same size to the
/// same servers, in turns. Each round every service of every cluster gets a new revision while the couriers stand still; the clock runs
/// while they deliver. Beside it the loop with a dry run before and a read after each apply, as couriers did before. Told too: what an apply costs in
/// milliseconds of a processor (portal and clusters; database) and in transactions.
///
/// `-Dk1.clusters=100`, `-Dk1.services=20` of each. Last line: `K1 applies/s, ratio to the loop of PATCHes, verdict`.
public final class ApplyRateBench {
    private static final boolean QUICK = Boolean.getBoolean("bench.quick");
    private static final int CLUSTERS = Integer.getInteger("k1.clusters", QUICK ? 20 : 100);
    private static final int SERVICES = Integer.getInteger("k1.services", QUICK ? 5 : 20);
    private static final int ROUNDS = QUICK ? 2 : 5;

    private ApplyRateBench() {}

    public static void main(String[] arguments) throws Exception {
        try (BenchPortal portal = BenchPortal.start(Map.of("countersign.catalog.watch", "false", "countersign.delivery.replan", "1h"));
                Fleet fleet = Fleet.open(portal, CLUSTERS, SERVICES, true);
                RawClusters raw = new RawClusters(fleet)) {
            run(fleet, raw);
        }
        System.exit(0);
    }

    private static void run(Fleet fleet, RawClusters raw) throws Exception {
        double[] ours = new double[ROUNDS];
        double[] ratios = new double[ROUNDS];
        double[] thrice = new double[ROUNDS];
        for (int round = -1; round < ROUNDS; round++) {
            double patches = raw.apply(SERVICES, "/raw/" + round, false);
            fleet.couriers().stop();
            for (String service : fleet.services) {
                fleet.approve(service, "/things-" + (round + 1) + "/*");
            }
            Thread.sleep(700);
            fleet.clearLogs();
            Fleet.Spent before = fleet.spent();
            long start = System.nanoTime();
            fleet.couriers().start();
            fleet.awaitApplied();
            double rate = CLUSTERS * SERVICES / ((System.nanoTime() - start) / 1e9);
            Fleet.Spent spent = fleet.spent().since(before);
            long asked = fleet.requests();
            System.out.printf(Locale.ROOT, "an apply: %.2f ms here and %.2f ms of the database, %.1f transactions%n", spent.here() / CLUSTERS / SERVICES, spent.database() / CLUSTERS / SERVICES,
                    (double) spent.transactions() / CLUSTERS / SERVICES);
            double same = raw.apply(SERVICES, "/thrice/" + round, true);
            System.out.printf(Locale.ROOT, "round %d: raw %.0f PATCHes/s, couriers %.0f applies/s with %.1f requests each, ratio %.3f; raw with three requests each %.0f/s, ratio %.3f%n",
                    round, patches, rate, (double) asked / CLUSTERS / SERVICES, rate / patches, same, rate / same);
            if (round < 0) {
                fleet.portal.analyze();
            } else {
                ours[round] = rate;
                ratios[round] = rate / patches;
                thrice[round] = rate / same;
            }
        }
        System.out.println("to PATCHes:          " + new Spread(ratios));
        System.out.println("to three requests:    " + new Spread(thrice));
        System.out.printf(Locale.ROOT, "K1 %.0f/s %.2f %s%n", new Spread(ours).median(), new Spread(ratios).median(),
                new Spread(ours).median() >= 1500 && new Spread(ratios).median() >= 0.5 ? "met" : "missed");
    }
}
