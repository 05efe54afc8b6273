package dev.countersign.delivery.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LiveTextTests {
    @Test
    void aLiveObjectReadsInTheOrderInWhichThePortalWritesWithoutTheServersOwnFields() {
        Map<String, Object> live = Map.of(
                "spec", Map.of(
                        "rules", List.of(Map.of(
                                "to", List.of(Map.of("operation", Map.of("paths", List.of("/a"), "methods", List.of("GET")))),
                                "from", List.of(Map.of("source", Map.of("namespaces", List.of("web")))))),
                        "action", "ALLOW"),
                "metadata", Map.of("uid", "1", "namespace", "shop", "name", "pay", "labels", Map.of("b", "2", "a", "1")),
                "status", Map.of(),
                "kind", "AuthorizationPolicy",
                "apiVersion", "security.istio.io/v1");
        assertThat(LiveText.of(live)).isEqualTo("""
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata:
                  name: pay
                  namespace: shop
                  labels:
                    a: "1"
                    b: "2"
                spec:
                  action: ALLOW
                  rules:
                  - from:
                    - source:
                        namespaces:
                        - web
                    to:
                    - operation:
                        methods:
                        - GET
                        paths:
                        - /a
                """);
    }
}
