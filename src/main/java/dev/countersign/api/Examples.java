package dev.countersign.api;

import static dev.countersign.api.Schemas.ordered;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Bodies as one would send them, for the description of the API.
final class Examples {
    private static final Map<String, Object> ASK = ordered("kind", "ServiceAccess", "clusters", List.of("demo"),
            "from", List.of(ordered("namespace", "production", "serviceAccount", "order-service")),
            "to", ordered("namespace", "production", "workload", "payment-service"),
            "operations", List.of(ordered("methods", List.of("GET", "POST"), "paths", List.of("/api/v1/payments/*"), "ports", List.of(8080))),
            "conditions", List.of(ordered("key", "request.headers[x-channel]", "values", List.of("checkout"))));

    private static final Map<String, Object> BY_NAME = ordered(
            "AccessRequestBody", ordered("ask", ASK, "justification",
                    ordered("reason", "Checkout settles card payments when an order is placed.", "ticket", "PAY-1432"), "grantFor", "P90D"),
            "AdoptionBody", ordered("cluster", "demo", "namespace", "production", "policy", "user-profile-frontend", "justification",
                    ordered("reason", "The shop window reads profiles by this policy; nobody wrote down why.", "ticket", "PROF-7"), "grantFor", "P180D"),
            "ReviewBody", ordered("decision", "APPROVE", "digest", "sha256:" + "0".repeat(64), "comment", "Agreed for checkout."),
            "WithdrawalBody", ordered("words", "Not needed any more."),
            "RevocationBody", ordered("reason", "The checkout moved to the new service."),
            "DeliveryStopBody", ordered("cluster", "demo", "namespace", "production", "workload", "payment-service", "reason", "We look into calls that nobody expected."),
            "DeliveryModeBody", ordered("mode", "REPOSITORY", "repository", ordered("url", "https://git.example/team/policies.git", "branch", "countersign/west",
                    "directory", "clusters/west", "username", "robot", "password", "a token that may push")),
            "RolloutPlanBody", ordered("waves", List.of(ordered("name", "One namespace", "places", List.of("demo/staging"), "pause", "PT1H", "continues", "ITSELF"),
                    ordered("name", "One cluster", "places", List.of("demo"), "pause", "P1D", "continues", "PERSON"), ordered("name", "Everywhere", "places", List.of()))),
            "ContinuationBody", ordered("digest", "sha256:" + "0".repeat(64), "reason", "The first wave looks well after a day."),
            "WebhookBody", ordered("name", "Tickets", "url", "https://hooks.example.com/countersign", "types",
                    List.of("dev.countersign.request.submitted", "dev.countersign.request.approved"), "enabled", true),
            "ReleaseBody", ordered("reason", "The calls were ours; nothing is wrong."),
            "ClusterBody", ordered("name", "west", "kubeconfig", "apiVersion: v1\nkind: Config\n...", "namespaces", List.of("production", "staging")),
            "SimulationBody", ordered("cluster", "demo", "from", ordered("namespace", "production", "serviceAccount", "frontend"),
                    "to", ordered("namespace", "production", "workload", "payment-service"),
                    "call", ordered("protocol", "http", "mtls", true, "method", "POST", "path", "/api/v1/refunds/1", "host", "payment-service", "port", 8080, "headers", Map.of())),
            "ComparisonBody", ordered("cluster", "demo", "to", ordered("namespace", "production", "workload", "payment-service"),
                    "change", Map.of("yaml", "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata:\n  name: nothing\n  namespace: production\nspec: {}\n")));

    private Examples() {}

    static Optional<Object> of(String body) {
        return Optional.ofNullable(BY_NAME.get(body));
    }
}
