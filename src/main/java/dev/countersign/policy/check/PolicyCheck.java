package dev.countersign.policy.check;

import dev.countersign.policy.yaml.Document;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The front desk of checking. Says about one object everything that the API server, istiod's webhook and our own lint
/// would say, also where the object cannot be decoded. Never throws for what it is given.
public final class PolicyCheck {
    private PolicyCheck() {}

    /// Without knowledge of a cluster.
    public static CheckResult check(Map<String, Object> tree) {
        return check(tree, CheckContext.NOTHING_KNOWN);
    }

    /// With what is known of the cluster that the object is for: open ports, namespaces, workloads, providers.
    public static CheckResult check(Map<String, Object> tree, CheckContext context) {
        Optional<CrdSchema.Kind> kind = kind(tree);
        if (kind.isEmpty()) {
            String message = "\"" + tree.get("kind") + "\" of " + tree.get("apiVersion") + " is not checked here";
            return new CheckResult(List.of(new Finding(FindingCode.NOT_CHECKED, "kind", message)));
        }
        String name = String.valueOf(tree.get("kind"));
        Findings webhook = new Findings();
        webhook(name, kind.get(), Node.of(tree), webhook);
        Findings lint = new Findings();
        PolicyLint.check(name, Node.of(tree), context, lint);
        List<Finding> all = new ArrayList<>(webhook.list());
        all.addAll(CrdSchema.validate(name, tree));
        all.addAll(lint.list());
        return new CheckResult(all);
    }

    /// A document as it was written: the words that other readers take for something else are findings as well.
    public static CheckResult check(Document document, CheckContext context) {
        List<Finding> all = new ArrayList<>(check(document.tree(), context).findings());
        document.remarks()
                .forEach(remark -> all.add(new Finding(FindingCode.SAID_BY_KUBECTL, remark.path(), remark.message())));
        return new CheckResult(all);
    }

    /// In istiod's order: decode, then metadata, then the kind's own rules; each only where the one before is content.
    private static void webhook(String name, CrdSchema.Kind kind, Node object, Findings findings) {
        DecodeCheck.check(object.get("spec"), kind.spec(), findings);
        if (findings.isEmpty()) {
            MetadataChecks.check(name, object, findings);
        }
        if (!findings.isEmpty()) {
            return;
        }
        Node spec = object.get("spec");
        String namespace = object.get("metadata").get("namespace").text();
        switch (name) {
            case "AuthorizationPolicy" -> AuthorizationPolicyChecks.check(spec, findings);
            case "PeerAuthentication" -> PeerAuthenticationChecks.check(spec, findings);
            case "RequestAuthentication" -> RequestAuthenticationChecks.check(spec, findings);
            case "DestinationRule" -> DestinationRuleChecks.check(spec, namespace, findings);
            case "EnvoyFilter" -> EnvoyFilterChecks.check(spec, findings);
            case "Sidecar" -> SidecarChecks.check(spec, namespace, findings);
            default -> throw new IllegalStateException("no checks for the kind " + name);
        }
    }

    private static Optional<CrdSchema.Kind> kind(Map<String, Object> tree) {
        return tree.get("kind") instanceof String kind && tree.get("apiVersion") instanceof String version
                ? CrdSchema.kind(kind)
                        .filter(known -> known.versions().stream()
                                .anyMatch(served -> version.equals(known.group() + "/" + served)))
                : Optional.empty();
    }
}
