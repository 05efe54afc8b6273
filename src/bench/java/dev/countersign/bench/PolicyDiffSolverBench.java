package dev.countersign.bench;

import com.microsoft.z3.BitVecExpr;
import com.microsoft.z3.BoolExpr;
import com.microsoft.z3.CharSort;
import com.microsoft.z3.Context;
import com.microsoft.z3.Expr;
import com.microsoft.z3.Params;
import com.microsoft.z3.ReExpr;
import com.microsoft.z3.SeqExpr;
import com.microsoft.z3.SeqSort;
import com.microsoft.z3.Solver;
import com.microsoft.z3.Status;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.PathTemplates;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.StringMatch;
import dev.countersign.policy.reason.Comparison;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// P4 beside Z3: the same pairs of policies as `PolicyDiffBench`, put to the solver as one question over strings, "is there
/// a call that the two decide differently?", and to `Comparison`, which answers with all regions and a confirmed witness for
/// each. So the solver is asked for less. They take turns, five changes of each size; a change that the solver leaves
/// UNKNOWN within the time limit counts as the time it took.
///
/// Both must agree on whether there is a difference, or the run fails.
///
/// Last line: `P4 p50us/p99us-at-16-rules ratio-at-2-rules/ratio-at-4 verdict`.
public final class PolicyDiffSolverBench {
    private static final int TIMEOUT_MILLIS = Integer.getInteger("bench.timeout", 20_000);
    private static final int ROUNDS = Integer.getInteger("bench.rounds", Boolean.getBoolean("bench.quick") ? 1 : 5);
    private static final int OURS_AT_ONCE = 200;

    private final Context z3;
    private final Expr<SeqSort<CharSort>> principal;
    private final Expr<SeqSort<CharSort>> method;
    private final Expr<SeqSort<CharSort>> path;
    private final Expr<SeqSort<CharSort>> header;
    private final BoolExpr headerPresent;
    private final BitVecExpr address;

    private PolicyDiffSolverBench(Context z3) {
        this.z3 = z3;
        principal = text("principal");
        method = text("method");
        path = text("path");
        header = text("header");
        headerPresent = z3.mkBoolConst("headerPresent");
        address = z3.mkBVConst("address", 32);
    }

    public static void main(String[] arguments) {
        PolicyDiffBench.Figures alone = PolicyDiffBench.measure();
        double[] medians = new double[2];
        for (int warm = 0; warm < 5; warm++) {
            PolicyDiffBench.changes(4, 500).forEach(PolicyDiffBench::compare);
        }
        List<Integer> sizes = List.of(2, 4, 8);
        int answeredByUs = 0;
        for (int size : sizes) {
            List<Double> ratios = new ArrayList<>();
            int unknown = 0;
            List<PolicyDiffBench.Change> changes = PolicyDiffBench.changes(size, ROUNDS);
            for (PolicyDiffBench.Change change : changes) {
                long start = System.nanoTime();
                Status status = solve(change);
                double solver = System.nanoTime() - start;
                start = System.nanoTime();
                Comparison comparison = PolicyDiffBench.compare(change);
                for (int i = 1; i < OURS_AT_ONCE; i++) {
                    comparison = PolicyDiffBench.compare(change);
                }
                double ours = (System.nanoTime() - start) / (double) OURS_AT_ONCE;
                boolean differs = comparison.verdict() != Comparison.Verdict.EQUIVALENT;
                if (status == Status.UNKNOWN) {
                    unknown++;
                } else if ((status == Status.SATISFIABLE) != differs) {
                    throw new IllegalStateException("the solver says " + status + ", we say " + comparison.verdict());
                }
                answeredByUs++;
                ratios.add(solver / ours);
                System.out.printf("rules %d: Z3 %s in %.0f ms, ours %s in %.0f us, ratio %.0f%n",
                        size, status, solver / 1e6, comparison.verdict(), ours / 1e3, solver / ours);
            }
            ratios.sort(null);
            double median = ratios.get(ratios.size() / 2);
            System.out.printf("rules %d: median ratio %.0f, from %.0f to %.0f; Z3 UNKNOWN at %d of %d%n",
                    size, median, ratios.getFirst(), ratios.getLast(), unknown, ratios.size());
            if (size <= 4) {
                medians[size / 2 - 1] = median;
            }
        }
        System.out.printf("(we answered %d of %d)%n", answeredByUs, sizes.size() * ROUNDS);
        boolean gate = medians[0] >= 200 && medians[1] >= 200;
        boolean met = alone.p50() <= 100 && alone.p99() <= 2000 && medians[0] >= 1000 && medians[1] >= 10_000;
        System.out.printf("P4 %.0fus/%.0fus %.0f/%.0f %s%n", alone.p50(), alone.p99(), medians[0], medians[1], met ? "met" : gate ? "gate" : "missed");
    }

    private static Status solve(PolicyDiffBench.Change change) {
        return solve(question -> question.z3.mkXor(question.allows(change.before()), question.allows(change.after())));
    }

    /// Whether there is a call that the one rule matches and the other does not; the same question for `HygieneSolverBench`.
    static Status outside(Rule one, Rule other) {
        return solve(question -> question.z3.mkAnd(question.rule(one), question.z3.mkNot(question.rule(other))));
    }

    private static Status solve(Function<PolicyDiffSolverBench, BoolExpr> asked) {
        try (Context z3 = new Context()) {
            PolicyDiffSolverBench question = new PolicyDiffSolverBench(z3);
            Solver solver = z3.mkSolver();
            Params params = z3.mkParams();
            params.add("timeout", TIMEOUT_MILLIS);
            solver.setParameters(params);
            solver.add(z3.mkPrefixOf(z3.mkString("/"), question.path));
            solver.add(asked.apply(question));
            return solver.check();
        }
    }

    private BoolExpr allows(List<AuthorizationPolicy> policies) {
        List<BoolExpr> denies = new ArrayList<>();
        List<BoolExpr> allows = new ArrayList<>();
        for (AuthorizationPolicy policy : policies) {
            policy.rules().forEach(rule -> (policy.action() == Action.DENY ? denies : allows).add(rule(rule)));
        }
        return z3.mkAnd(z3.mkNot(any(denies)), any(allows));
    }

    private BoolExpr rule(Rule rule) {
        List<BoolExpr> all = new ArrayList<>();
        if (!rule.from().isEmpty()) {
            all.add(any(rule.from().stream().map(this::source).toList()));
        }
        if (!rule.to().isEmpty()) {
            all.add(any(rule.to().stream().map(this::operation).toList()));
        }
        rule.when().forEach(condition -> all.add(condition(condition)));
        return z3.mkAnd(all.toArray(BoolExpr[]::new));
    }

    private BoolExpr source(Source source) {
        return any(source.get(SourceField.PRINCIPALS).any().stream().map(value -> match(principal, value)).toList());
    }

    private BoolExpr operation(Operation operation) {
        List<BoolExpr> all = new ArrayList<>();
        List<String> methods = operation.get(OperationField.METHODS).any();
        if (!methods.isEmpty()) {
            all.add(any(methods.stream().map(value -> match(method, value)).toList()));
        }
        List<String> paths = operation.get(OperationField.PATHS).any();
        if (!paths.isEmpty()) {
            all.add(any(paths.stream().map(value -> match(path, value)).toList()));
        }
        return z3.mkAnd(all.toArray(BoolExpr[]::new));
    }

    private BoolExpr condition(Condition condition) {
        if (condition.key().equals("source.ip")) {
            int second = Integer.parseInt(condition.values().any().getFirst().split("\\.")[1]);
            return z3.mkEq(z3.mkExtract(31, 16, address), z3.mkBV(10 << 8 | second, 16));
        }
        return z3.mkAnd(
                headerPresent, any(condition.values().any().stream().map(value -> match(header, value)).toList()));
    }

    private BoolExpr match(Expr<SeqSort<CharSort>> text, String value) {
        if (PathTemplates.isTemplate(value)) {
            int open = value.indexOf("{*}");
            return z3.mkInRe(text, z3.mkConcat(
                    z3.mkToRe(z3.mkString(value.substring(0, open))),
                    z3.mkPlus(segment()),
                    z3.mkToRe(z3.mkString(value.substring(open + 3)))));
        }
        return switch (StringMatch.of(value)) {
            case StringMatch.Exact(String exact) -> z3.mkEq(text, z3.mkString(exact));
            case StringMatch.Prefix(String prefix) -> z3.mkPrefixOf(z3.mkString(prefix), text);
            case StringMatch.Suffix(String suffix) -> z3.mkSuffixOf(z3.mkString(suffix), text);
            case StringMatch.Present() -> z3.mkNot(z3.mkEq(text, z3.mkString("")));
        };
    }

    private ReExpr<SeqSort<CharSort>> segment() {
        List<ReExpr<SeqSort<CharSort>>> parts = new ArrayList<>();
        parts.add(z3.mkRange(z3.mkString("a"), z3.mkString("z")));
        parts.add(z3.mkRange(z3.mkString("A"), z3.mkString("Z")));
        parts.add(z3.mkRange(z3.mkString("0"), z3.mkString("9")));
        for (char c : "-._~%!$&'()+,;:@=".toCharArray()) {
            parts.add(z3.mkToRe(z3.mkString(String.valueOf(c))));
        }
        @SuppressWarnings({"unchecked", "rawtypes"})
        ReExpr<SeqSort<CharSort>>[] all = parts.toArray(new ReExpr[0]);
        return z3.mkUnion(all);
    }

    private BoolExpr any(List<BoolExpr> some) {
        return z3.mkOr(some.toArray(BoolExpr[]::new));
    }

    private SeqExpr<CharSort> text(String name) {
        return (SeqExpr<CharSort>) z3.mkConst(name, z3.getStringSort());
    }
}
