package dev.countersign.policy.eval;

import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Workload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// All policies of a mesh, put in order for many decisions: what a decision costs depends on the rules that may match the
/// caller, not on how many policies there are. It decides as the `Authorizer` does and explains nothing; ask that one why.
/// Immutable, for any number of threads.
public final class PreparedMesh {
    private final MeshSettings mesh;
    private final Map<String, List<AuthorizationPolicy>> byNamespace = new HashMap<>();
    /// Rules that differ in their callers alone are one in memory, so that what is asked often stays near the processor.
    private final Map<Essence, RuleReading> known = new ConcurrentHashMap<>();

    /// What a rule with callers found by name comes down to. The namespace matters only to its conditions.
    private record Essence(
            RuleReader reader, Action action, String namespace, List<Operation> to, List<Condition> when) {}

    private PreparedMesh(MeshSettings mesh, Collection<AuthorizationPolicy> policies) {
        this.mesh = mesh;
        for (AuthorizationPolicy policy : policies) {
            byNamespace.computeIfAbsent(policy.metadata().namespace(), name -> new ArrayList<>()).add(policy);
        }
    }

    public static PreparedMesh of(MeshSettings mesh, Collection<AuthorizationPolicy> policies) {
        return new PreparedMesh(mesh, policies);
    }

    /// What guards one workload. Keep it as long as the policies stand.
    public Guarded workload(Workload workload) {
        Set<String> namespaces = new LinkedHashSet<>(List.of(mesh.rootNamespace(), workload.namespace()));
        workload.services().forEach(service -> namespaces.add(service.namespace()));
        List<AuthorizationPolicy> near = new ArrayList<>();
        namespaces.forEach(namespace -> near.addAll(byNamespace.getOrDefault(namespace, List.of())));
        List<AuthorizationPolicy> enforced = Attachment.attached(mesh, near, workload).stream()
                .filter(policy -> !policy.dryRun())
                .toList();
        // What an external authorizer says is the authorizer's own matter.
        Optional<Authorizer> asking = enforced.stream().anyMatch(policy -> policy.action() == Action.CUSTOM)
                ? Optional.of(Authorizer.of(mesh, enforced, workload))
                : Optional.empty();
        TrustDomainBundle domains = TrustDomainBundle.of(mesh.trustDomains());
        if (workload.dataPlane() == DataPlane.ZTUNNEL) {
            TrustDomainBundle literally = new TrustDomainBundle(List.of());
            Once<Plan> plan = new Once<>(() -> Plan.of(known, enforced, new ZtunnelReader(), literally));
            return new Guarded(plan, plan, asking);
        }
        return new Guarded(
                new Once<>(() -> Plan.of(known, enforced, new EnvoyReader(domains, false), domains)),
                new Once<>(() -> Plan.of(known, enforced, new EnvoyReader(domains, true), domains)),
                asking);
    }

    /// A workload with the policies that attach to it.
    public static final class Guarded {
        private final Once<Plan> onHttp;
        private final Once<Plan> onTcp;
        private final Optional<Authorizer> asking;

        private Guarded(Once<Plan> onHttp, Once<Plan> onTcp, Optional<Authorizer> asking) {
            this.onHttp = onHttp;
            this.onTcp = onTcp;
            this.asking = asking;
        }

        public boolean allows(Call call) {
            if (asking.isPresent()) {
                return asking.get().allows(call);
            }
            Plan plan = (call.http().isPresent() ? onHttp : onTcp).get();
            return !plan.denies().match(call) && (!plan.closed() || plan.allows().match(call));
        }
    }

    private record Plan(Rules denies, Rules allows, boolean closed) {
        static Plan of(
                Map<Essence, RuleReading> known,
                List<AuthorizationPolicy> enforced,
                RuleReader reader,
                TrustDomainBundle domains) {
            return new Plan(
                    Rules.of(known, enforced, Action.DENY, reader, domains),
                    Rules.of(known, enforced, Action.ALLOW, reader, domains),
                    enforced.stream().anyMatch(policy -> policy.action() == Action.ALLOW));
        }
    }

    /// The rules of one action: by the caller where they name all theirs, and the others.
    private record Rules(Map<String, List<RuleReading>> byCaller, List<RuleReading> others) {
        static Rules of(
                Map<Essence, RuleReading> known,
                List<AuthorizationPolicy> enforced,
                Action action,
                RuleReader reader,
                TrustDomainBundle domains) {
            Map<String, List<RuleReading>> byCaller = new HashMap<>();
            List<RuleReading> others = new ArrayList<>();
            for (AuthorizationPolicy policy : enforced) {
                for (int r = 0; r < policy.rules().size() && policy.action() == action; r++) {
                    Set<String> callers = callers(policy.rules().get(r), domains);
                    if (callers.isEmpty()) {
                        others.add(reader.read(policy, r));
                        continue;
                    }
                    RuleReading rule = read(known, policy, r, reader);
                    callers.forEach(caller -> byCaller.computeIfAbsent(caller, name -> new ArrayList<>()).add(rule));
                }
            }
            return new Rules(byCaller, others);
        }

        /// Where a rule says nothing of its callers but their names, being found by the name is all of its `from`.
        private static RuleReading read(
                Map<Essence, RuleReading> known, AuthorizationPolicy policy, int index, RuleReader reader) {
            Rule rule = policy.rules().get(index);
            boolean namesOnly = rule.from().stream()
                    .allMatch(source -> source.fields().size() == 1
                            && source.get(SourceField.PRINCIPALS).none().isEmpty());
            if (!namesOnly) {
                return reader.read(policy, index);
            }
            String namespace = rule.when().isEmpty() ? "" : policy.metadata().namespace();
            Essence essence = new Essence(reader, policy.action(), namespace, rule.to(), rule.when());
            return known.computeIfAbsent(essence, one -> {
                RuleReading whole = reader.read(policy, index);
                return new RuleReading(
                        whole.key(), index, whole.never(), whole.leftOut(), List.of(), whole.to(), whole.when());
            });
        }

        boolean match(Call call) {
            if (call.principal().isPresent()) {
                List<RuleReading> own = byCaller.get(call.principal().get());
                if (own != null && some(own, call)) {
                    return true;
                }
            }
            return some(others, call);
        }

        private static boolean some(List<RuleReading> rules, Call call) {
            for (int r = 0; r < rules.size(); r++) {
                if (rules.get(r).matches(call)) {
                    return true;
                }
            }
            return false;
        }

        /// Everyone whom the rule can match; none where it does not name them one by one.
        private static Set<String> callers(Rule rule, TrustDomainBundle domains) {
            Set<String> callers = new HashSet<>();
            for (Source source : rule.from()) {
                List<String> principals = source.get(SourceField.PRINCIPALS).any();
                if (principals.isEmpty()) {
                    return Set.of();
                }
                for (String principal : domains.principals(principals)) {
                    if (principal.startsWith("*") || principal.endsWith("*")) {
                        return Set.of();
                    }
                    callers.add(principal);
                }
            }
            return callers;
        }
    }
}
