package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.CLOSED_PORT;
import static dev.countersign.policy.check.FindingCode.HTTP_ON_TCP;
import static dev.countersign.policy.check.FindingCode.SELECTS_NOTHING;
import static dev.countersign.policy.check.FindingCode.UNKNOWN_NAMESPACE;
import static dev.countersign.policy.check.FindingCode.UNKNOWN_PROVIDER;

import dev.countersign.policy.check.CheckContext.KnownWorkload;
import dev.countersign.policy.model.Spiffe;
import java.util.List;
import java.util.Set;

/// What an AuthorizationPolicy says against what the cluster holds. Silent where the cluster is not known.
final class ContextLint {
    private ContextLint() {}

    static void check(Node object, CheckContext context, Findings findings) {
        Node spec = object.get("spec");
        context.namespaces().ifPresent(known -> namespaces(object, known, findings));
        context.providers().ifPresent(known -> {
            Node name = spec.get("provider").get("name");
            if (!name.text().isEmpty() && !known.contains(name.text())) {
                findings.add(UNKNOWN_PROVIDER, name, "the mesh defines no provider " + name.text());
            }
        });
        boolean references =
                spec.get("targetRef").isPresent() || spec.get("targetRefs").size() > 0;
        if (context.workloads().isPresent() && !references) {
            workloads(object, context.workloads().get(), context.rootNamespace(), findings);
        }
    }

    private static void namespaces(Node object, Set<String> known, Findings findings) {
        namespace(
                object.get("metadata").get("namespace"),
                object.get("metadata").get("namespace").text(),
                known,
                findings);
        for (Node rule : object.get("spec").get("rules").items()) {
            for (Node from : rule.get("from").items()) {
                Node source = from.get("source");
                source.get("namespaces").items().forEach(item -> namespace(item, item.text(), known, findings));
                source.get("principals")
                        .items()
                        .forEach(item -> Spiffe.parse(item.text())
                                .ifPresent(id -> namespace(item, id.namespace(), known, findings)));
                source.get("serviceAccounts").items().forEach(item -> {
                    int slash = item.text().indexOf('/');
                    namespace(item, slash < 0 ? "" : item.text().substring(0, slash), known, findings);
                });
            }
        }
    }

    private static void namespace(Node where, String namespace, Set<String> known, Findings findings) {
        if (!namespace.isEmpty() && !namespace.contains("*") && !known.contains(namespace)) {
            findings.add(UNKNOWN_NAMESPACE, where, "there is no namespace " + namespace);
        }
    }

    private static void workloads(Node object, List<KnownWorkload> all, String root, Findings findings) {
        Node labels = object.get("spec").get("selector").get("matchLabels");
        String namespace = object.get("metadata").get("namespace").text();
        List<KnownWorkload> selected = all.stream()
                .filter(workload ->
                        namespace.equals(root) || workload.namespace().equals(namespace))
                .filter(workload -> labels.entries().stream()
                        .allMatch(label ->
                                label.getValue().text().equals(workload.labels().get(label.getKey()))))
                .toList();
        if (selected.isEmpty()) {
            if (labels.size() > 0) {
                findings.add(SELECTS_NOTHING, labels, "no workload of " + namespace + " carries these labels");
            }
            return;
        }
        for (Node rule : object.get("spec").get("rules").items()) {
            rule.get("to").items().forEach(to -> operation(to.get("operation"), selected, findings));
        }
    }

    private static void operation(Node operation, List<KnownWorkload> selected, Findings findings) {
        boolean http = AuthorizationPolicyLint.hasHttp(operation);
        for (Node item : operation.get("ports").items()) {
            int port = item.text().matches("[0-9]{1,5}") ? Integer.parseInt(item.text()) : -1;
            List<Boolean> carries = selected.stream()
                    .filter(workload -> workload.ports().containsKey(port))
                    .map(workload -> workload.ports().get(port))
                    .toList();
            if (port >= 0 && carries.isEmpty()) {
                findings.add(CLOSED_PORT, item, "no container of the selected workloads opens port " + port);
            } else if (http && carries.contains(false)) {
                findings.add(
                        HTTP_ON_TCP,
                        item,
                        "port " + port + " carries TCP, where hosts, methods and paths do not exist");
            }
        }
    }
}
