package dev.countersign.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.policy.compile.Compilation.Refusal;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Values;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GrantCompilerTests {
    private static final TargetWorkload PAYMENTS =
            new TargetWorkload("production", "payment-service", Map.of("app", "payment-service"));
    private static final Caller ORDERS = Caller.identity("cluster.local", "production", "order-service");
    private static final Caller BILLING = Caller.identity("cluster.local", "production", "billing-service");
    private static final GrantedOperation PAY_AND_REFUND =
            GrantedOperation.of(List.of("POST", "GET"), List.of("/api/v1/refunds/*", "/api/v1/payments/*"));

    @Test
    void theGuidesExampleBecomesOneRule() {
        AuthorizationPolicy policy = only(grant(1, ORDERS, PAY_AND_REFUND), grant(2, BILLING, PAY_AND_REFUND))
                .policy();

        assertThat(policy.metadata().key()).isEqualTo("production/countersign-payment-service");
        assertThat(policy.action()).isEqualTo(Action.ALLOW);
        assertThat(policy.target()).isEqualTo(new Target.Selector(Map.of("app", "payment-service")));
        assertThat(policy.rules())
                .containsExactly(new Rule(
                        List.of(Source.principals(List.of(
                                "cluster.local/ns/production/sa/billing-service",
                                "cluster.local/ns/production/sa/order-service"))),
                        List.of(Operation.of(OperationField.METHODS, Values.any("GET", "POST"))
                                .and(OperationField.PATHS, Values.any("/api/v1/payments/*", "/api/v1/refunds/*"))),
                        List.of()));
    }

    @Test
    void thePolicySaysWhoseItIsAndWhy() {
        CompiledPolicy compiled = only(grant(7, ORDERS, PAY_AND_REFUND), grant(42, BILLING, PAY_AND_REFUND));

        assertThat(compiled.policy().metadata().labels())
                .containsExactly(
                        Map.entry("app.kubernetes.io/managed-by", "countersign"),
                        Map.entry("countersign.dev/tenant", "acme"));
        assertThat(compiled.policy().metadata().annotations())
                .containsExactly(
                        Map.entry("countersign.dev/digest", compiled.digest()),
                        Map.entry("countersign.dev/grants", "g42,g7"),
                        Map.entry("countersign.dev/requests", "7,42"));
        assertThat(compiled.at(9).metadata().annotations()).containsEntry("countersign.dev/revision", "9");
        assertThat(compiled.at(9).rules()).isEqualTo(compiled.policy().rules());
    }

    @Test
    void everyRuleKnowsItsGrants() {
        CompiledPolicy compiled = only(
                grant(7, ORDERS, PAY_AND_REFUND),
                grant(42, BILLING, PAY_AND_REFUND),
                grant(43, BILLING, GrantedOperation.of(List.of("GET"), List.of("/health"))));

        assertThat(compiled.origins())
                .containsExactlyInAnyOrder(
                        List.of(new CompiledPolicy.Origin("g7", 7), new CompiledPolicy.Origin("g42", 42)),
                        List.of(new CompiledPolicy.Origin("g43", 43)));
        int health = compiled.origins().indexOf(List.of(new CompiledPolicy.Origin("g43", 43)));
        assertThat(compiled.policy().rules().get(health).to().getFirst().get(OperationField.PATHS).any())
                .containsExactly("/health");
    }

    @Test
    void theOrderOfGrantsDoesNotMatter() {
        Random random = new Random(20260823);
        for (int world = 0; world < 300; world++) {
            List<GrantedAccess> grants = new ArrayList<>(Grants.random(random, 12));
            Compilation first = GrantCompiler.compile("acme", grants, Grants.WORKLOADS);
            Collections.shuffle(grants, random);
            grants.addAll(grants.subList(0, grants.size() / 2));
            List<TargetWorkload> workloads = new ArrayList<>(Grants.WORKLOADS);
            Collections.shuffle(workloads, random);
            assertThat(GrantCompiler.compile("acme", grants, workloads)).isEqualTo(first);
        }
    }

    @Test
    void noRuleHasAnEmptyListThatIstioWouldReadAsAny() {
        Random random = new Random(7);
        for (int world = 0; world < 300; world++) {
            for (AuthorizationPolicy policy : GrantCompiler.compile("acme", Grants.random(random, 8), List.of())
                    .policies()
                    .objects()) {
                assertThat(policy.rules()).allSatisfy(rule -> {
                    assertThat(rule.from()).hasSize(1);
                    assertThat(rule.from().getFirst().fields()).isNotEmpty();
                });
            }
        }
    }

    @Test
    void equalContentHasEqualDigestWhoeverAsked() {
        assertThat(only(grant(1, ORDERS, PAY_AND_REFUND)).digest())
                .isEqualTo(only(grant(2, ORDERS, PAY_AND_REFUND)).digest())
                .isNotEqualTo(only(grant(1, BILLING, PAY_AND_REFUND)).digest())
                .matches("sha256:[0-9a-f]{64}");
    }

    @Test
    void aWorkloadWhoseLastGrantEndedKeepsAPolicyThatMatchesNothing() {
        Compilation compilation = GrantCompiler.compile("acme", List.of(), List.of(PAYMENTS));

        assertThat(compilation).isInstanceOf(Compilation.Complete.class);
        CompiledPolicy compiled = compilation.policies().policies().getFirst();
        assertThat(compiled.baselineOnly()).isTrue();
        assertThat(compiled.policy().action()).isEqualTo(Action.ALLOW);
        assertThat(compiled.policy().rules()).isEmpty();
        assertThat(compiled.policy().metadata().annotations()).containsOnlyKeys("countersign.dev/digest");
    }

    @Test
    void aGrantOfTheWholeServiceHasNoOperation() {
        assertThat(only(grant(1, ORDERS, GrantedOperation.WHOLE_SERVICE)).policy().rules().getFirst().to())
                .isEmpty();
        assertThat(only(new GrantedAccess("g", 1, Set.of(ORDERS), PAYMENTS, List.of(), List.of()))
                        .policy()
                        .rules()
                        .getFirst()
                        .to())
                .isEmpty();
    }

    @Test
    void widerCallersAreWrittenAsPrincipals() {
        Set<Caller> callers = Set.of(new Caller.WholeNamespace("td1", "production"), new Caller.AnyIdentity());
        Rule rule = only(new GrantedAccess("g", 1, callers, PAYMENTS, List.of(), List.of()))
                .policy()
                .rules()
                .getFirst();

        assertThat(rule.from()).containsExactly(Source.principals(List.of("*", "td1/ns/production/sa/*")));
    }

    @Test
    void conditionsStaySeparateFromUnconditionalAccess() {
        Condition channel = new Condition("request.headers[x-channel]", Values.any("web", "app"));
        CompiledPolicy compiled = only(
                grant(1, ORDERS, PAY_AND_REFUND),
                new GrantedAccess("g2", 2, Set.of(BILLING), PAYMENTS, List.of(PAY_AND_REFUND), List.of(channel)));

        assertThat(compiled.policy().rules()).hasSize(2);
        assertThat(compiled.policy().rules())
                .filteredOn(rule -> !rule.when().isEmpty())
                .singleElement()
                .satisfies(rule -> assertThat(rule.when())
                        .containsExactly(new Condition("request.headers[x-channel]", Values.any("app", "web"))));
    }

    @Test
    void aPortForAnyProtocolIsNotLostBesideAPath() {
        GrantedOperation port = new GrantedOperation(List.of(), List.of(), List.of(9090), List.of());
        CompiledPolicy compiled = only(grant(1, ORDERS, PAY_AND_REFUND, port));

        assertThat(compiled.policy().rules()).hasSize(2);
        assertThat(compiled.origins()).allMatch(List.of(new CompiledPolicy.Origin("g1", 1))::equals);
    }

    @Test
    void moreRulesThanIstioTakesAreRefusedAndTheOthersStand() {
        TargetWorkload other = new TargetWorkload("production", "user-profile", Map.of("app", "user-profile"));
        List<GrantedAccess> grants = new ArrayList<>(IntStream.rangeClosed(1, 513)
                .mapToObj(i -> grant(i, ORDERS, GrantedOperation.of(List.of(), List.of("/" + i))))
                .toList());
        grants.add(new GrantedAccess("g", 999, Set.of(ORDERS), other, List.of(), List.of()));

        Compilation compilation = GrantCompiler.compile("acme", grants, List.of());

        assertThat(compilation).isInstanceOfSatisfying(Compilation.Partial.class, partial -> {
            assertThat(partial.refusals())
                    .containsExactly(new Refusal.TooLarge("production/payment-service", "rules", 513, 512));
            assertThat(partial.refusals().getFirst().message()).contains("513 rules", "at most 512", "revoke grants");
            assertThat(partial.policies().objects()).singleElement()
                    .satisfies(p -> assertThat(p.metadata().name()).isEqualTo("countersign-user-profile"));
        });
        assertThat(GrantCompiler.compile("acme", grants.subList(0, 512), List.of()))
                .isInstanceOf(Compilation.Complete.class);
    }

    @Test
    void aPolicyThatKubernetesCouldNotStoreIsRefused() {
        String segment = "x".repeat(40_000);
        List<GrantedAccess> grants = IntStream.rangeClosed(1, 30)
                .mapToObj(i -> grant(i, ORDERS, GrantedOperation.of(List.of(), List.of("/" + i + segment))))
                .toList();

        assertThat(GrantCompiler.compile("acme", grants, List.of()))
                .isInstanceOfSatisfying(Compilation.Partial.class, partial -> assertThat(
                                partial.refusals().getFirst().message())
                        .contains("characters of rules"));
    }

    @Test
    void grantsThatDisagreeAboutTheLabelsAreRefused() {
        TargetWorkload relabelled = new TargetWorkload("production", "payment-service", Map.of("app", "payments"));
        Compilation compilation = GrantCompiler.compile(
                "acme",
                List.of(
                        grant(1, ORDERS, PAY_AND_REFUND),
                        new GrantedAccess("g2", 2, Set.of(BILLING), relabelled, List.of(), List.of())),
                List.of());

        assertThat(compilation).isInstanceOfSatisfying(Compilation.Partial.class, partial -> {
            assertThat(partial.policies().policies()).isEmpty();
            assertThat(partial.refusals().getFirst().message())
                    .contains("{app=payment-service} and {app=payments}", "Refresh the workload");
        });
    }

    @Test
    void whatWouldMeanAnyoneCannotBeWrittenDown() {
        assertThatThrownBy(() -> new GrantedAccess("g", 1, Set.of(), PAYMENTS, List.of(), List.of()))
                .hasMessageContaining("names no caller");
        assertThatThrownBy(() -> new TargetWorkload("production", "payment-service", Map.of()))
                .hasMessageContaining("labels");
        assertThatThrownBy(() -> Caller.identity("cluster.local", "production", "*"))
                .hasMessageContaining("plain name");
        assertThatThrownBy(() -> GrantCompiler.compile("a/b", List.of(), List.of()))
                .hasMessageContaining("label");
    }

    private static GrantedAccess grant(long number, Caller caller, GrantedOperation... operations) {
        return new GrantedAccess("g" + number, number, Set.of(caller), PAYMENTS, List.of(operations), List.of());
    }

    private static CompiledPolicy only(GrantedAccess... grants) {
        Compilation compilation = GrantCompiler.compile("acme", List.of(grants), List.of());
        assertThat(compilation).isInstanceOf(Compilation.Complete.class);
        assertThat(compilation.policies().policies()).hasSize(1);
        return compilation.policies().policies().getFirst();
    }
}
