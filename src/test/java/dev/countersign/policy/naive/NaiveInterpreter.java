package dev.countersign.policy.naive;

import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.Call.ExternalAuthorizer;
import dev.countersign.policy.eval.Verdict.DecidingRule;
import dev.countersign.policy.eval.Verdict.Decision;
import dev.countersign.policy.eval.Verdict.DryRun;
import dev.countersign.policy.eval.Verdict.Reason;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Workload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;

/// Decides calls the long way: attach, then CUSTOM, DENY, ALLOW, each by asking every rule in the order of its Envoy key
/// with regular expressions and texts. It shares only the data shapes (policies, calls, the words of a verdict) with
/// the engine.
///
/// Where neither Istio's documentation nor the conformance data settles a point, it reads them so:
/// - AUDIT marks and dry-run answers do not depend on what an earlier filter decided.
/// - More than one provider named by attached CUSTOM rules, or an unknown one, denies TCP connections too; a single known
///   HTTP provider is ignored there.
/// - ztunnel names the first matching policy in the order of `namespace/name`.
public final class NaiveInterpreter {
    private final MeshSettings mesh;
    private final Workload workload;
    private final boolean ztunnel;
    private final List<Keyed> custom;
    private final List<Keyed> audit;
    private final List<Keyed> deny;
    private final List<Keyed> allow;
    private final List<Keyed> dryRunDeny;
    private final List<Keyed> dryRunAllow;
    private final boolean someAllow;
    private final boolean someDryRunDeny;
    private final boolean someDryRunAllow;

    /// What the interpreter says: the parts of a verdict that two implementations must agree on.
    public record Answer(
            Decision decision,
            Reason reason,
            Optional<DecidingRule> decidedBy,
            boolean audited,
            Map<Action, DryRun> dryRun) {}

    /// One rule under the name that Envoy would report.
    private record Keyed(String key, AuthorizationPolicy policy, int rule, Predicate<Call> matches) {}

    public NaiveInterpreter(MeshSettings mesh, Collection<AuthorizationPolicy> policies, Workload workload) {
        this.mesh = mesh;
        this.workload = workload;
        this.ztunnel = workload.dataPlane() == DataPlane.ZTUNNEL;
        List<AuthorizationPolicy> attached = policies.stream().filter(this::attaches).toList();
        custom = rules(attached, Action.CUSTOM, false);
        audit = rules(attached, Action.AUDIT, false);
        deny = rules(attached, Action.DENY, false);
        allow = rules(attached, Action.ALLOW, false);
        dryRunDeny = rules(attached, Action.DENY, true);
        dryRunAllow = rules(attached, Action.ALLOW, true);
        someAllow = attached.stream().anyMatch(policy -> policy.action() == Action.ALLOW && !rehearses(policy));
        someDryRunDeny = attached.stream().anyMatch(policy -> policy.action() == Action.DENY && rehearses(policy));
        someDryRunAllow = attached.stream().anyMatch(policy -> policy.action() == Action.ALLOW && rehearses(policy));
    }

    /// Only ALLOW and DENY may be rehearsed; elsewhere the annotation means nothing.
    private static boolean rehearses(AuthorizationPolicy policy) {
        return policy.dryRun() && (policy.action() == Action.ALLOW || policy.action() == Action.DENY);
    }

    private List<Keyed> rules(List<AuthorizationPolicy> attached, Action action, boolean dryRun) {
        List<Keyed> rules = new ArrayList<>();
        for (AuthorizationPolicy policy : attached) {
            if (policy.action() == action && rehearses(policy) == dryRun) {
                for (int i = 0; i < policy.rules().size(); i++) {
                    Rule rule = policy.rules().get(i);
                    rules.add(new Keyed(key(policy, i), policy, i,
                            ztunnel ? NaiveZtunnelRule.of(policy, rule) : NaiveRule.of(mesh, policy, rule)));
                }
            }
        }
        rules.sort(Comparator.comparing(Keyed::key));
        return rules;
    }

    private String key(AuthorizationPolicy policy, int rule) {
        String namespace = policy.metadata().namespace();
        String name = policy.metadata().name();
        return ztunnel ? namespace + "/" + name : "ns[" + namespace + "]-policy[" + name + "]-rule[" + rule + "]";
    }

    boolean attaches(AuthorizationPolicy policy) {
        String namespace = policy.metadata().namespace();
        boolean root = namespace.equals(mesh.rootNamespace());
        boolean own = namespace.equals(workload.namespace());
        String gateway = workload.labels().get(Workload.GATEWAY_NAME);
        switch (workload.dataPlane()) {
            case ZTUNNEL -> {
                boolean understood = policy.action() == Action.ALLOW || policy.action() == Action.DENY;
                return understood && !policy.dryRun() && (root || own) && selects(policy.target());
            }
            case WAYPOINT -> {
                if (policy.target() instanceof Target.References references) {
                    return references.references().stream().anyMatch(one -> waypoint(policy, one, root, own, gateway));
                }
                return false;
            }
            case SIDECAR, GATEWAY -> {
                if (policy.target() instanceof Target.References references) {
                    return gateway != null
                            && own
                            && references.references().stream().anyMatch(one -> names(one, "Gateway", gateway));
                }
                return (root || own) && selects(policy.target());
            }
        }
        throw new IllegalStateException("unreachable");
    }

    private boolean waypoint(
            AuthorizationPolicy policy, Target.Reference reference, boolean root, boolean own, String gateway) {
        if (names(reference, "GatewayClass", "istio-waypoint")) {
            return root;
        }
        if (gateway != null && names(reference, "Gateway", gateway)) {
            return own;
        }
        return workload.services().stream().anyMatch(service -> {
            boolean kind = service.external()
                    ? reference.group().equals("networking.istio.io") && reference.kind().equals("ServiceEntry")
                    : (reference.group().isEmpty() || reference.group().equals("core"))
                            && reference.kind().equals("Service");
            return kind
                    && reference.name().equals(service.name())
                    && policy.metadata().namespace().equals(service.namespace());
        });
    }

    private static boolean names(Target.Reference reference, String kind, String name) {
        return reference.group().equals("gateway.networking.k8s.io")
                && reference.kind().equals(kind)
                && reference.name().equals(name);
    }

    /// Whether a policy without references selects the pod: all its labels are there.
    private boolean selects(Target target) {
        return switch (target) {
            case Target.Everything() -> true;
            case Target.Selector(Map<String, String> labels) ->
                workload.labels().entrySet().containsAll(labels.entrySet());
            case Target.References(List<Target.Reference> unused) -> false;
        };
    }

    public Answer decide(Call call) {
        boolean audited = first(audit, call).isPresent();
        Map<Action, DryRun> dryRun = rehearse(call);
        Optional<Keyed> asked = first(custom, call);
        if (asked.isPresent()) {
            Optional<Reason> refused = refused(call);
            if (refused.isPresent()) {
                return new Answer(Decision.DENY, refused.get(), named(asked), audited, dryRun);
            }
        }
        Optional<Keyed> denied = first(deny, call);
        if (denied.isPresent()) {
            return new Answer(Decision.DENY, Reason.DENY_POLICY_MATCHED, named(denied), audited, dryRun);
        }
        if (!someAllow) {
            return new Answer(Decision.ALLOW, Reason.NO_ALLOW_POLICY, Optional.empty(), audited, dryRun);
        }
        Optional<Keyed> allowed = first(allow, call);
        return allowed.isPresent()
                ? new Answer(Decision.ALLOW, Reason.ALLOW_POLICY_MATCHED, named(allowed), audited, dryRun)
                : new Answer(Decision.DENY, Reason.NO_ALLOW_POLICY_MATCHED, Optional.empty(), audited, dryRun);
    }

    /// Why the external authorizer's answer (or its absence) refuses a call that some CUSTOM rule matches.
    private Optional<Reason> refused(Call call) {
        TreeSet<String> providers = new TreeSet<>();
        custom.forEach(rule -> providers.add(rule.policy().provider().orElse("")));
        ExternalAuthorizer authorizer = call.externalAuthorizers().get(providers.first());
        if (providers.size() > 1 || authorizer == null) {
            return Optional.of(Reason.CUSTOM_MISCONFIGURED);
        }
        if (authorizer.http() && call.http().isEmpty()) {
            return Optional.empty();
        }
        return authorizer.allows() ? Optional.empty() : Optional.of(Reason.CUSTOM_DENIED);
    }

    private Map<Action, DryRun> rehearse(Call call) {
        Map<Action, DryRun> said = new EnumMap<>(Action.class);
        if (someDryRunDeny) {
            Optional<Keyed> hit = first(dryRunDeny, call);
            said.put(Action.DENY, new DryRun(hit.isPresent() ? Decision.DENY : Decision.ALLOW, named(hit)));
        }
        if (someDryRunAllow) {
            Optional<Keyed> hit = first(dryRunAllow, call);
            said.put(Action.ALLOW, new DryRun(hit.isPresent() ? Decision.ALLOW : Decision.DENY, named(hit)));
        }
        return said;
    }

    private static Optional<Keyed> first(List<Keyed> rules, Call call) {
        for (Keyed one : rules) {
            if (one.matches().test(call)) {
                return Optional.of(one);
            }
        }
        return Optional.empty();
    }

    private Optional<DecidingRule> named(Optional<Keyed> rule) {
        return rule.map(one -> new DecidingRule(
                one.policy().metadata().key(), ztunnel ? Optional.empty() : Optional.of(one.rule())));
    }
}
