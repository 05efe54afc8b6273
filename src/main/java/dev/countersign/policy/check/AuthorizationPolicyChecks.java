package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.A1;
import static dev.countersign.policy.check.FindingCode.A2;
import static dev.countersign.policy.check.FindingCode.A20;
import static dev.countersign.policy.check.FindingCode.A21;
import static dev.countersign.policy.check.FindingCode.A3;
import static dev.countersign.policy.check.FindingCode.A31;
import static dev.countersign.policy.check.FindingCode.A4;
import static dev.countersign.policy.check.FindingCode.A5;
import static dev.countersign.policy.check.FindingCode.A6;
import static dev.countersign.policy.check.FindingCode.A7;
import static dev.countersign.policy.check.FindingCode.A8;
import static dev.countersign.policy.check.FindingCode.A9;

import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.SourceField;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// A1 to A31: the webhook's rules for AuthorizationPolicies, in the order in which it checks them.
final class AuthorizationPolicyChecks {
    private static final List<SourceField> IDENTITIES = List.of(
            SourceField.NAMESPACES,
            SourceField.SERVICE_ACCOUNTS,
            SourceField.TRUST_DOMAINS,
            SourceField.PRINCIPALS,
            SourceField.REQUEST_PRINCIPALS);
    private static final Set<SourceField> CONNECTION = Set.of(
            SourceField.PRINCIPALS,
            SourceField.NAMESPACES,
            SourceField.IP_BLOCKS,
            SourceField.REMOTE_IP_BLOCKS,
            SourceField.SERVICE_ACCOUNTS);
    private static final Set<String> IDENTITY_KEYS =
            Set.of("source.namespace", "source.serviceAccount", "source.trustDomain", "source.principal");

    private AuthorizationPolicyChecks() {}

    static void check(Node spec, Findings findings) {
        SelectorChecks.check(spec, findings);
        String action = spec.get("action").text();
        boolean rules = spec.get("rules").size() > 0;
        if (action.equals("CUSTOM")) {
            custom(spec, rules, findings);
        } else if (spec.get("provider").isPresent()) {
            findings.add(
                    A5,
                    spec.get("provider"),
                    "a provider has no meaning for action " + (action.isEmpty() ? "ALLOW" : action));
        }
        if (action.equals("DENY") && !rules) {
            findings.add(A6, spec.get("rules"), "a DENY without rules never denies anything");
        }
        spec.get("rules").items().forEach(rule -> rule(rule, action, findings));
    }

    private static void custom(Node spec, boolean rules, Findings findings) {
        if (!rules) {
            findings.add(A1, spec.get("rules"), "a CUSTOM policy without rules never asks its provider");
        } else if (spec.get("provider").get("name").text().isEmpty()) {
            findings.add(A2, spec.get("provider"), "the provider has no name");
        }
        for (Node rule : spec.get("rules").items()) {
            for (Node from : rule.get("from").items()) {
                for (SourceField field : IDENTITIES) {
                    Stream.of(field.key(), field.notKey())
                            .map(key -> from.get("source").get(key))
                            .filter(list -> list.size() > 0)
                            .forEach(list -> findings.add(A3, list, "CUSTOM cannot look at " + field.key()));
                }
            }
            for (Node condition : rule.get("when").items()) {
                String key = condition.get("key").text();
                if (IDENTITY_KEYS.contains(key) || key.startsWith("request.auth.")) {
                    findings.add(A4, condition.get("key"), "CUSTOM cannot look at " + key);
                }
            }
        }
    }

    private static void rule(Node rule, String action, Findings findings) {
        for (Node from : rule.get("from").items()) {
            if (from.get("source").isPresent()) {
                source(from.get("source"), findings);
            } else {
                findings.add(A7, from, "the entry has no source");
            }
        }
        for (Node to : rule.get("to").items()) {
            if (to.get("operation").isPresent()) {
                operation(to.get("operation"), findings);
            } else {
                findings.add(A20, to, "the entry has no operation");
            }
        }
        rule.get("when").items().forEach(condition -> ConditionChecks.check(condition, findings));
        if (action.equals("DENY") && widensOnTcp(rule)) {
            findings.add(A31, rule, "the rule names nothing that a TCP connection has, so it denies every one");
        }
    }

    private static void source(Node source, Findings findings) {
        boolean accounts = filled(source, SourceField.SERVICE_ACCOUNTS);
        if (accounts && (filled(source, SourceField.PRINCIPALS) || filled(source, SourceField.NAMESPACES))) {
            findings.add(A8, source, "service accounts stand beside principals or namespaces");
        }
        if (Stream.of(SourceField.values()).noneMatch(field -> filled(source, field))) {
            findings.add(A9, source, "the source names nobody");
        }
        for (SourceField field : SourceField.values()) {
            for (Node list : List.of(source.get(field.key()), source.get(field.notKey()))) {
                switch (field) {
                    case IP_BLOCKS, REMOTE_IP_BLOCKS -> {
                        ValueChecks.addresses(list, findings);
                        ValueChecks.notEmpty(list, findings);
                    }
                    case SERVICE_ACCOUNTS -> ValueChecks.serviceAccounts(list, findings);
                    case TRUST_DOMAINS -> ValueChecks.trustDomains(list, true, findings);
                    case PRINCIPALS, REQUEST_PRINCIPALS, NAMESPACES -> ValueChecks.notEmpty(list, findings);
                }
            }
        }
    }

    private static void operation(Node operation, Findings findings) {
        boolean empty = Stream.of(OperationField.values())
                .allMatch(field -> operation.get(field.key()).size() == 0
                        && operation.get(field.notKey()).size() == 0);
        if (empty) {
            findings.add(A21, operation, "the operation names nothing");
        }
        for (OperationField field : OperationField.values()) {
            for (Node list : List.of(operation.get(field.key()), operation.get(field.notKey()))) {
                if (field == OperationField.PORTS) {
                    ValueChecks.ports(list, findings);
                }
                ValueChecks.notEmpty(list, findings);
                if (field == OperationField.PATHS) {
                    ValueChecks.paths(list, findings);
                }
            }
        }
    }

    private static boolean filled(Node source, SourceField field) {
        return source.get(field.key()).size() > 0 || source.get(field.notKey()).size() > 0;
    }

    /// As istiod computes it: `when` is not looked at, and one operation with ports is enough.
    private static boolean widensOnTcp(Node rule) {
        List<Node> sources = rule.get("from").items().stream()
                .map(from -> from.get("source"))
                .filter(Node::isPresent)
                .toList();
        List<Node> operations = rule.get("to").items().stream()
                .map(to -> to.get("operation"))
                .filter(Node::isPresent)
                .toList();
        boolean connection =
                sources.stream().anyMatch(source -> CONNECTION.stream().anyMatch(field -> filled(source, field)));
        boolean ports = operations.stream()
                .anyMatch(operation -> operation.get("ports").size() > 0
                        || operation.get("notPorts").size() > 0);
        return operations.isEmpty() ? !sources.isEmpty() && !connection : !ports;
    }
}
