package dev.countersign.policy.compile;

import dev.countersign.policy.eval.Attachment;
import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.PathTemplate;
import dev.countersign.policy.eval.PreparedMesh;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.PathTemplates;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.StringMatch;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.TrustDomains;
import dev.countersign.policy.model.Workload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Whether a compiled policy lets through what its grants give, and nothing else: decided on calls made from the grants
/// before the policy may be delivered. The grants are read here by themselves, one by one, so that a fault in merging,
/// ordering or writing rules shows as a call that is decided otherwise.
///
/// - The calls are `NeighbouringCalls`: what each grant gives, and the nearest that it does not give. They are bounded, so
///   this is a guard against faults of the compiler and no proof of equivalence.
/// - Values are taken as written: which trust domains a mesh joins is the cluster's affair and no part of a grant.
public final class CompilationProof {
    private static final MeshSettings AS_WRITTEN = new MeshSettings("istio-system", new TrustDomains("", List.of()));

    private final Map<String, List<GrantedAccess>> byWorkload = new HashMap<>();

    private CompilationProof(Collection<GrantedAccess> grants) {
        grants.forEach(grant -> byWorkload.computeIfAbsent(grant.target().key(), key -> new ArrayList<>()).add(grant));
    }

    /// `grants`: those that were compiled.
    public static CompilationProof of(Collection<GrantedAccess> grants) {
        return new CompilationProof(grants);
    }

    /// Why the policy must not be delivered; empty where it decides every call as granted.
    public Optional<Compilation.Refusal> refuse(CompiledPolicy compiled) {
        TargetWorkload target = compiled.target();
        List<AuthorizationPolicy> policies = List.of(compiled.policy());
        if (bindsOthers(target, policies)) {
            return Optional.of(new Compilation.Refusal.NotAsGranted(target.key(), "it would bind other workloads too"));
        }
        List<GrantedAccess> grants = byWorkload.getOrDefault(target.key(), List.of());
        Promises promises = new Promises(grants);
        PreparedMesh.Guarded guarded =
                PreparedMesh.of(AS_WRITTEN, policies).workload(Workload.sidecar(target.namespace(), target.selector()));
        return NeighbouringCalls.of(grants, compiled.policy().rules())
                .filter(call -> guarded.allows(call) != promises.give(call))
                .findFirst()
                .map(call -> new Compilation.Refusal.NotAsGranted(
                        target.key(),
                        (promises.give(call) ? "it would stop a call that is granted: " : "it would let through a call that nobody granted: ")
                                + words(call)));
    }

    /// A workload that lacks one of the labels, or has it otherwise, must stay free; so must another namespace.
    private static boolean bindsOthers(TargetWorkload target, List<AuthorizationPolicy> policies) {
        List<Workload> others = new ArrayList<>();
        others.add(Workload.sidecar(target.namespace() + "-other", target.selector()));
        target.selector().forEach((label, value) -> {
            Map<String, String> less = new TreeMap<>(target.selector());
            less.remove(label);
            others.add(Workload.sidecar(target.namespace(), less));
            less.put(label, value + "-other");
            others.add(Workload.sidecar(target.namespace(), less));
        });
        return others.stream().anyMatch(other -> !Attachment.attached(AS_WRITTEN, policies, other).isEmpty());
    }

    private static String words(Call call) {
        String caller = call.principal().map(name -> "from " + name).orElse("without an identity");
        String what = call.http()
                .map(http -> http.method() + " " + http.path() + " on host " + http.host())
                .orElse("a connection that is not HTTP");
        return what + ", port " + call.destinationPort() + ", " + caller + ", source " + call.sourceIp();
    }

    /// What the grants of one workload give, each read by itself.
    private static final class Promises {
        private final Map<String, List<Promise>> byIdentity = new HashMap<>();
        private final Map<String, List<Promise>> byNamespace = new HashMap<>();
        private final List<Promise> toAnyIdentity = new ArrayList<>();

        Promises(List<GrantedAccess> grants) {
            Map<Condition, Authorizer> conditions = new HashMap<>();
            for (GrantedAccess grant : grants) {
                Promise promise = new Promise(
                        grant.wholeService() ? List.of() : grant.operations().stream().map(Allowance::of).toList(),
                        grant.conditions().stream()
                                .map(condition -> conditions.computeIfAbsent(condition, one -> alone(grant.target().namespace(), one)))
                                .toList());
                for (Caller caller : grant.callers()) {
                    switch (caller) {
                        case Caller.Identity(var spiffe) -> byIdentity
                                .computeIfAbsent(spiffe.trustDomain() + "/ns/" + spiffe.namespace() + "/sa/" + spiffe.serviceAccount(), name -> new ArrayList<>())
                                .add(promise);
                        case Caller.WholeNamespace(var domain, var namespace) ->
                            byNamespace.computeIfAbsent(domain + "/ns/" + namespace + "/sa", name -> new ArrayList<>()).add(promise);
                        case Caller.AnyIdentity() -> toAnyIdentity.add(promise);
                    }
                }
            }
        }

        boolean give(Call call) {
            if (call.principal().isEmpty()) {
                return false;
            }
            String caller = call.principal().get();
            String path = call.http().map(http -> withoutQuery(http.path())).orElse("");
            return some(byIdentity.get(caller), call, path)
                    || some(byNamespace.get(caller.substring(0, Math.max(0, caller.lastIndexOf('/')))), call, path)
                    || some(toAnyIdentity, call, path);
        }

        private static boolean some(@Nullable List<Promise> promises, Call call, String path) {
            if (promises != null) {
                for (Promise promise : promises) {
                    if (promise.gives(call, path)) {
                        return true;
                    }
                }
            }
            return false;
        }

        private static String withoutQuery(String path) {
            for (int i = 0; i < path.length(); i++) {
                if (path.charAt(i) == '?' || path.charAt(i) == '#') {
                    return path.substring(0, i);
                }
            }
            return path;
        }

        /// What a condition means is Istio's to say: it is asked alone.
        private static Authorizer alone(String namespace, Condition condition) {
            return Authorizer.of(
                    AS_WRITTEN,
                    List.of(AuthorizationPolicy.allow(
                            ObjectMeta.of(namespace, "condition"), Target.EVERYTHING,
                            List.of(new Rule(List.of(), List.of(), List.of(condition))))),
                    Workload.sidecar(namespace, Map.of()));
        }
    }

    /// One operation that a grant gives; an empty list says "any".
    private record Allowance(boolean anyProtocol, List<Integer> ports, List<StringMatch> methods, List<StringMatch> hosts, List<Predicate<String>> paths) {
        static Allowance of(GrantedOperation granted) {
            return new Allowance(granted.anyProtocol(), granted.ports(), granted.methods().stream().map(StringMatch::of).toList(),
                    granted.hosts().stream().map(StringMatch::of).toList(), granted.paths().stream().map(Allowance::path).toList());
        }

        private static Predicate<String> path(String value) {
            return PathTemplates.isTemplate(value) ? PathTemplate.of(value)::matches : StringMatch.of(value)::matches;
        }

        /// `path`: the call's, without a query. Asked thousands of times for each policy, so in loops.
        boolean covers(Call call, String path) {
            if (!ports.isEmpty() && !ports.contains(call.destinationPort())) {
                return false;
            }
            if (anyProtocol) {
                return true;
            }
            if (call.http().isEmpty()) {
                return false;
            }
            Call.Http http = call.http().get();
            return method(http.method()) && path(path, paths) && host(http.host());
        }

        private boolean method(String method) {
            for (StringMatch one : methods) {
                if (one.matches(method)) {
                    return true;
                }
            }
            return methods.isEmpty();
        }

        private boolean host(String host) {
            for (StringMatch one : hosts) {
                if (one.matchesAnyCase(host)) {
                    return true;
                }
            }
            return hosts.isEmpty();
        }

        private static boolean path(String path, List<Predicate<String>> paths) {
            for (Predicate<String> one : paths) {
                if (one.test(path)) {
                    return true;
                }
            }
            return paths.isEmpty();
        }
    }

    /// No operation means every one.
    private record Promise(List<Allowance> operations, List<Authorizer> conditions) {
        boolean gives(Call call, String path) {
            boolean covered = operations.isEmpty();
            for (int i = 0; i < operations.size() && !covered; i++) {
                covered = operations.get(i).covers(call, path);
            }
            for (int i = 0; i < conditions.size() && covered; i++) {
                covered = conditions.get(i).allows(call);
            }
            return covered;
        }
    }
}
