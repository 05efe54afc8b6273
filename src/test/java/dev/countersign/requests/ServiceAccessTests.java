package dev.countersign.requests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.clusters.ClusterRef;
import dev.countersign.policy.compile.GrantCompiler;
import dev.countersign.policy.compile.TargetWorkload;
import dev.countersign.policy.yaml.PolicyWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ServiceAccessTests {
    @Test
    void theSentenceOfTheExample() {
        assertThat(Asks.body().sentence()).isEqualTo(
                "order-service asks to GET or POST /api/v1/payments/* on payment-service for 90 days");
    }

    @Test
    void severalCallersAskTogether() {
        assertThat(Asks.body().from(Asks.source("production", "order-service"), Asks.source("production", "billing-service")).sentence())
                .startsWith("order-service and billing-service ask to GET");
        List<Object> many = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            many.add(Asks.source("production", "s" + i));
        }
        assertThat(Asks.body().from(many.toArray()).sentence()).startsWith("s0, s1 and 7 more callers ask to ");
    }

    @Test
    void aWholeServiceIsCalledWhatItIs() {
        assertThat(Asks.body().wholeService().sentence()).isEqualTo("order-service asks to call anything on payment-service for 90 days");
    }

    @Test
    void accessAcrossNamespacesNamesBoth() {
        assertThat(Asks.body().from(Asks.source("staging", "order-service")).sentence()).isEqualTo(
                "order-service asks to GET or POST /api/v1/payments/* on payment-service in production, from staging, for 90 days");
        assertThat(Asks.body().from(Asks.source("staging", "a"), Asks.source("production", "b")).sentence()).isEqualTo(
                "staging/a and production/b ask to GET or POST /api/v1/payments/* on payment-service in production for 90 days");
        assertThat(Asks.body().from(Asks.source("staging", "*")).sentence()).startsWith("every service in staging asks to ")
                .contains("on payment-service in production for");
        assertThat(Asks.body().from(Asks.source("*", "*")).sentence()).startsWith("any service of the mesh asks to ");
    }

    @Test
    void everyPeriodReadsDifferently() {
        assertThat(Asks.body().permanent().sentence()).endsWith("payment-service without an end");
        assertThat(Asks.body().with("/grantFor", "P1D").sentence()).endsWith(" for 1 day");
        assertThat(Asks.body().with("/grantFor", "PT36H5M").sentence()).endsWith(" for 1 day 12 hours 5 minutes");
        assertThat(Asks.body().permanent().with("/until", "2027-03-01T00:00:00Z").sentence()).endsWith(" until 1 March 2027");
        assertThat(Asks.body().permanent().with("/until", "2027-03-01T14:30:00Z").sentence()).endsWith(" until 1 March 2027 14:30 UTC");
    }

    @Test
    void severalOperationsClustersAndConditionsAreSaid() {
        assertThat(Asks.body()
                        .with("/ask/operations", List.of(Asks.operation(List.of("GET"), List.of("/a")), Asks.operation(List.of("POST"), List.of("/b"))))
                        .with("/ask/clusters", List.of("west", "demo"))
                        .with("/ask/conditions", List.of(Map.of("key", "source.ip", "values", List.of("10.0.0.0/8"))))
                        .sentence())
                .isEqualTo("order-service asks to GET /a and to POST /b on payment-service, in the clusters demo and west, under 1 condition for 90 days");
        assertThat(Asks.body().with("/ask/operations", List.of(Map.of("ports", List.of(9000)))).sentence())
                .isEqualTo("order-service asks to call anything at port 9000 on payment-service for 90 days");
    }

    @Test
    void theLongestSentenceIsBounded() {
        String name = "n".repeat(253);
        String path = "/" + "p".repeat(1_023);
        String sentence = Asks.body()
                .with("/ask/from", Collections.nCopies(50, 0).stream().map(i -> (Object) Asks.source("n".repeat(63), name)).toList())
                .with("/ask/to/workload", name)
                .with("/ask/operations", Collections.nCopies(50, Map.of("paths", List.of(path, path + "", "/b", "/c", "/d"))))
                .sentence();
        assertThat(sentence.length()).isLessThan(20_000);
    }

    @Test
    void factsAreFoundAndOtherwiseSilent() {
        assertThat(Asks.body().ask().facts()).containsExactly(AskFact.SAME_NAMESPACE_PATHS);
        assertThat(Asks.body().from(Asks.source("staging", "a")).ask().facts()).containsExactly(AskFact.CROSS_NAMESPACE);
        assertThat(Asks.body().from(Asks.source("production", "*")).ask().facts())
                .containsExactly(AskFact.SAME_NAMESPACE_PATHS, AskFact.WILDCARD_PRINCIPAL);
        assertThat(Asks.body().from(Asks.source("*", "*")).ask().facts())
                .containsExactly(AskFact.CROSS_NAMESPACE, AskFact.WILDCARD_PRINCIPAL);
        assertThat(Asks.body().wholeService().ask().facts()).containsExactly(AskFact.WHOLE_SERVICE, AskFact.WILDCARD_METHOD);
        assertThat(Asks.body().with("/ask/clusters", List.of("a", "b")).ask().facts()).contains(AskFact.SEVERAL_CLUSTERS);
        assertThat(AskFact.of(Asks.body().permanent().ask(), new GrantPeriod.Permanent())).contains(AskFact.PERMANENT);
    }

    @Test
    void anOperationThatLeavesNothingOutIsTheWholeService() {
        for (String path : List.of("*", "/*", "/{**}")) {
            assertThat(operation(List.of("GET"), List.of("/a", path))).as(path).contains(AskFact.WHOLE_SERVICE);
        }
        assertThat(operation(List.of("GET"), List.of())).contains(AskFact.WHOLE_SERVICE);
        assertThat(operation(List.of("GET"), List.of("/a/*"))).doesNotContain(AskFact.WHOLE_SERVICE, AskFact.WILDCARD_METHOD);
        assertThat(operation(List.of("*"), List.of("/a/*"))).contains(AskFact.WILDCARD_METHOD);
        assertThat(operation(List.of(), List.of("/a/*"))).contains(AskFact.WILDCARD_METHOD);
    }

    @Test
    void compilesToThePolicyOfTheGuide() {
        Place place = new Place(new ClusterRef(UUID.randomUUID(), "demo"), "cluster.local",
                new TargetWorkload("production", "payment-service", Map.of("app", "payment-service")));
        ServiceAccess ask = Asks.body().from(Asks.source("production", "order-service"), Asks.source("production", "billing-service"))
                .with("/ask/operations", List.of(Asks.operation(List.of("POST", "GET"), List.of("/api/v1/payments/*", "/api/v1/refunds/*"))))
                .ask();
        String yaml = PolicyWriter.text(GrantCompiler.compile("acme", ask.compile("g1", 42, place), List.of()).policies().objects());
        assertThat(yaml).contains("cluster.local/ns/production/sa/billing-service", "cluster.local/ns/production/sa/order-service",
                "/api/v1/refunds/*", "countersign.dev/requests");
        assertThat(AskJson.readPlace(AskJson.write(place))).isEqualTo(place);
    }

    private static java.util.Set<AskFact> operation(List<String> methods, List<String> paths) {
        return Asks.body().with("/ask/operations", List.of(Asks.operation(methods, paths))).ask().facts();
    }
}
