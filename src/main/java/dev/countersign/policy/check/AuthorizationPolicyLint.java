package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.ADMITS_ANONYMOUS;
import static dev.countersign.policy.check.FindingCode.ALLOWS_NOTHING;
import static dev.countersign.policy.check.FindingCode.CUTS_SCRAPES;
import static dev.countersign.policy.check.FindingCode.DENIES_EVERYTHING;
import static dev.countersign.policy.check.FindingCode.DENY_MISSES_PLAINTEXT;
import static dev.countersign.policy.check.FindingCode.EMPTY_FROM;
import static dev.countersign.policy.check.FindingCode.EMPTY_TO;
import static dev.countersign.policy.check.FindingCode.PATH_SPELT_OTHERWISE;
import static dev.countersign.policy.check.FindingCode.PREFLIGHT_WITHOUT_TOKEN;
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

    private static final List<SourceField> TOKENS = List.of(SourceField.REQUEST_PRINCIPALS);

    private AuthorizationPolicyLint() {}

    /// Conditions on what mutual TLS says of a caller.
    private static final Set<String> IDENTITY_KEYS = Set.of("source.principal", "source.namespace", "source.serviceAccount");

    static void check(Node object, CheckContext context, Findings findings) {
        boolean strict = context.strict(object);
        Corrected corrected = new Corrected(object);
        Node spec = object.get("spec");
        String action = spec.get("action").text().isEmpty()
                ? "ALLOW"
                : spec.get("action").text();
        List<Node> rules = spec.get("rules").items();
        if (action.equals("ALLOW") && rules.isEmpty()) {
            findings.add(ALLOWS_NOTHING, spec, "the policy selects workloads and allows them nothing: a default deny");
            if (spec.get("selector").get("matchLabels").size() == 0 && !spec.get("targetRef").isPresent() && spec.get("targetRefs").size() == 0) {
                findings.add(CUTS_SCRAPES, spec, "a scraper without a rule of its own is refused at the ports of every container");
            }
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
                case "ALLOW" -> {
                    anonymous(rule, strict, findings);
                    preflight(rule, findings);
                    spelling(rule, OperationField.PATHS.notKey(), findings);
                }
                case "DENY" -> {
                    if (!strict) {
                        plaintext(rule, findings);
                    }
                    tcp(rule, findings);
                    spelling(rule, OperationField.PATHS.key(), findings);
                }
                default -> {}
            }
            rule.get("from").items().forEach(from -> ValueLint.source(from.get("source"), findings));
            rule.get("to").items().forEach(to -> ValueLint.operation(to.get("operation"), action, corrected, findings));
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

    private static void anonymous(Node rule, boolean strict, Findings findings) {
        List<Node> conditions = rule.get("when").items();
        boolean namedByCondition = conditions.stream().anyMatch(AuthorizationPolicyLint::demandsIdentity);
        boolean tokenByCondition = conditions.stream().anyMatch(AuthorizationPolicyLint::demandsToken);
        for (Node from : rule.get("from").items()) {
            Node source = from.get("source");
            boolean named = strict || namedByCondition || IDENTITIES.stream()
                    .anyMatch(field -> source.get(field.key()).size() > 0);
            boolean token = tokenByCondition || source.get(SourceField.REQUEST_PRINCIPALS.key()).size() > 0;
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
        boolean named = strict || namedByCondition || everySourceSays(rule, IDENTITIES);
        boolean token = tokenByCondition || everySourceSays(rule, TOKENS);
        for (Node condition : conditions) {
            String key = condition.get("key").text();
            if (condition.get("notValues").size() > 0 && IDENTITY_KEYS.contains(key) && !named) {
                findings.add(ADMITS_ANONYMOUS, condition.get("notValues"), "a call in plain text has no identity, so it passes");
            }
            if (condition.get("notValues").size() > 0 && key.startsWith("request.auth.") && !token) {
                findings.add(ADMITS_ANONYMOUS, condition.get("notValues"), "a call without a token passes",
                        "Add requestPrincipals: [\"*\"] beside it if a token must be there.");
            }
        }
    }

    private static boolean everySourceSays(Node rule, List<SourceField> any) {
        List<Node> sources = rule.get("from").items().stream().map(from -> from.get("source")).toList();
        return !sources.isEmpty() && sources.stream().allMatch(source -> any.stream().anyMatch(field -> source.get(field.key()).size() > 0));
    }

    private static boolean demandsIdentity(Node condition) {
        return IDENTITY_KEYS.contains(condition.get("key").text()) && condition.get("values").size() > 0;
    }

    private static boolean demandsToken(Node condition) {
        return condition.get("key").text().startsWith("request.auth.") && condition.get("values").size() > 0;
    }

    private static void preflight(Node rule, Findings findings) {
        boolean token = rule.get("when").items().stream().anyMatch(AuthorizationPolicyLint::demandsToken) || everySourceSays(rule, TOKENS);
        List<Node> operations = rule.get("to").items().stream().map(to -> to.get("operation")).toList();
        boolean preflights = operations.isEmpty() || operations.stream()
                .map(operation -> operation.get("methods").texts())
                .anyMatch(methods -> methods.isEmpty() || methods.contains("OPTIONS"));
        if (token && preflights) {
            findings.add(PREFLIGHT_WITHOUT_TOKEN, rule, "OPTIONS is sent without the token that the rule demands, and is refused");
        }
    }

    private static void spelling(Node rule, String key, Findings findings) {
        rule.get("to").items().stream()
                .map(to -> to.get("operation").get(key))
                .filter(paths -> paths.texts().stream().anyMatch(path -> !path.equals("*") && !path.equals("/*") && !path.isEmpty()))
                .forEach(paths -> findings.add(PATH_SPELT_OTHERWISE, paths, "only these spellings are refused"));
    }

    private static void plaintext(Node rule, Findings findings) {
        rule.get("when").items().stream()
                .filter(AuthorizationPolicyLint::demandsIdentity)
                .forEach(condition -> findings.add(DENY_MISSES_PLAINTEXT, condition.get("values"),
                        "the same caller without mutual TLS has no identity and is not denied"));
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
