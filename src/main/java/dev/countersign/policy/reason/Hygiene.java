package dev.countersign.policy.reason;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.Verdict.DecidingRule;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Workload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The rules of a workload that do not do what somebody once wanted of them, each with a proof. A rule is judged among the
/// others as they stand: of two rules that say the same, both are redundant, and only one may go.
///
/// `uncertain`: as in `Comparison`; what is listed there was not judged.
public record Hygiene(List<Finding> findings, List<String> uncertain) {
    private static final Formula NOTHING = new Formula(List.of(), List.of(), true);

    public enum Flaw {
        /// No call there can be matches it.
        NEVER_MATCHES,
        /// An ALLOW rule all of whose calls are denied before it is asked.
        SHADOWED,
        /// All that it matches is matched by other rules of the same action.
        REDUNDANT,
        /// An ALLOW rule that lets in callers whom nobody named: without identity, or whichever identity, and without a token.
        OVER_BROAD
    }

    /// Why it is so.
    public sealed interface Proof {
        /// Of all calls there can be, told apart by everything the policies look at, none is left over.
        record Nothing() implements Proof {}

        /// The same, and these rules are who covers it; each alone where `each`, together otherwise.
        record Covered(List<DecidingRule> by, boolean each) implements Proof {
            public Covered {
                by = List.copyOf(by);
            }
        }

        /// This call passes by the rule; the `Authorizer` was asked.
        record Passes(Call witness) implements Proof {}

        /// In a sentence. Rules and witness are named beside it.
        default String words() {
            return switch (this) {
                case Nothing _ -> "Of all calls there can be, none matches it.";
                case Covered(var by, var each) when by.size() == 1 || each ->
                    "Of all calls there can be, none that it matches is left over by " + (by.size() == 1 ? "the rule named." : "any one of the rules named, each alone.");
                case Covered _ -> "Of all calls there can be, none that it matches is left over by the rules named together.";
                case Passes _ -> "The call named as witness passes by it.";
            };
        }
    }

    /// `message` is a sentence that says what to do.
    public record Finding(Flaw flaw, DecidingRule rule, Proof proof, String message) {}

    private record Judged(DecidingRule name, AuthorizationPolicy policy, int index, List<Cube> cubes) {
        boolean allows() {
            return policy.action() == Action.ALLOW;
        }
    }

    public Hygiene {
        findings = List.copyOf(findings);
        uncertain = List.copyOf(uncertain);
    }

    /// Policies that do not attach to the workload may be among those given; rehearsals and AUDIT policies are not judged.
    public static Hygiene of(MeshSettings mesh, Workload workload, Collection<AuthorizationPolicy> policies) {
        List<AuthorizationPolicy> enforced = Formula.enforced(mesh, policies, workload);
        RuleCubes reader = RuleCubes.of(mesh, workload, enforced);
        List<Judged> rules = new ArrayList<>();
        List<Cube> cubes = new ArrayList<>();
        for (AuthorizationPolicy policy : enforced) {
            for (int r = 0; r < policy.rules().size() && policy.action() != Action.AUDIT; r++) {
                List<Cube> of = reader.cubes(policy, policy.rules().get(r));
                rules.add(new Judged(new DecidingRule(policy.metadata().key(), Optional.of(r)), policy, r, of));
                cubes.addAll(of);
            }
        }
        Space space = Space.of(cubes, Set.of());
        Set<String> uncertain = new LinkedHashSet<>(Comparison.uncertainties(space));
        List<Finding> findings = new ArrayList<>();
        for (Judged rule : rules) {
            try {
                judge(mesh, workload, space, rules, rule).ifPresent(findings::add);
            } catch (Diagram.TooLarge _) {
                uncertain.add("Rule " + words(rule.name()) + " is too entangled with others to be judged."
                        + " Split the rules with the most conditions into policies of their own.");
            }
        }
        return new Hygiene(findings, List.copyOf(uncertain));
    }

    private static Optional<Finding> judge(
            MeshSettings mesh, Workload workload, Space space, List<Judged> rules, Judged rule) {
        String name = words(rule.name());
        if (rule.cubes().stream().allMatch(cube -> space.atoms(cube).isEmpty())) {
            return Optional.of(new Finding(Flaw.NEVER_MATCHES, rule.name(), new Proof.Nothing(),
                    "Rule " + name + " matches no call there can be. Correct its values or delete it."));
        }
        List<Judged> near = rules.stream().filter(other -> other != rule && meets(other, rule)).toList();
        List<Cube> denies = cubes(near.stream().filter(other -> !other.allows()).toList());
        if (rule.allows() && same(space, NOTHING, new Formula(denies, rule.cubes(), true))) {
            return Optional.of(new Finding(Flaw.SHADOWED, rule.name(),
                    covered(space, rule, near.stream().filter(other -> !other.allows()).toList()),
                    "All that rule " + name + " allows is denied before it is asked. Delete it, or narrow the denial."));
        }
        List<Judged> alike = near.stream().filter(other -> other.policy().action() == rule.policy().action()).toList();
        if (covers(space, alike, rule)) {
            return Optional.of(new Finding(Flaw.REDUNDANT, rule.name(), covered(space, rule, alike),
                    "All that rule " + name + " matches is matched by other rules as well. Delete one of them."));
        }
        return rule.allows() ? broad(mesh, workload, space, rule, denies) : Optional.empty();
    }

    private static boolean meets(Judged one, Judged other) {
        return one.cubes().stream().anyMatch(a -> other.cubes().stream().anyMatch(b -> !Apart.apart(a, b)));
    }

    private static List<Cube> cubes(List<Judged> rules) {
        return rules.stream().flatMap(rule -> rule.cubes().stream()).toList();
    }

    private static boolean covers(Space space, List<Judged> others, Judged rule) {
        List<Cube> without = cubes(others);
        List<Cube> with = new ArrayList<>(without);
        with.addAll(rule.cubes());
        return same(space, new Formula(List.of(), without, true), new Formula(List.of(), with, true));
    }

    private static boolean same(Space space, Formula one, Formula other) {
        return Diagram.of(space, one, other).same();
    }

    private static Proof covered(Space space, Judged rule, List<Judged> by) {
        List<DecidingRule> alone = by.stream()
                .filter(other -> covers(space, List.of(other), rule))
                .map(Judged::name)
                .toList();
        return alone.isEmpty()
                ? new Proof.Covered(by.stream().map(Judged::name).toList(), false)
                : new Proof.Covered(alone, true);
    }

    /// Whether a caller passes whom no rule names, in any other way than `*`, and who shows no token.
    private static Optional<Finding> broad(
            MeshSettings mesh, Workload workload, Space space, Judged rule, List<Cube> denies) {
        Dimension identities = space.dimensions().getFirst();
        AtomSet strangers = identities.all();
        for (int m = 0; m < identities.matchers().size(); m++) {
            if (!((Matcher.OfPeer) identities.matchers().get(m)).anyone()) {
                strangers = strangers.minus(identities.sets().get(m));
            }
        }
        AtomSet unnamed = strangers;
        WitnessMaker maker = new WitnessMaker(space.dimensions(), Comparison.speaksHttp(workload), Known.NOTHING);
        List<Call> passing = new ArrayList<>();
        Diagram.of(space, NOTHING, new Formula(denies, rule.cubes(), true)).regions((leaf, atoms) -> {
            AtomSet callers = atoms[0] == null ? unnamed : atoms[0].and(unnamed);
            if (!callers.isEmpty()) {
                Optional<String> principal =
                        ((Optional<?>) identities.witnesses().get(callers.first())).map(String.class::cast);
                Call call = maker.of(principal, atoms);
                if (call.http().isEmpty() || call.http().get().claims().isEmpty()) {
                    passing.add(call);
                }
            }
        });
        if (passing.isEmpty()) {
            return Optional.empty();
        }
        Call witness = passing.getFirst();
        AuthorizationPolicy alone = AuthorizationPolicy.allow(
                rule.policy().metadata(), rule.policy().target(), List.of(rule.policy().rules().get(rule.index())));
        if (!Authorizer.of(mesh, List.of(alone), workload).allows(witness)) {
            throw new IllegalStateException("the regions and the authorizer disagree about " + rule.name() + " for " + witness);
        }
        return Optional.of(new Finding(Flaw.OVER_BROAD, rule.name(), new Proof.Passes(witness),
                "Rule " + words(rule.name()) + " lets in "
                        + (witness.principal().isPresent() ? "every identity" : "callers without identity")
                        + ". Name the callers it is meant for."));
    }

    private static String words(DecidingRule rule) {
        return rule.rule().orElse(0) + " of " + rule.policy();
    }
}
