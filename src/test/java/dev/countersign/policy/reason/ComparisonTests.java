package dev.countersign.policy.reason;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Values;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.Comparison.Verdict;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ComparisonTests {
    private static final Workload PAYMENTS = Workload.sidecar("production", Map.of("app", "payment-service"));
    private static final Spiffe ORDERS = new Spiffe("cluster.local", "production", "order-service");
    private static final Spiffe BILLING = new Spiffe("cluster.local", "production", "billing-service");
    private static final Spiffe STAGING = new Spiffe("cluster.local", "staging", "order-service");
    private static final Known KNOWN =
            new Known(new LinkedHashSet<>(List.of(ORDERS, BILLING, STAGING)), Set.of(8080));
    private static final Operation PAY = Operation.of(OperationField.METHODS, Values.any("POST"))
            .and(OperationField.PATHS, Values.any("/api/v1/payments/*"));

    @Test
    void theFirstAllowOpensNothingAndCutsEveryoneElse() {
        Comparison comparison = compare(List.of(), List.of(allow("p", from(ORDERS, PAY))));

        assertThat(comparison.verdict()).isEqualTo(Verdict.LESS_PERMISSIVE);
        assertThat(comparison.newlyAllowed()).isEmpty();
        assertThat(comparison.proven()).isTrue();
        assertThat(descriptions(comparison.newlyCut()))
                .containsExactly(
                        "billing-service loses everything",
                        "order-service of staging loses everything",
                        "order-service may no longer POST any path but /api/v1/payments/*",
                        "order-service may no longer use any method but POST",
                        "order-service may no longer open TCP connections",
                        "every other identity loses everything",
                        "every caller without identity loses everything");
    }

    @Test
    void aFurtherAllowOpensExactlyItself() {
        AuthorizationPolicy first = allow("p", from(BILLING, PAY));
        Comparison comparison = compare(List.of(first), List.of(first, allow("q", from(ORDERS, PAY))));

        assertThat(comparison.verdict()).isEqualTo(Verdict.MORE_PERMISSIVE);
        assertThat(descriptions(comparison.newlyAllowed())).containsExactly("order-service may POST /api/v1/payments/*");
        Region region = comparison.newlyAllowed().getFirst();
        assertThat(region.party()).isEqualTo(new Party.One(ORDERS.principal(), true));
        assertThat(region.facets())
                .containsExactly(
                        new Facet("method", List.of("POST"), List.of(), false),
                        new Facet("path", List.of("/api/v1/payments/*"), List.of(), false));
        assertThat(region.witness().http().orElseThrow().path()).isEqualTo("/api/v1/payments/0");
        assertThat(region.witness().destinationPort()).isEqualTo(8080);
    }

    @Test
    void aSecondPathBesideTheFirstIsToldAlone() {
        Operation both = PAY.and(OperationField.PATHS, Values.any("/api/v1/payments/*", "/api/v1/refunds/*"));
        Comparison comparison =
                compare(List.of(allow("p", from(ORDERS, PAY))), List.of(allow("p", from(ORDERS, both))));

        assertThat(descriptions(comparison.newlyAllowed())).containsExactly("order-service may POST /api/v1/refunds/*");
    }

    @Test
    void theSameMeaningInOtherWordsIsEquivalent() {
        Rule one = new Rule(List.of(Source.principals(List.of(ORDERS.principal(), BILLING.principal()))), List.of(PAY), List.of());
        Comparison comparison = compare(
                List.of(allow("p", one)), List.of(allow("p", from(BILLING, PAY)), allow("q", from(ORDERS, PAY))));

        assertThat(comparison.verdict()).isEqualTo(Verdict.EQUIVALENT);
        assertThat(comparison.proven()).isTrue();
    }

    @Test
    void aPathTemplateIsComparedWithThePrefixThatItRefines() {
        Operation template = PAY.and(OperationField.PATHS, Values.any("/api/v1/payments/{*}"));
        Comparison comparison =
                compare(List.of(allow("p", from(ORDERS, PAY))), List.of(allow("p", from(ORDERS, template))));

        assertThat(comparison.verdict()).isEqualTo(Verdict.LESS_PERMISSIVE);
        assertThat(descriptions(comparison.newlyCut()))
                .containsExactly("order-service may no longer POST /api/v1/payments/* but /api/v1/payments/{*}");
    }

    @Test
    void oneForAnotherIsIncomparable() {
        Comparison comparison =
                compare(List.of(allow("p", from(ORDERS, PAY))), List.of(allow("p", from(BILLING, PAY))));

        assertThat(comparison.verdict()).isEqualTo(Verdict.INCOMPARABLE);
        assertThat(descriptions(comparison.newlyAllowed())).containsExactly("billing-service may POST /api/v1/payments/*");
        assertThat(descriptions(comparison.newlyCut())).containsExactly("order-service may no longer POST /api/v1/payments/*");
    }

    @Test
    void deletingTheLastAllowOpensTheDoorToEveryone() {
        Comparison comparison = compare(List.of(allow("baseline")), List.of());

        assertThat(comparison.verdict()).isEqualTo(Verdict.MORE_PERMISSIVE);
        assertThat(descriptions(comparison.newlyAllowed()))
                .containsExactly(
                        "order-service may do everything",
                        "billing-service may do everything",
                        "order-service of staging may do everything",
                        "every other identity may do everything",
                        "every caller without identity may do everything");
    }

    @Test
    void whoIsNotKnownToLiveIsToldByThePolicysWord() {
        Comparison comparison = Comparison.of(
                MeshSettings.DEFAULT, PAYMENTS, List.of(allow("p")), List.of(allow("p", from(ORDERS, PAY))), Known.NOTHING);

        assertThat(comparison.newlyAllowed()).singleElement().satisfies(region -> {
            assertThat(region.party()).isEqualTo(new Party.One(ORDERS.principal(), false));
            assertThat(region.description()).isEqualTo("order-service may POST /api/v1/payments/*");
        });
    }

    @Test
    void aNegationInAnAllowAdmitsPlainText() {
        Rule notStaging = new Rule(
                List.of(Source.of(SourceField.NAMESPACES, Values.none("staging"))), List.of(), List.of());
        Comparison comparison = compare(List.of(allow("p")), List.of(allow("p", notStaging)));

        assertThat(descriptions(comparison.newlyAllowed()))
                .containsExactly(
                        "order-service may do everything",
                        "billing-service may do everything",
                        "every other identity except namespace staging may do everything",
                        "every caller without identity may do everything");
    }

    /// Found by the small worlds: a region of "every other identity" left x out and did not say so.
    @Test
    void whomADenySparesIsSaid() {
        Spiffe auditor = new Spiffe("cluster.local", "audit", "reader");
        AuthorizationPolicy deny = new AuthorizationPolicy(
                ObjectMeta.of("production", "d"),
                Target.EVERYTHING,
                Action.DENY,
                Optional.empty(),
                List.of(new Rule(
                        List.of(Source.of(SourceField.PRINCIPALS, Values.none(auditor.principal()))),
                        List.of(),
                        List.of())));
        Comparison comparison =
                Comparison.of(MeshSettings.DEFAULT, PAYMENTS, List.of(), List.of(deny), Known.NOTHING);

        assertThat(descriptions(comparison.newlyCut()))
                .containsExactly(
                        "every other identity except reader of audit loses everything",
                        "every caller without identity loses everything");
        assertThat(comparison.newlyCut().getFirst().party())
                .isEqualTo(new Party.Others(List.of(), List.of(auditor.principal())));
    }

    @Test
    void aDenyByPathCutsConnectionsThatAreNoHttp() {
        AuthorizationPolicy deny = new AuthorizationPolicy(
                ObjectMeta.of("production", "d"),
                Target.EVERYTHING,
                Action.DENY,
                Optional.empty(),
                List.of(new Rule(
                        List.of(),
                        List.of(Operation.of(OperationField.PATHS, Values.any("/admin*"))),
                        List.of())));
        Comparison comparison =
                Comparison.of(MeshSettings.DEFAULT, PAYMENTS, List.of(), List.of(deny), Known.identities(List.of(ORDERS)));

        assertThat(descriptions(comparison.newlyCut()))
                .contains(
                        "order-service may no longer call /admin*",
                        "order-service may no longer open TCP connections");
    }

    @Test
    void anExternalAuthorizerIsUncertainNotSilent() {
        AuthorizationPolicy custom = new AuthorizationPolicy(
                ObjectMeta.of("production", "c"), Target.EVERYTHING, Action.CUSTOM, Optional.of("opa"), List.of(Rule.ANY));
        Comparison comparison = compare(List.of(), List.of(custom));

        assertThat(comparison.verdict()).isEqualTo(Verdict.LESS_PERMISSIVE);
        assertThat(comparison.proven()).isFalse();
        assertThat(comparison.uncertain()).singleElement().asString().contains("opa", "not known");
    }

    @Test
    void anAbsentHeaderIsToldFromAnEmptyOne() {
        Rule present = new Rule(List.of(), List.of(), List.of(new Condition("request.headers[x-a]", Values.any("*"))));
        Rule notPresent = new Rule(List.of(), List.of(), List.of(new Condition("request.headers[x-a]", Values.none("*"))));
        Comparison comparison = compare(List.of(allow("p", present)), List.of(allow("p", notPresent)));

        assertThat(comparison.verdict()).isEqualTo(Verdict.INCOMPARABLE);
        assertThat(comparison.newlyAllowed())
                .allSatisfy(region -> assertThat(region.witness().http().orElseThrow().headers()).isEmpty());
        assertThat(comparison.newlyCut())
                .allSatisfy(region -> assertThat(region.witness().http().orElseThrow().headers()).containsKey("x-a"));
    }

    @Test
    void addressesThatFillABlockLeaveNothingBetween() {
        Rule halves = new Rule(
                List.of(Source.of(SourceField.IP_BLOCKS, Values.any("10.0.0.0/9", "10.128.0.0/9"))), List.of(), List.of());
        Rule whole = new Rule(List.of(Source.of(SourceField.IP_BLOCKS, Values.any("10.0.0.0/8"))), List.of(), List.of());

        assertThat(compare(List.of(allow("p", halves)), List.of(allow("p", whole))).verdict())
                .isEqualTo(Verdict.EQUIVALENT);
    }

    private static Comparison compare(List<AuthorizationPolicy> before, List<AuthorizationPolicy> after) {
        return Comparison.of(MeshSettings.DEFAULT, PAYMENTS, before, after, KNOWN);
    }

    private static List<String> descriptions(List<Region> regions) {
        return regions.stream().map(Region::description).toList();
    }

    private static AuthorizationPolicy allow(String name, Rule... rules) {
        return AuthorizationPolicy.allow(ObjectMeta.of("production", name), Target.EVERYTHING, List.of(rules));
    }

    private static Rule from(Spiffe caller, Operation operation) {
        return new Rule(List.of(Source.principals(List.of(caller.principal()))), List.of(operation), List.of());
    }
}
