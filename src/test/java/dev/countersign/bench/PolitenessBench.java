package dev.countersign.bench;

import dev.countersign.demo.cluster.RequestLog;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// K7: is the portal kind to clusters in need? As the clusters' own logs tell it:
///
/// - A cluster that answers 429 with Retry-After is not asked again before that time is over. (What was under way when it said so,
///   within a tenth of a second, does not count.)
/// - After an outage of all clusters the most requests of any second are at most twice the most of a second before it, while
///   people approve at the same rate all along.
/// - One cluster never gets more than `CAP` requests in a second, twice `countersign.clusters.requests-per-second`: by a portal of its own
///   that has a lower pace than this machine can go, when every policy of a cluster is due in one moment.
///
/// `-Dk7.clusters=10`, `-Dk7.outage=30` seconds (the target's ten minutes: 600), `-Dk7.steady=15` seconds. Last line:
/// `K7 requests too early, peak after the outage to the peak before, verdict`.
public final class PolitenessBench {
    private static final boolean QUICK = Boolean.getBoolean("bench.quick");
    private static final int CLUSTERS = Integer.getInteger("k7.clusters", QUICK ? 4 : 10);
    private static final int OUTAGE = Integer.getInteger("k7.outage", QUICK ? 8 : 30);
    private static final int STEADY = Integer.getInteger("k7.steady", QUICK ? 6 : 15);
    private static final int PER_SECOND = 10;
    private static final int CAP = 2 * PER_SECOND;
    private static final int SERVICES = 40;
    private static final int WISH = 3;
    private static final Duration UNDER_WAY = Duration.ofMillis(100);

    private PolitenessBench() {}

    public static void main(String[] arguments) throws Exception {
        try (BenchPortal portal = BenchPortal.start(Map.of("countersign.catalog.watch", "false", "countersign.delivery.replan", "1h", "logging.level.dev.countersign.delivery", "off"));
                Fleet fleet = Fleet.open(portal, CLUSTERS, SERVICES, false)) {
            run(fleet, mostOfOne());
        }
        System.exit(0);
    }

    private static long mostOfOne() throws Exception {
        try (BenchPortal portal = BenchPortal.start(Map.of("countersign.catalog.watch", "false", "countersign.delivery.replan", "1h", "countersign.clusters.requests-per-second", PER_SECOND));
                Fleet fleet = Fleet.open(portal, 2, SERVICES, false)) {
            fleet.couriers().stop();
            fleet.services.forEach(service -> fleet.approve(service, "/burst/*"));
            Thread.sleep(Duration.ofSeconds(10));
            fleet.clearLogs();
            long start = System.nanoTime();
            fleet.couriers().start();
            fleet.awaitApplied();
            double seconds = (System.nanoTime() - start) / 1e9;
            long most = fleet.members.stream().mapToLong(member -> peak(member.cluster().requests().entries())).max().orElse(0);
            System.out.printf(Locale.ROOT, "%d policies due at once, %d requests a cluster in %.1f s at a pace of %d: at most %d in a second, the cap is %d%n",
                    SERVICES, fleet.requests() / 2, seconds, PER_SECOND, most, CAP);
            return most;
        }
    }

    private static void run(Fleet fleet, long ofOne) throws Exception {
        people(fleet, "warm", STEADY / 2);
        fleet.awaitApplied();
        int[] wishes = {0};
        int early = early(fleet, wishes);
        fleet.clearLogs();
        Instant begin = Instant.now();
        people(fleet, "steady", STEADY);
        fleet.awaitApplied();
        Instant outage = Instant.now();
        fleet.members.forEach(member -> member.cluster().faults().on("*", "*").cut());
        people(fleet, "outage", OUTAGE);
        Instant over = Instant.now();
        fleet.members.forEach(member -> member.cluster().faults().clear());
        people(fleet, "after", STEADY);
        fleet.awaitApplied();
        List<RequestLog.Entry> all = fleet.members.stream().flatMap(member -> member.cluster().requests().entries().stream()).toList();
        long before = peak(all.stream().filter(entry -> entry.at().isAfter(begin) && entry.at().isBefore(outage)).toList());
        long during = peak(all.stream().filter(entry -> entry.at().isAfter(outage) && entry.at().isBefore(over)).toList());
        long after = peak(all.stream().filter(entry -> entry.at().isAfter(over)).toList());
        double ratio = (double) after / before;
        System.out.printf(Locale.ROOT, "%d answers with Retry-After: %d s, %d requests came too early%n", wishes[0], WISH, early);
        System.out.printf(Locale.ROOT, "most requests in a second to all %d clusters: %d while well, %d in an outage of %d s, %d after it%n", CLUSTERS, before, during, OUTAGE, after);
        System.out.printf(Locale.ROOT, "K7 %d %.2f %s%n", early, ratio, early == 0 && ratio <= 2 && ofOne <= CAP ? "met" : "missed");
    }

    /// Five approvals a second, each for one service in all clusters.
    private static void people(Fleet fleet, String word, int seconds) throws InterruptedException {
        long start = System.nanoTime();
        for (int i = 0; i < 5 * seconds; i++) {
            long ahead = start + i * 200_000_000L - System.nanoTime();
            if (ahead > 0) {
                Thread.sleep(Duration.ofNanos(ahead));
            }
            fleet.approve(fleet.services.get(i % SERVICES), "/" + word + "-" + i / SERVICES + "/*");
        }
    }

    private static int early(Fleet fleet, int[] wishes) throws Exception {
        fleet.clearLogs();
        List<Fleet.Member> busy = fleet.members.subList(0, CLUSTERS / 2);
        busy.forEach(member -> member.cluster().faults().on("*", "*").answer(429, Duration.ofSeconds(WISH)));
        people(fleet, "busy", 3 * WISH);
        busy.forEach(member -> member.cluster().faults().clear());
        fleet.awaitApplied();
        int early = 0;
        for (Fleet.Member member : busy) {
            Instant asked = Instant.MIN;
            for (RequestLog.Entry entry : member.cluster().requests().entries()) {
                if (entry.at().isAfter(asked.plus(UNDER_WAY)) && entry.at().isBefore(asked.plusSeconds(WISH))) {
                    early++;
                }
                if (entry.status() == 429) {
                    wishes[0]++;
                    asked = entry.at().isAfter(asked.plus(UNDER_WAY)) ? entry.at() : asked;
                }
            }
        }
        return early;
    }

    /// The most requests in any second.
    private static long peak(List<RequestLog.Entry> entries) {
        List<Instant> times = entries.stream().map(RequestLog.Entry::at).sorted().toList();
        int most = 0;
        int from = 0;
        for (int to = 0; to < times.size(); to++) {
            while (times.get(from).plusSeconds(1).isBefore(times.get(to))) {
                from++;
            }
            most = Math.max(most, to - from + 1);
        }
        return most;
    }
}
