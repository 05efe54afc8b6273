package dev.countersign.faults;

import dev.countersign.bench.BenchPortal;
import dev.countersign.bench.Spread;
import dev.countersign.demo.cluster.Faults;
import dev.countersign.portal.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// K9: how soon another replica has done what a killed one was at. Two replicas as processes of their own, without AOT tricks of a
/// container but with the cache of the fault tests; this process only judges. In turns:
///
/// - the one that holds the claim is killed while the cluster keeps its answer back, and the cluster answers again at once;
/// - for comparison nobody is killed: how long the same approval takes.
///
/// The start of a replica beside the present objects, not 500,000 of them, is printed too. `-Dk9.kills=8`. Last line:
/// `K9 longest takeover, ratio to 3 s, verdict`.
public final class TakeoverBench {
    private static final int KILLS = Integer.getInteger("k9.kills", Boolean.getBoolean("bench.quick") ? 2 : 8);

    private TakeoverBench() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createTempDirectory("takeover");
        try (BenchPortal portal = BenchPortal.start(Map.of("countersign.catalog.watch", "false")); Laboratory lab = new Laboratory(portal.context(), 9)) {
            Map<String, String> settings = lab.settings(TestDatabase.server().port());
            settings.put("countersign.delivery.sweep", "3s");
            run(lab, Image.pack(settings), folder, settings);
        }
        System.exit(0);
    }

    private static void run(Laboratory lab, Image image, Path folder, Map<String, String> settings) throws Exception {
        lab.approve();
        lab.converges("the first approval");
        lab.couriersHere().stop();
        List<Double> starts = new ArrayList<>();
        List<Double> takeovers = new ArrayList<>();
        List<Double> undisturbed = new ArrayList<>();
        for (int i = 0; i < KILLS; i++) {
            // Alone it is the one that claims; the other comes when it has.
            try (Replica victim = started(lab, image, folder, settings, starts)) {
                undisturbed.add(approved(lab));
                Thread.sleep(700);
                Faults.Armed held = lab.cluster.faults().on("patch", "authorizationpolicies").holdRequest();
                lab.approve();
                while (held.hits() == 0) {
                    Thread.sleep(2);
                }
                try (Replica _ = started(lab, image, folder, settings, starts)) {
                    victim.kill();
                    long killed = System.nanoTime();
                    victim.awaitDeath();
                    held.close();
                    while (!lab.settled()) {
                        Thread.sleep(5);
                    }
                    takeovers.add((System.nanoTime() - killed) / 1e9);
                }
            }
        }
        Spread spread = spread(takeovers);
        System.out.println("ready, s:           " + spread(starts));
        System.out.println("nobody killed, s:   " + spread(undisturbed));
        System.out.println("after kill -9, s:   " + spread);
        System.out.println("violations:         " + lab.judge());
        System.out.printf(Locale.ROOT, "K9 %.2fs %.2f %s%n", spread.at(1), spread.at(1) / 3, spread.at(1) <= 3 && lab.judge().isEmpty() ? "met" : "missed");
    }

    private static double approved(Laboratory lab) throws Exception {
        Thread.sleep(700);
        long start = System.nanoTime();
        lab.approve();
        while (!lab.settled()) {
            Thread.sleep(2);
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private static Replica started(Laboratory lab, Image image, Path folder, Map<String, String> settings, List<Double> starts) throws Exception {
        long start = System.nanoTime();
        Replica replica = lab.ready(Replica.start(image, folder, settings));
        starts.add((System.nanoTime() - start) / 1e9);
        return replica;
    }

    private static Spread spread(List<Double> values) {
        return new Spread(values.stream().mapToDouble(Double::doubleValue).toArray());
    }
}
