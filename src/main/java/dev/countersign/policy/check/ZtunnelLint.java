package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.BEYOND_ZTUNNEL;

import dev.countersign.policy.check.CheckContext.KnownWorkload;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.OperationField;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// What ztunnel, which sees connections and no calls, makes of a policy for pods in ambient mode. Source: istio.md 1.8, 1.9.
final class ZtunnelLint {
    private static final Set<String> UNDERSTOOD_KEYS =
            Set.of("source.ip", "source.namespace", "source.principal", "destination.ip", "destination.port");
    private static final List<String> HTTP_SOURCES = List.of("requestPrincipals", "notRequestPrincipals", "remoteIpBlocks", "notRemoteIpBlocks");
    private static final List<String> IGNORED_SOURCES = List.of("trustDomains", "notTrustDomains");

    private ZtunnelLint() {}

    static void check(Node object, String action, CheckContext context, Findings findings) {
        boolean ambient = context.selected(object).stream().flatMap(List::stream).map(KnownWorkload::dataPlane).anyMatch(DataPlane.ZTUNNEL::equals);
        if (!ambient) {
            return;
        }
        Node spec = object.get("spec");
        if (action.equals("CUSTOM") || action.equals("AUDIT")) {
            findings.add(BEYOND_ZTUNNEL, spec.get("action"), "ztunnel ignores policies with action " + action);
            return;
        }
        for (Node rule : spec.get("rules").items()) {
            rule.get("from").items().stream().map(from -> from.get("source"))
                    .flatMap(source -> IGNORED_SOURCES.stream().map(source::get))
                    .filter(list -> list.size() > 0)
                    .forEach(list -> findings.add(BEYOND_ZTUNNEL, list, "ztunnel ignores trust domains, as if they were not there"));
            beyond(rule).findFirst().ifPresent(field -> findings.add(BEYOND_ZTUNNEL, field, action.equals("ALLOW")
                    ? "ztunnel leaves this rule out: it lets nobody in, and the policy still refuses everyone else"
                    : "a rule that looks into calls may never fire at ztunnel, where it would deny with a sidecar"));
        }
    }

    private static Stream<Node> beyond(Node rule) {
        Stream<Node> sources = rule.get("from").items().stream().map(from -> from.get("source")).flatMap(source -> HTTP_SOURCES.stream().map(source::get));
        Stream<Node> operations = rule.get("to").items().stream().map(to -> to.get("operation"))
                .flatMap(operation -> Stream.of(OperationField.values()).filter(OperationField::httpOnly)
                        .flatMap(field -> Stream.of(operation.get(field.key()), operation.get(field.notKey()))));
        Stream<Node> conditions = rule.get("when").items().stream().map(condition -> condition.get("key"))
                .filter(key -> !key.text().isEmpty() && !UNDERSTOOD_KEYS.contains(key.text()));
        return Stream.concat(Stream.concat(sources, operations).filter(list -> list.size() > 0), conditions);
    }
}
