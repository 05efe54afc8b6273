package dev.countersign.bench;

import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Values;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.Comparison;
import dev.countersign.policy.reason.Known;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/// P4: the exact difference of one change, regions and confirmed witnesses included. Sets of 2, 4, 8, 16 and 64 rules of an
/// ordinary service (two callers, methods and two or three paths a rule; one in eight rules a path template, one in eight a
/// header or an address condition, one policy in four a DENY beside it); the change adds, takes away or edits one rule.
///
/// `PolicyDiffSolverBench` runs it and asks an SMT solver beside it.
final class PolicyDiffBench {
    private static final java.lang.management.ThreadMXBean THREADS = java.lang.management.ManagementFactory.getThreadMXBean();
    static final Workload PAYMENTS = Workload.sidecar("production", Map.of("app", "payments"));

    record Change(List<AuthorizationPolicy> before, List<AuthorizationPolicy> after) {}

    private PolicyDiffBench() {}

    /// Microseconds at 16 rules.
    record Figures(double p50, double p99) {}

    static Figures measure() {
        double p50 = 0;
        double p99 = 0;
        for (int rules : List.of(2, 4, 8, 16, 64)) {
            List<Change> changes = changes(rules, Boolean.getBoolean("bench.quick") ? 100 : 1000);
            for (int warm = 0; warm < (rules > 16 ? 3 : 12); warm++) {
                changes.forEach(PolicyDiffBench::compare);
            }
            long[] nanos = new long[changes.size() * 5];
            long[] cpu = new long[nanos.length];
            long regions = 0;
            for (int i = 0; i < nanos.length; i++) {
                long cpuStart = THREADS.getCurrentThreadCpuTime();
                long start = System.nanoTime();
                Comparison comparison = compare(changes.get(i % changes.size()));
                nanos[i] = System.nanoTime() - start;
                cpu[i] = THREADS.getCurrentThreadCpuTime() - cpuStart;
                regions += comparison.newlyAllowed().size() + comparison.newlyCut().size();
            }
            Arrays.sort(nanos);
            Arrays.sort(cpu);
            double middle = nanos[nanos.length / 2] / 1e3;
            double tail = nanos[nanos.length * 99 / 100] / 1e3;
            System.out.printf("rules %d: p50 %.0f us, p99 %.0f us, max %.0f us (processor time %.0f/%.0f/%.0f), %.1f regions a change%n",
                    rules, middle, tail, nanos[nanos.length - 1] / 1e3,
                    cpu[cpu.length / 2] / 1e3, cpu[cpu.length * 99 / 100] / 1e3, cpu[cpu.length - 1] / 1e3,
                    (double) regions / nanos.length);
            if (rules == 16) {
                p50 = middle;
                p99 = tail;
            }
        }
        return new Figures(p50, p99);
    }

    static Comparison compare(Change change) {
        return Comparison.of(MeshSettings.DEFAULT, PAYMENTS, change.before(), change.after(), Known.NOTHING);
    }

    static List<Change> changes(int rules, int count) {
        SplittableRandom random = new SplittableRandom(4);
        List<Change> changes = new ArrayList<>();
        for (int c = 0; c < count; c++) {
            List<Rule> before = new ArrayList<>();
            for (int r = 0; r < rules; r++) {
                before.add(rule(random, r));
            }
            List<Rule> after = new ArrayList<>(before);
            switch (random.nextInt(3)) {
                case 0 -> after.add(rule(random, rules));
                case 1 -> after.remove(random.nextInt(rules));
                default -> after.set(random.nextInt(rules), rule(random, rules));
            }
            List<AuthorizationPolicy> others = random.nextInt(4) == 0 ? List.of(deny()) : List.of();
            changes.add(new Change(with(others, before), with(others, after)));
        }
        return changes;
    }

    private static List<AuthorizationPolicy> with(List<AuthorizationPolicy> others, List<Rule> rules) {
        List<AuthorizationPolicy> all = new ArrayList<>(others);
        all.add(AuthorizationPolicy.allow(ObjectMeta.of("production", "payments"), Target.EVERYTHING, rules));
        return all;
    }

    static AuthorizationPolicy deny() {
        return new AuthorizationPolicy(
                ObjectMeta.of("production", "never"), Target.EVERYTHING, Action.DENY, Optional.empty(),
                List.of(new Rule(
                        List.of(),
                        List.of(Operation.of(OperationField.PATHS, Values.any("/admin*", "/debug/*"))),
                        List.of())));
    }

    private static Rule rule(SplittableRandom random, int number) {
        List<String> callers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            callers.add("cluster.local/ns/" + (random.nextInt(4) == 0 ? "checkout" : "production") + "/sa/service-" + random.nextInt(12));
        }
        List<String> paths = new ArrayList<>();
        for (int i = 0; i < 2 + random.nextInt(2); i++) {
            paths.add("/api/v" + (1 + random.nextInt(2)) + "/resource-" + random.nextInt(20)
                    + List.of("", "/*", "/*", "/items/*").get(random.nextInt(4)));
        }
        if (random.nextInt(8) == 0) {
            paths.add("/api/v1/resource-" + number + "/{*}/lines");
        }
        List<String> methods = random.nextBoolean() ? List.of("GET") : List.of("GET", "POST");
        List<Condition> when = switch (random.nextInt(16)) {
            case 0 -> List.of(new Condition("request.headers[x-channel]", Values.any("web", "app")));
            case 1 -> List.of(new Condition("source.ip", Values.any("10." + random.nextInt(8) + ".0.0/16")));
            default -> List.of();
        };
        return new Rule(
                List.of(Source.principals(callers)),
                List.of(Operation.of(OperationField.METHODS, Values.any(methods))
                        .and(OperationField.PATHS, Values.any(paths))),
                when);
    }
}
