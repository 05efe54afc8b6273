package dev.countersign.policy.reason;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Verdict.DecidingRule;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Workload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Who can call a workload, and by which rule; whom an identity can call. Exact in the sense of `Comparison`: what DENY and
/// CUSTOM policies take away is taken away.
///
/// - `accesses`: for each ALLOW rule, in the order of policies and rules, what it lets through; what two rules let through
///   is told under both. `by` is empty where no ALLOW policy stands and all that is not denied passes.
/// - `uncertain`: as in `Comparison`.
public record Reach(List<Access> accesses, List<String> uncertain) {
    private static final Formula NOTHING = new Formula(List.of(), List.of(), true);

    /// What one rule lets through; the region's witness is a call that passes.
    public record Access(Region region, Optional<DecidingRule> by) {}

    public Reach {
        accesses = List.copyOf(accesses);
        uncertain = List.copyOf(uncertain);
    }

    /// Everyone who can call the workload: known identities by name, then those that rules name, then the rest.
    public static Reach into(
            MeshSettings mesh, Workload workload, Collection<AuthorizationPolicy> policies, Known known) {
        List<AuthorizationPolicy> attached = dev.countersign.policy.eval.Attachment.attached(mesh, policies, workload);
        List<AuthorizationPolicy> others = attached.stream().filter(policy -> policy.action() != Action.ALLOW).toList();
        List<AuthorizationPolicy> allows = attached.stream()
                .filter(policy -> policy.action() == Action.ALLOW && !policy.dryRun())
                .sorted(java.util.Comparator.comparing(policy -> policy.metadata().key()))
                .toList();
        List<Access> accesses = new ArrayList<>();
        Set<String> uncertain = new java.util.LinkedHashSet<>();
        Authorizer authorizer = Authorizer.of(mesh, policies, workload);
        if (allows.isEmpty()) {
            add(accesses, uncertain, mesh, workload, others, known, Optional.empty(), authorizer);
        }
        for (AuthorizationPolicy allow : allows) {
            for (int r = 0; r < allow.rules().size(); r++) {
                List<AuthorizationPolicy> alone = new ArrayList<>(others);
                alone.add(only(allow, allow.rules().get(r)));
                Optional<DecidingRule> by = Optional.of(new DecidingRule(allow.metadata().key(), Optional.of(r)));
                add(accesses, uncertain, mesh, workload, alone, known, by, authorizer);
            }
        }
        return new Reach(accesses, List.copyOf(uncertain));
    }

    /// The workloads, by the caller's own names for them, that the identity can call, and how. A workload that it cannot
    /// call at all is not in the answer.
    public static Map<String, List<Access>> of(
            MeshSettings mesh, Spiffe identity, Map<String, Workload> workloads, Collection<AuthorizationPolicy> policies) {
        Known known = Known.identities(List.of(identity));
        Map<String, List<Access>> reached = new LinkedHashMap<>();
        workloads.forEach((name, workload) -> {
            List<Access> own = into(mesh, workload, policies, known).accesses().stream()
                    .filter(access -> access.region().party() instanceof Party.One(String principal, boolean live)
                            && live && principal.equals(identity.principal()))
                    .toList();
            if (!own.isEmpty()) {
                reached.put(name, own);
            }
        });
        return reached;
    }

    private static void add(
            List<Access> accesses,
            Set<String> uncertain,
            MeshSettings mesh,
            Workload workload,
            List<AuthorizationPolicy> policies,
            Known known,
            Optional<DecidingRule> by,
            Authorizer authorizer) {
        Formula formula = Formula.of(mesh, policies, workload);
        List<Cube> cubes = new ArrayList<>(formula.denies());
        cubes.addAll(formula.allows());
        Space space = Space.of(cubes, known.ports());
        uncertain.addAll(Comparison.uncertainties(space));
        Regions regions = new Regions(space, mesh, workload, known);
        try {
            Diagram.of(space, NOTHING, formula).regions(regions::add);
        } catch (Diagram.TooLarge _) {
            uncertain.add("What " + by.map(DecidingRule::policy).orElse("the absence of ALLOW policies")
                    + " lets through is too entangled with denials to be told exactly.");
            return;
        }
        regions.omitted().ifPresent(uncertain::add);
        for (Region region : regions.opened()) {
            if (!authorizer.allows(region.witness())) {
                throw new IllegalStateException("the regions and the authorizer disagree about \"" + region.description()
                        + "\" by " + by + " for " + region.witness());
            }
            accesses.add(new Access(region, by));
        }
    }

    private static AuthorizationPolicy only(AuthorizationPolicy policy, Rule rule) {
        return AuthorizationPolicy.allow(policy.metadata(), policy.target(), List.of(rule));
    }
}
