package dev.countersign.policy.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.LocalRateLimit;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Tree;
import dev.countersign.policy.model.Values;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PolicyWriterTests {
    private static final ObjectMeta META = ObjectMeta.of("production", "payments");

    @Test
    void thePolicyThatAllowsNothingHasAnEmptySpec() {
        assertThat(PolicyWriter.text(AuthorizationPolicy.allow(META, Target.EVERYTHING, List.of())))
                .isEqualTo("""
                    apiVersion: security.istio.io/v1
                    kind: AuthorizationPolicy
                    metadata:
                      name: payments
                      namespace: production
                    spec: {}
                    """);
    }

    @Test
    void aPolicyReadsAsAPersonWouldWriteIt() {
        Rule rule = new Rule(
                List.of(Source.principals(List.of("cluster.local/ns/production/sa/order-service"))),
                List.of(Operation.of(OperationField.PATHS, new Values(List.of("/api/*"), List.of("/api/admin")))
                        .and(OperationField.PORTS, Values.any("8080"))),
                List.of());
        Target target = new Target.Selector(Map.of("app", "payment-service"));

        assertThat(PolicyWriter.text(AuthorizationPolicy.allow(META, target, List.of(rule, Rule.ANY))))
                .isEqualTo("""
                    apiVersion: security.istio.io/v1
                    kind: AuthorizationPolicy
                    metadata:
                      name: payments
                      namespace: production
                    spec:
                      selector:
                        matchLabels:
                          app: payment-service
                      action: ALLOW
                      rules:
                      - from:
                        - source:
                            principals:
                            - cluster.local/ns/production/sa/order-service
                        to:
                        - operation:
                            ports:
                            - "8080"
                            paths:
                            - /api/*
                            notPaths:
                            - /api/admin
                      - {}
                    """);
    }

    @Test
    void textThatAnyReaderCouldMisreadIsInQuotes() {
        assertThat(PolicyWriter.text(
                        Tree.map("on", "yes", "a", List.of("1", "~", "2026-01-31", "*x", "\u0085\u2028\u0007"))))
                .isEqualTo("\"on\": \"yes\"\n"
                        + "a:\n"
                        + "- \"1\"\n"
                        + "- \"~\"\n"
                        + "- \"2026-01-31\"\n"
                        + "- \"*x\"\n"
                        + "- \"\\u0085\\u2028\\u0007\"\n");
    }

    @Test
    void aLocalRateLimitIsRecognisedInTheFilterThatItMakes() {
        LocalRateLimit limit = new LocalRateLimit(20, 10, Duration.ofMillis(1500));

        assertThat(LocalRateLimit.of(limit.filter(META, Target.EVERYTHING))).contains(limit);
        assertThat(PolicyWriter.text(limit.filter(META, Target.EVERYTHING))).contains("fill_interval: \"1.5s\"");
    }
}
