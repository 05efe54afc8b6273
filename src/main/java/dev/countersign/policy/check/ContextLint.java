package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.CLOSED_PORT;
import static dev.countersign.policy.check.FindingCode.HTTP_ON_TCP;
import static dev.countersign.policy.check.FindingCode.OTHER_TRUST_DOMAIN;
import static dev.countersign.policy.check.FindingCode.REACHES_EVERY_NAMESPACE;
import static dev.countersign.policy.check.FindingCode.SELECTS_NOTHING;
import static dev.countersign.policy.check.FindingCode.UNKNOWN_NAMESPACE;
import static dev.countersign.policy.check.FindingCode.UNKNOWN_PROVIDER;

import dev.countersign.policy.check.CheckContext.KnownWorkload;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.TrustDomains;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

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
        context.trustDomains().ifPresent(known -> trustDomain(object, known, findings));
        context.selected(object).ifPresent(selected -> workloads(object, selected, findings));
        reach(object, context, findings);
    }

    /// A PeerAuthentication's ports are those of containers too.
    static void peerAuthentication(Node object, CheckContext context, Findings findings) {
        context.selected(object).filter(selected -> !missed(object, selected, findings)).ifPresent(selected -> object.get("spec").get("portLevelMtls").entries()
                .forEach(port -> closed(port.getValue(), port.getKey(), selected, findings)));
    }

    /// Whether there is nothing that the object could be about.
    private static boolean missed(Node object, List<KnownWorkload> selected, Findings findings) {
        Node labels = object.get("spec").get("selector").get("matchLabels");
        if (selected.isEmpty() && labels.size() > 0) {
            findings.add(SELECTS_NOTHING, labels, "no workload of " + object.get("metadata").get("namespace").text() + " carries these labels");
        }
        return selected.isEmpty();
    }

    private static void trustDomain(Node object, TrustDomains known, Findings findings) {
        String domain = known.trustDomain();
        for (Node rule : object.get("spec").get("rules").items()) {
            for (Node value : values(rule, "principals", "notPrincipals", "source.principal")) {
                if (value.text().startsWith("cluster.local") && !known.bundle().contains("cluster.local")) {
                    // Of five parts: Istio puts the mesh's trust domain in, also where the last part is a star (istio.md 1.3).
                    if (value.text().contains("*") && !isWhole(value.text())) {
                        findings.add(OTHER_TRUST_DOMAIN, value, "the mesh's trust domain is " + domain + ", and \"" + value.text() + "\" is compared as it is",
                                "Write \"" + domain + value.text().substring("cluster.local".length()) + "\".");
                    }
                } else {
                    Spiffe.parse(value.text()).map(Spiffe::trustDomain).filter(other -> isForeign(other, known)).ifPresent(other -> findings.add(OTHER_TRUST_DOMAIN, value,
                            foreign(other, domain), "Write \"" + domain + value.text().substring(other.length()) + "\" if callers of this mesh are meant."));
                }
            }
            // No pointer to the mesh's own here, unlike in principals (istio.md 1.1).
            values(rule, "trustDomains", "notTrustDomains", "source.trustDomain").stream().filter(value -> isForeign(value.text(), known)).forEach(value ->
                    findings.add(OTHER_TRUST_DOMAIN, value, foreign(value.text(), domain), "Write \"" + domain + "\" if callers of this mesh are meant."));
        }
    }

    private static boolean isForeign(String domain, TrustDomains known) {
        return !domain.contains("*") && !known.bundle().contains(domain);
    }

    private static String foreign(String other, String domain) {
        return other + " is neither the mesh's trust domain, " + domain + ", nor a known alias of it: no caller of this mesh is meant";
    }

    private static List<Node> values(Node rule, String name, String notName, String key) {
        List<Node> values = new ArrayList<>();
        rule.get("from").items().forEach(from -> {
            values.addAll(from.get("source").get(name).items());
            values.addAll(from.get("source").get(notName).items());
        });
        rule.get("when").items().stream().filter(condition -> condition.get("key").text().equals(key)).forEach(condition -> {
            values.addAll(condition.get("values").items());
            values.addAll(condition.get("notValues").items());
        });
        return values;
    }

    private static boolean isWhole(String principal) {
        return principal.startsWith("cluster.local/") && principal.split("/", -1).length == 5;
    }

    private static void reach(Node object, CheckContext context, Findings findings) {
        Node labels = object.get("spec").get("selector").get("matchLabels");
        boolean root = object.get("metadata").get("namespace").text().equals(context.rootNamespace());
        if (root && labels.size() > 0 && context.workloads().stream().flatMap(List::stream).anyMatch(workload -> workload.dataPlane() == DataPlane.ZTUNNEL)) {
            findings.add(REACHES_EVERY_NAMESPACE, labels, "pods of every namespace that carry these labels are meant, those behind ztunnel too");
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

    private static void workloads(Node object, List<KnownWorkload> selected, Findings findings) {
        if (missed(object, selected, findings)) {
            return;
        }
        for (Node rule : object.get("spec").get("rules").items()) {
            rule.get("to").items().forEach(to -> operation(to.get("operation"), selected, findings));
            rule.get("when").items().stream().filter(condition -> condition.get("key").text().equals("destination.port"))
                    .flatMap(condition -> Stream.concat(condition.get("values").items().stream(), condition.get("notValues").items().stream()))
                    .forEach(value -> closed(value, value.text(), selected, findings));
            if (selected.stream().noneMatch(workload -> workload.ports().isEmpty() || workload.ports().containsValue(true))) {
                tokensAndHeaders(rule, findings);
            }
        }
    }

    /// HTTP that a rule asks for outside of its operations.
    private static void tokensAndHeaders(Node rule, Findings findings) {
        Stream<Node> tokens = rule.get("from").items().stream()
                .map(from -> from.get("source"))
                .flatMap(source -> Stream.of(source.get("requestPrincipals"), source.get("notRequestPrincipals")))
                .filter(list -> list.size() > 0);
        Stream<Node> conditions = rule.get("when").items().stream().filter(condition -> condition.get("key").text().startsWith("request."));
        Stream.concat(tokens, conditions).forEach(where ->
                findings.add(HTTP_ON_TCP, where, "every port of the selected workloads carries TCP, where tokens and headers do not exist"));
    }

    private static void operation(Node operation, List<KnownWorkload> selected, Findings findings) {
        boolean http = AuthorizationPolicyLint.hasHttp(operation);
        Node ports = operation.get("ports");
        operation.get("notPorts").items().forEach(item -> closed(item, item.text(), selected, findings));
        for (Node item : ports.items()) {
            if (!closed(item, item.text(), selected, findings) && http && carries(item.text(), selected).contains(false)) {
                findings.add(HTTP_ON_TCP, item, "port " + item.text() + " carries TCP, where hosts, methods and paths do not exist");
            }
        }
        if (http && ports.size() == 0 && selected.stream().noneMatch(workload -> workload.ports().isEmpty() || workload.ports().containsValue(true))) {
            findings.add(HTTP_ON_TCP, operation, "every port of the selected workloads carries TCP, where hosts, methods and paths do not exist");
        }
    }

    /// Whether HTTP, of each selected workload that opens the port.
    private static List<Boolean> carries(String port, List<KnownWorkload> selected) {
        int number = port.matches("[0-9]{1,5}") ? Integer.parseInt(port) : -1;
        return selected.stream().filter(workload -> workload.ports().containsKey(number)).map(workload -> workload.ports().get(number)).toList();
    }

    private static boolean closed(Node where, String port, List<KnownWorkload> selected, Findings findings) {
        boolean told = selected.stream().noneMatch(workload -> workload.ports().isEmpty());
        boolean closed = told && port.matches("[0-9]{1,5}") && carries(port, selected).isEmpty();
        if (closed) {
            findings.add(CLOSED_PORT, where, "no container of the selected workloads opens port " + port);
        }
        return closed;
    }
}
