package dev.countersign.demo.cluster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// Someone who may talk to the cluster: a bearer token and what it allows. A simple stand-in for roles and bindings;
/// no rule can forbid, only allow. An empty token is replaced by a random one when the cluster starts.
public record ClusterUser(String name, String token, List<Rule> rules) {

    /// Allows `verbs` on `resources` in `namespaces`; `*` stands for all. A resource is named as `kubectl` does:
    /// `authorizationpolicies.security.istio.io`, `pods`, `deployments.apps`. Cluster-wide lists, and resources without
    /// a namespace, need `*` in `namespaces`.
    public record Rule(Set<String> verbs, Set<String> resources, Set<String> namespaces) {
        boolean allows(String verb, String groupResource, String namespace) {
            return has(verbs, verb)
                    && has(resources, groupResource)
                    && (namespaces.contains("*") || !namespace.isEmpty() && namespaces.contains(namespace));
        }

        private static boolean has(Set<String> set, String value) {
            return set.contains("*") || set.contains(value);
        }
    }

    /// Someone who may do nothing yet, with a token that the cluster makes up and remembers.
    public static ClusterUser named(String name) {
        return new ClusterUser(name, "", List.of());
    }

    /// Someone who may do everything, with a token that the cluster makes up and remembers.
    public static ClusterUser admin(String name) {
        return named(name).may("*", "*", "*");
    }

    public ClusterUser withToken(String token) {
        return new ClusterUser(name, token, rules);
    }

    /// A user with the rule added, in words: `may("get list watch", "pods deployments.apps", "*")`.
    public ClusterUser may(String verbs, String resources, String namespaces) {
        var more = new ArrayList<>(rules);
        more.add(new Rule(words(verbs), words(resources), words(namespaces)));
        return new ClusterUser(name, token, List.copyOf(more));
    }

    boolean isAllowed(String verb, String groupResource, String namespace) {
        return rules.stream().anyMatch(rule -> rule.allows(verb, groupResource, namespace));
    }

    @Override
    public String toString() {
        return "ClusterUser[" + name + "]";
    }

    private static Set<String> words(String text) {
        return Set.copyOf(Arrays.asList(text.split("[ ,]+")));
    }
}
