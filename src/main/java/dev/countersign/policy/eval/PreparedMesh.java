package dev.countersign.policy.eval;

import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Workload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// All policies of a mesh, put in order for many decisions: what a decision costs depends on the rules that may match the
/// caller, not on how many policies there are. It decides as the `Authorizer` does and explains nothing; ask that one why.
///
/// For any number of threads. Policies may be replaced while others decide: a decision never waits, and sees a workload's
/// policies as they were before or after, never between. Names of callers stay known once seen, so a mesh whose policies
/// change for weeks is better prepared anew now and then.
public final class PreparedMesh {
    private final MeshSettings mesh;
    private final TrustDomainBundle domains;
    private final Shelf shelf = new Shelf();
    private final Map<String, Map<String, AuthorizationPolicy>> byNamespace = new HashMap<>();
    private final Map<Workload, Guarded> workloads = new ConcurrentHashMap<>();
    /// Those whom a policy of the namespace may guard.
    private final Map<String, List<Guarded>> within = new HashMap<>();

    private PreparedMesh(MeshSettings mesh, Collection<AuthorizationPolicy> policies) {
        this.mesh = mesh;
        this.domains = TrustDomainBundle.of(mesh.trustDomains());
        for (AuthorizationPolicy policy : policies) {
            byNamespace.computeIfAbsent(policy.metadata().namespace(), name -> new LinkedHashMap<>()).put(policy.metadata().name(), policy);
        }
    }

    /// Of two policies with one name the later counts.
    public static PreparedMesh of(MeshSettings mesh, Collection<AuthorizationPolicy> policies) {
        return new PreparedMesh(mesh, policies);
    }

    /// What guards one workload: the same object for the same workload, and it follows every replacement.
    public Guarded workload(Workload workload) {
        Guarded known = workloads.get(workload);
        return known != null ? known : prepare(workload);
    }

    private synchronized Guarded prepare(Workload workload) {
        return workloads.computeIfAbsent(workload, one -> {
            Set<String> namespaces = new LinkedHashSet<>(List.of(mesh.rootNamespace(), workload.namespace()));
            workload.services().forEach(service -> namespaces.add(service.namespace()));
            List<AuthorizationPolicy> near = new ArrayList<>();
            namespaces.forEach(namespace -> near.addAll(byNamespace.getOrDefault(namespace, Map.of()).values()));
            Guarded guarded = new Guarded(workload);
            guarded.onHttp = CallerTable.asking(); // to be made at once; what connections get is made when one comes
            guarded.guardBy(Attachment.attached(mesh, near, workload).stream().filter(policy -> !policy.dryRun()).toList());
            namespaces.forEach(namespace -> within.computeIfAbsent(namespace, name -> new ArrayList<>()).add(guarded));
            return guarded;
        });
    }

    /// Puts the policy in the place of the one with its namespace and name, or beside the others.
    public synchronized void replace(AuthorizationPolicy policy) {
        String namespace = policy.metadata().namespace();
        AuthorizationPolicy before =
                byNamespace.computeIfAbsent(namespace, name -> new LinkedHashMap<>()).put(policy.metadata().name(), policy);
        within.getOrDefault(namespace, List.of()).forEach(guarded -> guarded.change(before, policy));
    }

    /// Takes a policy away, if it is there.
    public synchronized void remove(String namespace, String name) {
        AuthorizationPolicy before = byNamespace.getOrDefault(namespace, Map.of()).remove(name);
        if (before != null) {
            within.getOrDefault(namespace, List.of()).forEach(guarded -> guarded.change(before, null));
        }
    }

    /// A workload with the policies that attach to it.
    public final class Guarded {
        private final Workload workload;
        private List<AuthorizationPolicy> enforced = List.of();
        /// Made when first asked for; see `CallerTable`.
        private volatile int @Nullable [] onHttp;
        private volatile int @Nullable [] onTcp;
        /// What an external authorizer says is the authorizer's own matter.
        private volatile @Nullable Authorizer asking;

        private Guarded(Workload workload) {
            this.workload = workload;
        }

        public boolean allows(Call call) {
            int[] table = call.http().isPresent() ? onHttp : onTcp;
            if (table == null) {
                table = make(call.http().isPresent());
            }
            if (CallerTable.asks(table)) {
                Authorizer authorizer = asking;
                // Null only where the CUSTOM policy was taken away in this moment: then the new table says.
                return authorizer == null ? allows(call) : authorizer.allows(call);
            }
            int caller = call.principal().isPresent() ? shelf.caller(call.principal().get()) : Shelf.UNKNOWN;
            int own = CallerTable.own(table, caller);
            int others = CallerTable.others(table);
            if (shelf.denies(own, call) || shelf.denies(others, call)) {
                return false;
            }
            return !CallerTable.closed(table) || shelf.allows(own, call) || shelf.allows(others, call);
        }

        private int[] make(boolean http) {
            synchronized (PreparedMesh.this) {
                int[] table = table(http);
                if (http) {
                    onHttp = table;
                } else {
                    onTcp = table;
                }
                return table;
            }
        }

        private void change(@Nullable AuthorizationPolicy before, @Nullable AuthorizationPolicy after) {
            boolean leaves = before != null && enforced.contains(before);
            boolean comes = after != null && !after.dryRun() && !Attachment.attached(mesh, List.of(after), workload).isEmpty();
            if (leaves || comes) {
                List<AuthorizationPolicy> next = new ArrayList<>(enforced);
                if (leaves) {
                    next.remove(before);
                }
                if (comes) {
                    next.add(after);
                }
                guardBy(next);
            }
        }

        private void guardBy(List<AuthorizationPolicy> policies) {
            enforced = List.copyOf(policies);
            boolean ask = enforced.stream().anyMatch(policy -> policy.action() == Action.CUSTOM);
            Authorizer authorizer = ask ? Authorizer.of(mesh, enforced, workload) : null;
            if (ask) {
                asking = authorizer; // before the tables that send readers to it
            }
            onHttp = onHttp == null ? null : table(true);
            onTcp = onTcp == null ? null : table(false);
            asking = authorizer;
        }

        private int[] table(boolean http) {
            if (enforced.stream().anyMatch(policy -> policy.action() == Action.CUSTOM)) {
                return CallerTable.asking();
            }
            boolean ztunnel = workload.dataPlane() == DataPlane.ZTUNNEL;
            TrustDomainBundle bundle = ztunnel ? new TrustDomainBundle(List.of()) : domains;
            RuleReader reader = ztunnel ? new ZtunnelReader() : new EnvoyReader(domains, !http);
            CallerTable.Builder builder = new CallerTable.Builder(shelf);
            for (AuthorizationPolicy policy : enforced) {
                if (policy.action() == Action.ALLOW) {
                    builder.close();
                }
                for (int r = 0; r < policy.rules().size() && policy.action() != Action.AUDIT; r++) {
                    Set<String> callers = callers(policy.rules().get(r), bundle);
                    int rule = shelf.rule(reader, policy, r, !callers.isEmpty() && namesOnly(policy.rules().get(r)));
                    if (rule == Shelf.NEVER) {
                        continue;
                    }
                    builder.add(policy.action() == Action.DENY, callers, rule);
                }
            }
            return builder.table();
        }
    }

    /// Where a rule says nothing of its callers but their names, being found by the name is all of its `from`.
    private static boolean namesOnly(Rule rule) {
        return rule.from().stream()
                .allMatch(source -> source.fields().size() == 1 && source.get(SourceField.PRINCIPALS).none().isEmpty());
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
