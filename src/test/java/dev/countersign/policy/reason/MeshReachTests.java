package dev.countersign.policy.reason;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.TrustDomains;
import dev.countersign.policy.model.Values;
import dev.countersign.policy.model.Workload;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MeshReachTests {
    private static final Spiffe ORDERS = new Spiffe("cluster.local", "shop", "orders");
    private static final Spiffe BILLING = new Spiffe("cluster.local", "shop", "billing");
    private static final Spiffe REPORTS = new Spiffe("cluster.local", "office", "reports");
    private static final Spiffe ABROAD = new Spiffe("old.example", "shop", "orders");
    private static final List<Spiffe> SOURCES = List.of(ORDERS, BILLING, REPORTS, ABROAD);
    private static final Optional<Spiffe> ANYONE_ELSE = Optional.empty();
    private static final Map<String, Workload> WORKLOADS = workloads(DataPlane.SIDECAR);

    @Test
    void withoutAPolicyEveryoneCallsEverything() {
        MeshReach reach = reach();

        assertThat(reach.pairs()).isEqualTo(5 * 2);
        assertThat(reach.allowed(ANYONE_ELSE, "payments")).extracting(OperationClass::description).containsExactly("do everything");
        assertThat(reach.reachedBy(Optional.of(ORDERS))).containsExactly("payments", "profiles");
        assertThat(reach.doubts()).isEmpty();
    }

    @Test
    void theFirstAllowClosesAndTheLastOneGoneOpens() {
        MeshReach.Step closed = reach().with(allow("payments", from(principals(ORDERS), "GET", "/pay/*")));

        assertThat(closed.after().callers("payments").list()).containsExactly(Optional.of(ORDERS));
        assertThat(closed.after().callers("profiles").size()).isEqualTo(5);
        assertThat(closed.delta().opened()).isZero();
        // Four others lose the class of the rule, all five lose the rest.
        assertThat(closed.delta().cut()).isEqualTo(4 + 5);

        MeshReach.Step opened = closed.after().without("shop", "payments");
        assertThat(opened.delta().cut()).isZero();
        assertThat(opened.delta().opened()).isEqualTo(4 + 5);
        assertThat(opened.after().bytes()).isEqualTo(reach().bytes());
    }

    @Test
    void classesAreToldInWordsWithACall() {
        AuthorizationPolicy policy = allow("payments", from(principals(ORDERS), "GET", "/pay/*"), from(principals(BILLING), "GET", "/pay/refund"));
        MeshReach reach = reach(policy);

        assertThat(reach.into("payments")).extracting(access -> access.calls().description() + ": " + access.passing())
                .containsExactly(
                        "GET /pay/*, which is also to GET /pay/refund: [Optional[" + BILLING + "], Optional[" + ORDERS + "]]",
                        "GET /pay/*, but not GET /pay/refund: [Optional[" + ORDERS + "]]",
                        "do anything else: []");
        Authorizer authorizer = Authorizer.of(MeshSettings.DEFAULT, List.of(policy), WORKLOADS.get("payments"));
        for (OperationClass calls : reach.allowed(Optional.of(ORDERS), "payments")) {
            assertThat(authorizer.allows(calls.witness(Optional.of(ORDERS)))).isTrue();
            assertThat(authorizer.allows(calls.witness(ANYONE_ELSE))).isFalse();
        }
    }

    @Test
    void denyWins() {
        AuthorizationPolicy deny = policy("shop", "never", Target.EVERYTHING, Action.DENY, from(principals(ORDERS), "DELETE", "/*"));
        MeshReach.Step step = reach(allow("payments", anyone(Source.of(SourceField.NAMESPACES, Values.any("shop"))))).with(deny);

        assertThat(step.after().allowed(Optional.of(ORDERS), "payments")).extracting(OperationClass::description).containsExactly("do anything else");
        assertThat(step.after().allowed(Optional.of(BILLING), "payments")).hasSize(2);
        assertThat(step.delta().changes()).allSatisfy(change -> assertThat(change.cut().list()).containsExactly(Optional.of(ORDERS)));
        assertThat(step.delta().changes()).flatExtracting(ReachDelta.Change::workloads).containsExactlyInAnyOrder("payments", "profiles");
    }

    @Test
    void aPolicyOfTheRootNamespaceIsEverywhere() {
        MeshReach.Step step = reach().with(policy("istio-system", "base", Target.EVERYTHING, Action.ALLOW, anyone(Source.principals(List.of(REPORTS.principal())))));

        assertThat(step.after().reachedBy(Optional.of(REPORTS))).containsExactly("payments", "profiles");
        assertThat(step.after().reachedBy(Optional.of(ORDERS))).isEmpty();
        assertThat(step.delta().changes()).singleElement().satisfies(change -> assertThat(change.workloads()).containsExactly("payments", "profiles"));
    }

    @Test
    void sourcesAreMeantByEveryFieldThatNamesThem() {
        assertThat(meant(SourceField.PRINCIPALS, Values.none(ORDERS.principal())))
                .containsExactlyInAnyOrder(Optional.of(BILLING), Optional.of(REPORTS), Optional.of(ABROAD), ANYONE_ELSE);
        assertThat(meant(SourceField.NAMESPACES, Values.any("shop"))).containsExactlyInAnyOrder(Optional.of(ORDERS), Optional.of(BILLING), Optional.of(ABROAD));
        assertThat(meant(SourceField.NAMESPACES, Values.any("of*"))).containsExactly(Optional.of(REPORTS));
        assertThat(meant(SourceField.NAMESPACES, Values.none("shop"))).containsExactlyInAnyOrder(Optional.of(REPORTS), ANYONE_ELSE);
        assertThat(meant(SourceField.SERVICE_ACCOUNTS, Values.any("orders"))).containsExactlyInAnyOrder(Optional.of(ORDERS), Optional.of(ABROAD));
        assertThat(meant(SourceField.SERVICE_ACCOUNTS, Values.any("office/reports"))).containsExactly(Optional.of(REPORTS));
        assertThat(meant(SourceField.PRINCIPALS, Values.any("cluster.local/ns/shop/*"))).containsExactlyInAnyOrder(Optional.of(ORDERS), Optional.of(BILLING));
        assertThat(meant(SourceField.PRINCIPALS, Values.any("*/sa/orders"))).containsExactlyInAnyOrder(Optional.of(ORDERS), Optional.of(ABROAD));
        assertThat(meant(SourceField.PRINCIPALS, Values.any("*"))).hasSize(4).doesNotContain(ANYONE_ELSE);
        assertThat(meant(SourceField.TRUST_DOMAINS, Values.any("old.example"))).containsExactly(Optional.of(ABROAD));
    }

    private static List<Optional<Spiffe>> meant(SourceField field, Values values) {
        return reach(allow("payments", anyone(Source.of(field, values)))).callers("payments").list();
    }

    @Test
    void aTrustDomainStandsForItsAliases() {
        MeshSettings moved = new MeshSettings("istio-system", new TrustDomains("cluster.local", List.of("old.example")));
        AuthorizationPolicy policy = allow("payments", anyone(Source.principals(List.of(ORDERS.principal()))));

        assertThat(MeshReach.of(moved, SOURCES, WORKLOADS, List.of(policy)).callers("payments").list())
                .containsExactly(Optional.of(ORDERS), Optional.of(ABROAD));
        assertThat(reach(policy).callers("payments").list()).containsExactly(Optional.of(ORDERS));
    }

    @Test
    void aZtunnelDropsAnAllowRuleOfHttpAndDeniesAll() {
        AuthorizationPolicy policy = allow("payments", from(principals(ORDERS), "GET", "/pay/*"));
        MeshReach reach = MeshReach.of(MeshSettings.DEFAULT, SOURCES, workloads(DataPlane.ZTUNNEL), List.of(policy));

        assertThat(reach.callers("payments").isEmpty()).isTrue();
        assertThat(reach.into("payments").getFirst().calls().witness(ANYONE_ELSE).http()).isEmpty();
    }

    @Test
    void rehearsalsAndAuditsDecideNothing() {
        AuthorizationPolicy audit = policy("shop", "watch", Target.EVERYTHING, Action.AUDIT, anyone(Source.principals(List.of("*"))));
        AuthorizationPolicy trial = new AuthorizationPolicy(
                new ObjectMeta("shop", "trial", Map.of(), Map.of(AuthorizationPolicy.DRY_RUN, "true"), Optional.empty()),
                Target.EVERYTHING, Action.ALLOW, Optional.empty(), List.of());

        assertThat(reach(audit, trial).bytes()).isEqualTo(reach().bytes());
    }

    @Test
    void whatAnAuthorizerIsAskedIsUncertainAndSaidToBe() {
        AuthorizationPolicy ask = new AuthorizationPolicy(
                ObjectMeta.of("shop", "ask"), Target.EVERYTHING, Action.CUSTOM, Optional.of("opa"),
                List.of(new Rule(List.of(), List.of(Operation.of(OperationField.PATHS, Values.any("/admin*"))), List.of())));
        MeshReach.Step step = reach().with(ask);
        MeshReach reach = step.after();

        assertThat(reach.uncertain(Optional.of(ORDERS), "payments")).extracting(OperationClass::description)
                .containsExactly("call /admin*, or open TCP connections"); // a rule that asks widens where there is no path
        assertThat(reach.allowed(Optional.of(ORDERS), "payments")).extracting(OperationClass::description).containsExactly("do anything else");
        assertThat(reach.doubts()).anyMatch(doubt -> doubt.startsWith("payments: The external authorizer opa decides some"));
        assertThat(step.delta().changes()).allSatisfy(change -> {
            assertThat(change.cut().size()).isEqualTo(5);
            assertThat(change.doubted()).isEqualTo(change.cut());
        });

        AuthorizationPolicy another = new AuthorizationPolicy(
                ObjectMeta.of("shop", "ask-too"), Target.EVERYTHING, Action.CUSTOM, Optional.of("other"), List.of());
        // Two authorizers on one workload refuse what either is asked about.
        assertThat(reach.with(another).after().uncertain(Optional.of(ORDERS), "payments")).isEmpty();
    }

    @Test
    void whatIsTooEntangledIsUncertainForAll() {
        List<Rule> rules = new ArrayList<>();
        for (int h = 0; h < 16; h++) {
            rules.add(new Rule(List.of(), List.of(), List.of(new Condition("request.headers[x-" + h + "]", Values.any("on")))));
        }
        MeshReach.Step step = reach().with(policy("shop", "headers", new Target.Selector(Map.of("app", "payments")), Action.ALLOW, rules.toArray(Rule[]::new)));

        assertThat(step.after().callers("payments").isEmpty()).isTrue();
        assertThat(step.after().into("payments")).singleElement().satisfies(access -> assertThat(access.uncertain().size()).isEqualTo(5));
        assertThat(step.after().doubts()).anyMatch(doubt -> doubt.startsWith("payments: The policies are too entangled"));
        assertThat(step.delta().proven()).isFalse();
        assertThat(step.after().callers("profiles").size()).isEqualTo(5);
    }

    @Test
    void strangersAreRefusedByName() {
        assertThatThrownBy(() -> reach().allowed(Optional.of(new Spiffe("cluster.local", "x", "y")), "payments")).hasMessageContaining("no source");
        assertThatThrownBy(() -> reach().callers("nowhere")).hasMessageContaining("no workload nowhere");
    }

    private static MeshReach reach(AuthorizationPolicy... policies) {
        return MeshReach.of(MeshSettings.DEFAULT, SOURCES, WORKLOADS, List.of(policies));
    }

    private static Map<String, Workload> workloads(DataPlane plane) {
        Map<String, Workload> workloads = new LinkedHashMap<>();
        workloads.put("payments", new Workload("shop", Map.of("app", "payments"), plane, List.of()));
        workloads.put("profiles", new Workload("shop", Map.of("app", "profiles"), plane, List.of()));
        return workloads;
    }

    private static AuthorizationPolicy allow(String app, Rule... rules) {
        return policy("shop", app, new Target.Selector(Map.of("app", app)), Action.ALLOW, rules);
    }

    private static AuthorizationPolicy policy(String namespace, String name, Target target, Action action, Rule... rules) {
        return new AuthorizationPolicy(ObjectMeta.of(namespace, name), target, action, Optional.empty(), List.of(rules));
    }

    private static Source principals(Spiffe... callers) {
        return Source.principals(java.util.Arrays.stream(callers).map(Spiffe::principal).toList());
    }

    private static Rule anyone(Source source) {
        return new Rule(List.of(source), List.of(), List.of());
    }

    private static Rule from(Source source, String method, String path) {
        return new Rule(
                List.of(source),
                List.of(Operation.of(OperationField.METHODS, Values.any(method)).and(OperationField.PATHS, Values.any(path))),
                List.of());
    }
}
