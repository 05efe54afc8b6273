package dev.countersign.demo.cluster;

import dev.countersign.demo.cluster.ApiKind.Trait;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/// Objects that are there without anyone having asked over HTTP.
record Seeding(ObjectStore store, Clock clock) {
    /// What every cluster has: the namespaces of the system, and the definitions of Istio's kinds.
    void basics() {
        absent(
                "kube-apiserver",
                List.of("default", "kube-system", "kube-public", "kube-node-lease").stream()
                        .map(Seeding::namespace)
                        .toList());
        absent(
                "helm",
                ApiKinds.ALL.stream()
                        .filter(kind -> kind.is(Trait.CUSTOM))
                        .map(Seeding::definition)
                        .toList());
    }

    static Map<String, Object> namespace(String name) {
        return Tree.of("apiVersion", "v1", "kind", "Namespace", "metadata", Tree.of("name", name));
    }

    void absent(String manager, List<Map<String, Object>> objects) {
        for (var given : objects) {
            var object = Tree.copy(Tree.map(Tree.normal(given)));
            var kind = ApiKinds.ofObject(
                            Tree.text(object, "apiVersion").orElse(""),
                            Tree.text(object, "kind").orElse(""))
                    .orElseThrow(() -> new IllegalArgumentException(
                            "the embedded cluster holds no such kind: " + given.get("kind")));
            var name = Tree.text(object, "metadata", "name").orElseThrow();
            var namespace = kind.namespaced()
                    ? Tree.text(object, "metadata", "namespace").orElseThrow()
                    : "";
            store.exclusively(() -> {
                if (store.find(kind, namespace, name).isPresent()) {
                    return null;
                }
                var owners = new FieldOwners();
                var now = Admission.now(clock);
                owners.update(
                        manager, "", Tree.text(object, "apiVersion").orElse(""), now, Fields.between(Map.of(), object));
                owners.writeTo(object);
                Admission.begin(kind, object, clock);
                object.put("apiVersion", kind.apiVersion());
                store.put(kind, namespace, name, object);
                return null;
            });
            if (kind == ApiKinds.NAMESPACE) {
                absent(
                        "kube-controller-manager",
                        List.of(Tree.of(
                                "apiVersion",
                                "v1",
                                "kind",
                                "ServiceAccount",
                                "metadata",
                                Tree.of("name", "default", "namespace", name))));
            }
        }
    }

    private static Map<String, Object> definition(ApiKind kind) {
        var versions = kind.versions().stream()
                .map(version -> Tree.of(
                        "name",
                        version,
                        "served",
                        true,
                        "storage",
                        version.equals(kind.versions().getFirst()),
                        "subresources",
                        Tree.of("status", Tree.of())))
                .toList();
        return Tree.of(
                "apiVersion",
                "apiextensions.k8s.io/v1",
                "kind",
                "CustomResourceDefinition",
                "metadata",
                Tree.of("name", kind.groupResource(), "labels", Tree.of("app", "istio-pilot", "istio", "security")),
                "spec",
                Tree.of(
                        "group",
                        kind.group(),
                        "scope",
                        "Namespaced",
                        "names",
                        Tree.of(
                                "kind",
                                kind.kind(),
                                "listKind",
                                kind.kind() + "List",
                                "plural",
                                kind.plural(),
                                "singular",
                                kind.singular(),
                                "shortNames",
                                kind.shortNames()),
                        "versions",
                        versions),
                "status",
                Tree.of(
                        "conditions",
                        List.of(
                                Tree.of("type", "NamesAccepted", "status", "True"),
                                Tree.of("type", "Established", "status", "True"))));
    }
}
