package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.ADMITS_ANONYMOUS;
import static dev.countersign.policy.check.FindingCode.ALLOWS_NOTHING;
import static dev.countersign.policy.check.FindingCode.DENIES_EVERYTHING;
import static dev.countersign.policy.check.FindingCode.DENY_MISSES_PLAINTEXT;
import static dev.countersign.policy.check.FindingCode.EMPTY_FROM;
import static dev.countersign.policy.check.FindingCode.EMPTY_TO;
import static dev.countersign.policy.check.FindingCode.SPLIT_CALLER;
import static dev.countersign.policy.check.FindingCode.WIDENS_ON_TCP;

import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.PolicyWriter;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// What a whole rule means beside what its author may have meant.
final class AuthorizationPolicyLint {
    private static final List<SourceField> IDENTITIES = List.of(
            SourceField.PRINCIPALS, SourceField.NAMESPACES, SourceField.SERVICE_ACCOUNTS, SourceField.TRUST_DOMAINS);

    private AuthorizationPolicyLint() {}

    static void check(Node object, Findings findings) {
        Node spec = object.get("spec");
        String action = spec.get("action").text().isEmpty()
                ? "ALLOW"
                : spec.get("action").text();
        List<Node> rules = spec.get("rules").items();
        if (action.equals("ALLOW") && rules.isEmpty()) {
            findings.add(ALLOWS_NOTHING, spec, "the policy selects workloads and allows them nothing: a default deny");
        }
        for (int i = 0; i < rules.size(); i++) {
            Node rule = rules.get(i);
            shape(object, rule, action, findings);
            if (i > 0 && action.equals("ALLOW") && only(rules.get(i - 1), "from") && only(rule, "to")) {
                findings.add(
                        SPLIT_CALLER,
                        rule,
                        "the rule before names only callers, this one only operations:"
                                + " those callers may do everything, and everyone may do this");
            }
            switch (action) {
                case "ALLOW" -> anonymous(rule, findings);
                case "DENY" -> {
                    plaintext(rule, findings);
                    tcp(rule, findings);
                }
                default -> {}
            }
            rule.get("from").items().forEach(from -> ValueLint.source(from.get("source"), findings));
            rule.get("to").items().forEach(to -> ValueLint.operation(to.get("operation"), action, findings));
            rule.get("when").items().forEach(condition -> ValueLint.condition(condition, findings));
        }
    }

    private static void shape(Node object, Node rule, String action, Findings findings) {
        Node from = rule.get("from");
        Node to = rule.get("to");
        if (from.isPresent() && from.size() == 0) {
            findings.add(EMPTY_FROM, from, "the empty list matches every caller");
        }
        if (to.isPresent() && to.size() == 0) {
            findings.add(EMPTY_TO, to, "the empty list matches every operation");
        }
        if (action.equals("DENY")
                && from.size() == 0
                && to.size() == 0
                && rule.get("when").size() == 0) {
            String message =
                    "the rule matches every call, and a DENY is checked before any ALLOW: nothing can let a call in"
                            + " again";
            String corrected = PolicyReader.authorizationPolicy(CrdType.mapOf(object.value()))
                    .map(policy -> AuthorizationPolicy.allow(policy.metadata(), policy.target(), List.of()))
                    .map(policy -> "\n" + PolicyWriter.text(policy))
                    .orElse("");
            findings.add(DENIES_EVERYTHING, rule, message, DENIES_EVERYTHING.help() + corrected);
        }
    }

    private static boolean only(Node rule, String key) {
        return rule.size() == 1 && rule.get(key).size() > 0;
    }

    private static void anonymous(Node rule, Findings findings) {
        for (Node from : rule.get("from").items()) {
            Node source = from.get("source");
            boolean named = IDENTITIES.stream()
                    .anyMatch(field -> source.get(field.key()).size() > 0);
            boolean token = source.get(SourceField.REQUEST_PRINCIPALS.key()).size() > 0;
            IDENTITIES.stream()
                    .map(field -> source.get(field.notKey()))
                    .filter(list -> list.size() > 0 && !named)
                    .forEach(list ->
                            findings.add(ADMITS_ANONYMOUS, list, "a call in plain text has no identity, so it passes"));
            Node tokens = source.get(SourceField.REQUEST_PRINCIPALS.notKey());
            if (tokens.size() > 0 && !token) {
                findings.add(
                        ADMITS_ANONYMOUS,
                        tokens,
                        "a call without a token passes",
                        "Add requestPrincipals: [\"*\"] beside it if a token must be there.");
            }
        }
    }

    private static void plaintext(Node rule, Findings findings) {
        for (Node from : rule.get("from").items()) {
            IDENTITIES.stream()
                    .map(field -> from.get("source").get(field.key()))
                    .filter(list -> list.size() > 0)
                    .findFirst()
                    .ifPresent(list -> findings.add(
                            DENY_MISSES_PLAINTEXT,
                            list,
                            "the same caller without mutual TLS has no identity and is not denied"));
        }
    }

    /// Where the webhook's own warning (A31) stays silent although the rule widens.
    private static void tcp(Node rule, Findings findings) {
        List<Node> operations =
                rule.get("to").items().stream().map(to -> to.get("operation")).toList();
        List<Node> conditions = rule.get("when").items();
        boolean port = conditions.stream()
                .anyMatch(condition -> condition.get("key").text().equals("destination.port"));
        boolean http = conditions.stream()
                .anyMatch(condition -> condition.get("key").text().startsWith("request."));
        if (port) {
            return;
        }
        if (operations.isEmpty() && http && rule.get("from").size() == 0) {
            findings.add(
                    WIDENS_ON_TCP,
                    rule.get("when"),
                    "on TCP the conditions fall away and the rule denies every connection");
        }
        if (operations.stream().anyMatch(AuthorizationPolicyLint::hasPorts)) {
            operations.stream()
                    .filter(operation -> !hasPorts(operation) && hasHttp(operation))
                    .forEach(operation -> findings.add(
                            WIDENS_ON_TCP, operation, "on TCP this operation falls away to every connection"));
        }
    }

    private static boolean hasPorts(Node operation) {
        return operation.get("ports").size() > 0 || operation.get("notPorts").size() > 0;
    }

    static boolean hasHttp(Node operation) {
        return Stream.of(OperationField.values())
                .filter(OperationField::httpOnly)
                .anyMatch(field -> Set.of(field.key(), field.notKey()).stream()
                        .anyMatch(key -> operation.get(key).size() > 0));
    }
}
