package dev.countersign.api;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Two sets of policies around one workload, or around all workloads of a namespace or a cluster.
///
/// - `cluster`: names the mesh, and where the live set and the workloads are; without it a mesh of Istio's defaults is meant,
///   and `to` gives labels.
/// - `scope`: left out, one workload. For more than one the cluster is named, and of it only the tenant's namespaces count.
/// - `to`: the workload, or the namespace; left out for a whole cluster.
/// - `before`: left out, it is the live set of the cluster.
/// - `after`, or `change`: the whole new set, or what of `before` is replaced (same namespace and name) or added.
/// - `remove`: with `change`, what is taken away, as `namespace/name`.
record ComparisonBody(
        Optional<String> cluster, Optional<ComparedScope> scope, Optional<ComparedPods> to, Optional<PolicySource> before, Optional<PolicySource> after,
        Optional<PolicySource> change, Optional<List<String>> remove) {
    enum ComparedScope {
        WORKLOAD,
        NAMESPACE,
        CLUSTER
    }

    /// A workload of the cluster, or pods by their labels; neither where a namespace is meant.
    record ComparedPods(String namespace, Optional<String> workload, Optional<Map<String, String>> labels) {}

    /// As objects, or as text.
    record PolicySource(Optional<List<Map<String, Object>>> policies, Optional<String> yaml) {}

    static ComparisonBody read(Member body) {
        body.objectOf("cluster", "scope", "to", "before", "after", "change", "remove");
        Optional<String> cluster = body.of("cluster").optionalText(253);
        Optional<ComparedScope> scope = body.of("scope").word(ComparedScope.class);
        boolean scoped = body.of("scope").absent() || scope.isPresent();
        if (scope.isPresent() && scope.get() != ComparedScope.WORKLOAD && cluster.isEmpty()) {
            body.of("cluster").wrong("Name the cluster whose workloads are meant.");
        }
        ComparisonBody read = new ComparisonBody(cluster, scope,
                scoped ? subject(body.of("to"), scope.orElse(ComparedScope.WORKLOAD), cluster.isPresent()) : Optional.empty(),
                source(body.of("before")), source(body.of("after")), source(body.of("change")), body.of("remove").absent() ? Optional.empty() : Optional.of(body.of("remove").list(500, item -> item.text(600))));
        if (read.before().isEmpty() && cluster.isEmpty()) {
            body.of("before").wrong("Give the set before, or name the cluster whose live set is meant.");
        }
        if (read.after().isPresent() == (read.change().isPresent() || read.remove().isPresent())) {
            body.of("after").wrong("Give either the whole set after the change (after), or what changes (change, remove).");
        }
        return read;
    }

    private static Optional<ComparedPods> subject(Member to, ComparedScope scope, boolean inCluster) {
        if (scope == ComparedScope.CLUSTER) {
            if (!to.absent()) {
                to.wrong("A whole cluster is compared. Leave this out, or choose the scope WORKLOAD or NAMESPACE.");
            }
            return Optional.empty();
        }
        if (scope == ComparedScope.NAMESPACE) {
            to.objectOf("namespace");
            return Optional.of(new ComparedPods(to.of("namespace").text(253), Optional.empty(), Optional.empty()));
        }
        to.objectOf("namespace", "workload", "labels");
        ComparedPods read = new ComparedPods(to.of("namespace").text(253), to.of("workload").optionalText(253),
                to.of("labels").absent() ? Optional.empty() : Optional.of(to.of("labels").map(100, value -> value.optionalText(63).orElse(""))));
        if (read.workload().isPresent() == read.labels().isPresent()) {
            to.wrong("Name either the workload or the labels of its pods.");
        } else if (read.workload().isPresent() != inCluster) {
            to.wrong(inCluster ? "With a cluster name the workload." : "Without a cluster give the labels of the pods.");
        }
        return Optional.of(read);
    }

    private static Optional<PolicySource> source(Member member) {
        if (member.absent()) {
            return Optional.empty();
        }
        member.objectOf("policies", "yaml");
        PolicySource read = new PolicySource(
                member.of("policies").absent() ? Optional.empty() : Optional.of(member.of("policies").list(500, Member::tree)),
                member.of("yaml").optionalText(1024 * 1024));
        if (read.policies().isPresent() == read.yaml().isPresent()) {
            member.wrong("Give either policies (objects) or yaml (text).");
        }
        return Optional.of(read);
    }
}
