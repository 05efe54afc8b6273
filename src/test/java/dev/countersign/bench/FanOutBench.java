package dev.countersign.bench;

import dev.countersign.demo.cluster.Faults;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// K3: one change to many clusters, with none of them ill and with a fifth of them ill, in turns: of twenty, two take every question
/// and never answer, one says 429, one says 500. How long until all healthy ones hold it? A request reaches at most twenty clusters, so
/// the change is several requests, approved while the couriers stand still; the clock runs while they deliver.
///
/// `-Dk3.clusters=200`, plain HTTP, unwatched. Last line: `K3 seconds without faults, ratio with faults to without, verdict`.
public final class FanOutBench {
    private static final boolean QUICK = Boolean.getBoolean("bench.quick");
    private static final int CLUSTERS = Integer.getInteger("k3.clusters", QUICK ? 40 : 200);
    private static final int ROUNDS = QUICK ? 2 : 5;

    private FanOutBench() {}

    public static void main(String[] arguments) throws Exception {
        try (BenchPortal portal = BenchPortal.start(Map.of("countersign.catalog.watch", "false", "countersign.delivery.replan", "1h", "logging.level.dev.countersign.delivery", "off"));
                Fleet fleet = Fleet.open(portal, CLUSTERS, 1, false)) {
            run(fleet);
        }
        System.exit(0);
    }

    private static void run(Fleet fleet) throws Exception {
        double[] ratios = new double[ROUNDS];
        double[] calm = new double[ROUNDS];
        double[] planned = new double[ROUNDS];
        for (int round = -1; round < ROUNDS; round++) {
            long start = System.nanoTime();
            double without = deliver(fleet, "/calm-" + (round + 1) + "/*", List.of());
            double planning = (System.nanoTime() - start) / 1e9 - without;
            List<Fleet.Member> ill = fleet.members.stream().filter(member -> illness(fleet, member) > 0).toList();
            ill.forEach(member -> arm(member.cluster().faults(), illness(fleet, member)));
            double with = deliver(fleet, "/ill-" + (round + 1) + "/*", ill);
            long untouched = ill.size() - fleet.open();
            ill.forEach(member -> member.cluster().faults().clear());
            long end = System.nanoTime();
            fleet.awaitApplied();
            System.out.printf(Locale.ROOT, "round %d: %d clusters %.2f s; %d healthy beside %d ill %.2f s, ratio %.2f; %d ill ones took it all the same; the ill ones %.1f s after their recovery; planned and approved in %.1f s%n",
                    round, CLUSTERS, without, CLUSTERS - ill.size(), ill.size(), with, with / without, untouched, (System.nanoTime() - end) / 1e9, planning);
            if (round >= 0) {
                ratios[round] = with / without;
                calm[round] = without;
                planned[round] = planning;
            }
        }
        System.out.println("ratios: " + new Spread(ratios));
        System.out.println("planning, s (stop of the couriers and their pause included): " + new Spread(planned));
        double seconds = new Spread(calm).median();
        System.out.printf(Locale.ROOT, "K3 %.2fs %.2f %s%n", seconds, new Spread(ratios).median(), seconds <= 2.0 * CLUSTERS / 500 && new Spread(ratios).median() <= 1.2 ? "met" : "missed");
    }

    private static int illness(Fleet fleet, Fleet.Member member) {
        return switch (fleet.members.indexOf(member) % 20) {
            case 3, 13 -> 1;
            case 7 -> 2;
            case 17 -> 3;
            default -> 0;
        };
    }

    private static void arm(Faults faults, int illness) {
        switch (illness) {
            case 1 -> faults.on("*", "*").holdRequest();
            case 2 -> faults.on("*", "*").answer(429, Duration.ofSeconds(1));
            default -> faults.on("*", "*").answer(500);
        }
    }

    /// Seconds until every cluster but the ill ones holds it.
    private static double deliver(Fleet fleet, String path, List<Fleet.Member> ill) throws Exception {
        fleet.couriers().stop();
        fleet.approve("service-0", path);
        Thread.sleep(700);
        StringBuilder healthy = new StringBuilder("cluster_id not in ('00000000-0000-0000-0000-000000000000'");
        ill.forEach(member -> healthy.append(",'").append(member.ref().id()).append('\''));
        long start = System.nanoTime();
        fleet.couriers().start();
        fleet.awaitApplied(healthy.append(')').toString());
        return (System.nanoTime() - start) / 1e9;
    }
}
