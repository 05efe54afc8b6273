package dev.countersign.bench;

import dev.countersign.attacks.HugeInputs;
import dev.countersign.audit.Actor;
import dev.countersign.identity.ApiTokens;
import dev.countersign.identity.Scope;
import dev.countersign.portal.Fixtures;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// S33, its half of time: how long after it came a huge request is refused, from opening the connection to the end of the
/// answer, over loopback HTTP. The kinds take turns, `-Ds33.rounds=200` times, so 2,600 requests in all. An
/// answer that is not the refusal it must be ends the run.
///
/// Last line: `S33 p99 ratio verdict`: p99 of the slowest kind in milliseconds, and its ratio to the 50 ms of the row.
public final class RefusalBench {
    private static final int ROUNDS = Integer.getInteger("s33.rounds", 200);
    private static final int WARM_UP = Math.max(2, ROUNDS / 8);
    private static final double WANTED = 50;

    private RefusalBench() {}

    public static void main(String[] arguments) throws Exception {
        try (BenchPortal portal = BenchPortal.start(Map.of("spring.task.scheduling.enabled", "false"))) {
            var ours = portal.bean(Fixtures.class).tenant();
            String token = portal.bean(Tenants.class).inTenant(ours.tenant().id(), () -> portal.bean(ApiTokens.class)
                    .issue(Actor.system("bench"), ours.person("engineer"), "s33", Set.of(Scope.values()), Duration.ofDays(1)).secret());
            run(new HugeInputs(Integer.parseInt(portal.property("local.server.port")), token));
        }
        System.exit(0);
    }

    private static void run(HugeInputs inputs) throws Exception {
        Map<String, HugeInputs.Attack> all = inputs.all();
        Map<String, long[]> took = new LinkedHashMap<>();
        all.keySet().forEach(kind -> took.put(kind, new long[ROUNDS]));
        for (int round = -WARM_UP; round < ROUNDS; round++) {
            for (var one : all.entrySet()) {
                long began = System.nanoTime();
                String answer = inputs.send(one.getValue());
                long nanos = System.nanoTime() - began;
                if (!answer.startsWith("HTTP/1.1 ") || !one.getValue().refusals().contains(Integer.parseInt(answer.substring(9, 12)))) {
                    throw new IllegalStateException(one.getKey() + " was answered by " + answer.lines().findFirst().orElse("nothing"));
                }
                if (round >= 0) {
                    took.get(one.getKey())[round] = nanos;
                }
            }
        }
        double worst = 0;
        for (var one : took.entrySet()) {
            long[] sorted = one.getValue();
            Arrays.sort(sorted);
            double p99 = sorted[(int) Math.ceil(0.99 * ROUNDS) - 1] / 1e6;
            worst = Math.max(worst, p99);
            System.out.printf(Locale.ROOT, "S33 %-40s p50 %7.2f ms  p99 %7.2f ms  max %7.2f ms%n", one.getKey(), sorted[ROUNDS / 2] / 1e6, p99, sorted[ROUNDS - 1] / 1e6);
        }
        System.out.printf(Locale.ROOT, "S33 %.2fms %.2f %s%n", worst, worst / WANTED, worst <= WANTED ? "met" : "missed");
    }
}
