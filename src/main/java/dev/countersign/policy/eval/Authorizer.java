package dev.countersign.policy.eval;

import dev.countersign.policy.eval.Call.ExternalAuthorizer;
import dev.countersign.policy.eval.Verdict.Considered;
import dev.countersign.policy.eval.Verdict.DecidingRule;
import dev.countersign.policy.eval.Verdict.Decision;
import dev.countersign.policy.eval.Verdict.DryRun;
import dev.countersign.policy.eval.Verdict.Reason;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Workload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Whether a call reaches a workload: CUSTOM, then DENY, then ALLOW; no ALLOW at all lets it pass (istio.md 1.6). AUDIT
/// only marks, dry-run policies only tell. Policies have no precedence by age, name or place: within an action they are
/// a union.
///
/// This is the specification of the language; `reason` is checked against it. It never throws on a policy that exists.
/// `Attachment` says which policies are asked; `EnvoyReader` and `ZtunnelReader` say what a rule means to the proxy.
public final class Authorizer {
    private static final List<Action> ORDER = List.of(Action.CUSTOM, Action.AUDIT, Action.DENY, Action.ALLOW);

    private final boolean ztunnel;
    private final Once<List<Guard>> onHttp;
    private final Once<List<Guard>> onTcp;

    /// One attached policy and its rules, in the order in which Envoy's map of rules is walked.
    private record Guard(String key, AuthorizationPolicy policy, List<RuleReading> rules) {
        boolean is(Action action, boolean dryRun) {
            return policy.action() == action && policy.dryRun() == dryRun;
        }
    }

    private record Outcome(Decision decision, Reason reason, Optional<Hit> hit) {}

    private record Hit(AuthorizationPolicy policy, RuleReading rule) {}

    private Authorizer(boolean ztunnel, Once<List<Guard>> onHttp, Once<List<Guard>> onTcp) {
        this.ztunnel = ztunnel;
        this.onHttp = onHttp;
        this.onTcp = onTcp;
    }

    /// The policies may be in any order and include ones that do not attach to the workload.
    public static Verdict decide(
            MeshSettings mesh, Collection<AuthorizationPolicy> policies, Workload workload, Call call) {
        return of(mesh, policies, workload).decide(call);
    }

    /// The same, read once for many calls.
    public static Authorizer of(MeshSettings mesh, Collection<AuthorizationPolicy> policies, Workload workload) {
        List<AuthorizationPolicy> attached = Attachment.attached(mesh, policies, workload);
        if (workload.dataPlane() == DataPlane.ZTUNNEL) {
            Once<List<Guard>> guards = new Once<>(() -> guards(attached, new ZtunnelReader()));
            return new Authorizer(true, guards, guards);
        }
        TrustDomainBundle domains = TrustDomainBundle.of(mesh.trustDomains());
        return new Authorizer(
                false,
                new Once<>(() -> guards(attached, new EnvoyReader(domains, false))),
                new Once<>(() -> guards(attached, new EnvoyReader(domains, true))));
    }

    private static List<Guard> guards(List<AuthorizationPolicy> attached, RuleReader reader) {
        return attached.stream()
                .map(policy -> new Guard(policy.metadata().key(), policy, IntStream.range(0, policy.rules().size())
                        .mapToObj(rule -> reader.read(policy, rule))
                        .sorted(Comparator.comparing(RuleReading::key))
                        .toList()))
                // Keys of different policies differ before the rule index: ordering policies orders all rules.
                .sorted(Comparator.comparing(guard -> RuleReader.key(guard.policy(), 0)))
                .toList();
    }

    /// Only whether the call passes, without the explanation.
    public boolean allows(Call call) {
        return outcome(call).decision() == Decision.ALLOW;
    }

    public Verdict decide(Call call) {
        Outcome outcome = outcome(call);
        return new Verdict(
                outcome.decision(),
                outcome.reason(),
                outcome.hit().map(this::named),
                first(Action.AUDIT, false, call).isPresent(),
                dryRun(call),
                considered(call));
    }

    /// Why the call does not pass; empty where it passes.
    public Optional<Cause> cause(Call call) {
        Outcome outcome = outcome(call);
        if (outcome.decision() == Decision.ALLOW) {
            return Optional.empty();
        }
        return Optional.of(outcome.hit()
                .map(hit -> new Cause(hit.policy().metadata().key(), named(hit).rule(), Optional.empty()))
                .orElseGet(() -> nearest(call)));
    }

    /// No ALLOW rule matched: the one that lacks least, of equals the first by policy and then by index. A rule that the proxy
    /// drops lacks nothing that a caller could bring, so only its policy can be named, where there is no other.
    private Cause nearest(Call call) {
        Guard nearest = null;
        RuleReading told = null;
        int least = Integer.MAX_VALUE - 1;
        for (Guard guard : guards(call)) {
            if (!guard.is(Action.ALLOW, false)) {
                continue;
            }
            nearest = nearest == null ? guard : nearest;
            for (RuleReading rule : guard.rules()) {
                int lacks = rule.never().isPresent() ? Integer.MAX_VALUE : rule.lacks(call, least);
                if (lacks < least || lacks == least && guard == nearest && told != null && rule.index() < told.index()) {
                    least = lacks;
                    nearest = guard;
                    told = rule;
                }
            }
        }
        if (nearest == null) {
            throw new IllegalStateException("no ALLOW policy stands, and yet none matched: " + call);
        }
        Optional<RuleReading> rule = Optional.ofNullable(told);
        return new Cause(
                nearest.key(), rule.filter(one -> !ztunnel).map(RuleReading::index), rule.map(one -> one.missed(call).getFirst()));
    }

    private Outcome outcome(Call call) {
        return custom(call)
                .or(() -> first(Action.DENY, false, call)
                        .map(hit -> new Outcome(Decision.DENY, Reason.DENY_POLICY_MATCHED, Optional.of(hit))))
                .orElseGet(() -> {
                    if (!any(Action.ALLOW, false, call)) {
                        return new Outcome(Decision.ALLOW, Reason.NO_ALLOW_POLICY, Optional.empty());
                    }
                    return first(Action.ALLOW, false, call)
                            .map(hit -> new Outcome(Decision.ALLOW, Reason.ALLOW_POLICY_MATCHED, Optional.of(hit)))
                            .orElse(new Outcome(Decision.DENY, Reason.NO_ALLOW_POLICY_MATCHED, Optional.empty()));
                });
    }

    /// A CUSTOM rule that matches asks the workload's one external authorizer. Two of them, or one that the mesh does
    /// not define, deny what matches; an HTTP one does not exist on a TCP connection.
    private Optional<Outcome> custom(Call call) {
        Optional<Hit> hit = first(Action.CUSTOM, false, call);
        if (hit.isEmpty()) {
            return Optional.empty();
        }
        Set<String> providers = guards(call).stream()
                .filter(guard -> guard.is(Action.CUSTOM, false))
                .map(guard -> guard.policy().provider().orElse(""))
                .collect(Collectors.toSet());
        Optional<ExternalAuthorizer> authorizer = providers.size() == 1
                ? Optional.ofNullable(call.externalAuthorizers().get(providers.iterator().next()))
                : Optional.empty();
        if (authorizer.isEmpty()) {
            return Optional.of(new Outcome(Decision.DENY, Reason.CUSTOM_MISCONFIGURED, hit));
        }
        if (authorizer.get().allows() || (authorizer.get().http() && call.http().isEmpty())) {
            return Optional.empty();
        }
        return Optional.of(new Outcome(Decision.DENY, Reason.CUSTOM_DENIED, hit));
    }

    /// ALLOW and DENY apart, each what its dry-run policies alone would do.
    private Map<Action, DryRun> dryRun(Call call) {
        Map<Action, DryRun> results = new EnumMap<>(Action.class);
        for (Action action : List.of(Action.DENY, Action.ALLOW)) {
            if (any(action, true, call)) {
                Optional<Hit> hit = first(action, true, call);
                Decision result = hit.isPresent() == (action == Action.ALLOW) ? Decision.ALLOW : Decision.DENY;
                results.put(action, new DryRun(result, hit.map(this::named)));
            }
        }
        return results;
    }

    private List<Guard> guards(Call call) {
        return (call.http().isPresent() ? onHttp : onTcp).get();
    }

    private boolean any(Action action, boolean dryRun, Call call) {
        for (Guard guard : guards(call)) {
            if (guard.is(action, dryRun)) {
                return true;
            }
        }
        return false;
    }

    /// The first match in string order of the keys, which is the one that Envoy reports.
    private Optional<Hit> first(Action action, boolean dryRun, Call call) {
        for (Guard guard : guards(call)) {
            if (guard.is(action, dryRun)) {
                for (RuleReading rule : guard.rules()) {
                    if (rule.matches(call)) {
                        return Optional.of(new Hit(guard.policy(), rule));
                    }
                }
            }
        }
        return Optional.empty();
    }

    private DecidingRule named(Hit hit) {
        return new DecidingRule(
                hit.policy().metadata().key(), ztunnel ? Optional.empty() : Optional.of(hit.rule().index()));
    }

    private List<Considered> considered(Call call) {
        List<Considered> considered = new ArrayList<>();
        for (Action action : ORDER) {
            for (Guard guard : guards(call)) {
                if (guard.policy().action() == action) {
                    considered.add(considered(guard, call));
                }
            }
        }
        return Collections.unmodifiableList(considered);
    }

    private static Considered considered(Guard guard, Call call) {
        List<Integer> matched = new ArrayList<>();
        for (RuleReading rule : guard.rules()) {
            if (rule.matches(call)) {
                matched.add(rule.index());
            }
        }
        Collections.sort(matched);
        return new Considered(
                guard.key(),
                guard.policy().action(),
                guard.policy().dryRun(),
                !matched.isEmpty(),
                Collections.unmodifiableList(matched),
                because(guard, matched, call));
    }

    private static String because(Guard guard, List<Integer> matched, Call call) {
        if (guard.rules().isEmpty()) {
            return "it has no rules, so it matches nothing";
        }
        RuleReading telling = guard.rules().size() == 1 ? guard.rules().getFirst() : telling(guard, matched, call);
        boolean oneOfMany = matched.isEmpty() && guard.rules().size() > 1;
        return (oneOfMany ? "no rule matched; the closest: " : "") + telling.because(call);
    }

    /// The first rule that matched, or of those that did not the one that lacks least.
    private static RuleReading telling(Guard guard, List<Integer> matched, Call call) {
        RuleReading telling = guard.rules().getFirst();
        int least = Integer.MAX_VALUE;
        for (RuleReading rule : guard.rules()) {
            if (!matched.isEmpty() && rule.index() == matched.getFirst()) {
                return rule;
            }
            // A rule that the proxy drops is told of only where there is no other.
            int lacks = rule.missed(call).size() + (rule.never().isPresent() ? 1_000_000 : 0);
            if (lacks < least || lacks == least && rule.index() < telling.index()) {
                least = lacks;
                telling = rule;
            }
        }
        return telling;
    }
}
