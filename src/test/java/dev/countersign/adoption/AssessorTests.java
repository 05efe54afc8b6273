package dev.countersign.adoption;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.adoption.AdoptionDesk.Finding;
import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.CatalogWorkload.Membership;
import dev.countersign.catalog.CatalogWorkload.Port;
import dev.countersign.catalog.LivePolicy;
import dev.countersign.identity.TeamName;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Values;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.Story;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.requests.Justification;
import dev.countersign.requests.Terms;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/// What can be adopted, and every reason why something cannot: nothing is approximated, and a refused proposal stores nothing.
@PortalTest
class AssessorTests {
    private static final Source ORDERS = Source.principals(List.of("cluster.local/ns/production/sa/order-service"));
    private static final Operation POST = Operation.of(OperationField.METHODS, Values.any("POST")).and(OperationField.PATHS, Values.any("/pay/*"));
    private static final Rule PLAIN = new Rule(List.of(ORDERS), List.of(POST), List.of());

    @Autowired
    Story stories;

    @Autowired
    AdoptionDesk desk;

    @Autowired
    Tenants tenants;

    @Autowired
    JdbcClient jdbc;

    private Story.Cast acme;

    @BeforeEach
    void open() {
        acme = stories.begin();
    }

    private static AuthorizationPolicy policy(Rule... rules) {
        return policy("legacy", new Target.Selector(Map.of("app", "payment-service")), rules);
    }

    private static AuthorizationPolicy policy(String name, Target target, Rule... rules) {
        return AuthorizationPolicy.allow(ObjectMeta.of("production", name), target, List.of(rules));
    }

    private Finding finding(AuthorizationPolicy policy) {
        acme.shop().live(policy);
        return only();
    }

    private Finding only() {
        List<Finding> findings = tenants.inTenant(acme.id(), () -> desk.findings(payments()));
        assertThat(findings).hasSize(1);
        return findings.getFirst();
    }

    private CatalogWorkload payments() {
        return new CatalogWorkload(acme.shop().demo(), "production", "payment-service", "Deployment", Map.of("app", "payment-service"),
                Map.of("app", "payment-service", "version", "v1"), "payment-service", List.of(new Port(8080, "http", "http")), List.of("payment-service"),
                Membership.SIDECAR, Optional.of(new TeamName(acme.tenant().team("payments"), "payments", "Payments")));
    }

    private Adopting propose(String policy, String reason) {
        Terms terms = new Terms(new Justification(reason, Optional.empty()), new GrantPeriod.For(Duration.ofDays(90)));
        return acme.in(() -> desk.propose(acme.person("engineer"), new AdoptionDesk.Proposal("demo", "production", policy, terms)));
    }

    /// Says so on the page, refuses the proposal in the same words, and stores nothing.
    private void refused(AuthorizationPolicy policy, String words) {
        Finding finding = finding(policy);
        Assessment assessment = finding.assessment();
        List<String> said = Stream.concat(assessment.hindrances().stream(), assessment.rules().stream().flatMap(rule -> rule.hindrances().stream())).toList();
        assertThat(assessment.adoptable()).isFalse();
        assertThat(said).anySatisfy(hindrance -> assertThat(hindrance).contains(words));
        assertThat(propose(policy.metadata().name(), "Checkout settles card payments when an order is placed.")).isInstanceOfSatisfying(Adopting.Refused.class, refusal ->
                assertThat(refusal.problems()).anySatisfy(problem -> assertThat(problem.message()).contains(words)));
        assertThat(tenants.inTenant(acme.id(), () -> jdbc.sql("select (select count(*) from adoption) + (select count(*) from access_request)").query(Long.class).single())).isZero();
        acme.shop().open();
    }

    @Test
    void aPlainRuleIsAskedForByNameAndItsCallersTeamAnswers() {
        Assessment assessment = finding(policy(PLAIN)).assessment();
        assertThat(assessment.adoptable()).as("%s", assessment).isTrue();
        assertThat(assessment.rules()).singleElement().satisfies(rule -> {
            assertThat(rule.owners()).extracting(TeamName::slug).containsExactly("orders");
            assertThat(rule.ask().orElseThrow().sentence(new GrantPeriod.Permanent()).text()).contains("order-service").contains("POST").contains("/pay/*").contains("payment-service");
        });
        assertThat(assessment.proof().orElseThrow().holds()).isTrue();
    }

    @Test
    void everyRuleBecomesARequestOfItsOwn() {
        Rule read = new Rule(List.of(ORDERS), List.of(Operation.of(OperationField.METHODS, Values.any("GET"))),
                List.of(new Condition("request.headers[x-channel]", Values.any("checkout"))));
        finding(policy(PLAIN, read));
        assertThat(propose("legacy", "Checkout settles card payments when an order is placed.")).isInstanceOfSatisfying(Adopting.Proposed.class, proposed -> {
            assertThat(proposed.requests()).hasSize(2);
            assertThat(acme.request(proposed.requests().getFirst()).sentence().text()).contains("POST /pay/*");
            assertThat(acme.request(proposed.requests().getLast()).sentence().text()).contains("GET").contains("under 1 condition");
            assertThat(tenants.inTenant(acme.id(), () -> desk.find(proposed.number())).orElseThrow().state()).isEqualTo(AdoptionState.OPEN);
        });
        assertThat(propose("legacy", "Checkout settles card payments when an order is placed.")).isInstanceOf(Adopting.UnderWay.class);
    }

    @Test
    void onlyWhatAllowsIsAdopted() {
        for (Action action : List.of(Action.DENY, Action.AUDIT)) {
            refused(new AuthorizationPolicy(ObjectMeta.of("production", "legacy"), new Target.Selector(Map.of("app", "payment-service")), action, Optional.empty(), List.of(PLAIN)),
                    "Its action is " + action);
        }
        refused(new AuthorizationPolicy(ObjectMeta.of("production", "legacy"), new Target.Selector(Map.of("app", "payment-service")), Action.CUSTOM, Optional.of("opa"),
                List.of(PLAIN)), "Its action is CUSTOM");
    }

    @Test
    void aDryRunAllowsNothing() {
        refused(AuthorizationPolicy.allow(new ObjectMeta("production", "legacy", Map.of(), Map.of(AuthorizationPolicy.DRY_RUN, "true"), Optional.empty()),
                new Target.Selector(Map.of("app", "payment-service")), List.of(PLAIN)), "dry run");
    }

    @Test
    void whatBindsMoreOrOtherPodsThanAGrantIsNotAdopted() {
        refused(policy("legacy", Target.EVERYTHING, PLAIN), "whole namespace");
        refused(policy("legacy", new Target.Selector(Map.of("version", "v1")), PLAIN), "selects 5 services");
        refused(policy("legacy", new Target.Selector(Map.of("app", "payment-service", "version", "v1")), PLAIN), "need not be the same pods");
    }

    @Test
    void aPolicyAttachedByReferenceIsNotAdopted() {
        AuthorizationPolicy attached = policy("legacy", new Target.References(List.of(new Target.Reference("", "Service", "payment-service"))), PLAIN);
        acme.shop().live(attached);
        assertThat(propose("legacy", "Checkout settles card payments when an order is placed.")).isInstanceOfSatisfying(Adopting.Refused.class, refusal ->
                assertThat(refusal.problems().getFirst().message()).contains("targetRefs"));
    }

    @Test
    void noRuleOrTooManyIsNothingToDecideOn() {
        refused(policy(), "It has no rule");
        refused(policy(Stream.generate(() -> PLAIN).limit(21).toArray(Rule[]::new)), "21 rules");
    }

    @Test
    void ourOwnNameIsNotTakenOver() {
        refused(policy("countersign-payment-service", new Target.Selector(Map.of("app", "payment-service")), PLAIN), "the name under which the portal writes");
    }

    @Test
    void aRuleThatNoGrantCanSayIsRefusedWithItsReason() {
        Map<Rule, String> rules = new HashMap<>();
        rules.put(new Rule(List.of(), List.of(POST), List.of()), "names no caller");
        rules.put(new Rule(List.of(Source.of(SourceField.NAMESPACES, Values.any("production"))), List.of(POST), List.of()), "says namespaces");
        rules.put(new Rule(List.of(ORDERS.and(SourceField.IP_BLOCKS, Values.any("10.0.0.0/8"))), List.of(POST), List.of()), "says ipBlocks");
        rules.put(new Rule(List.of(Source.of(SourceField.REQUEST_PRINCIPALS, Values.any("*"))), List.of(POST), List.of()), "says requestPrincipals");
        rules.put(new Rule(List.of(Source.of(SourceField.PRINCIPALS, Values.none("cluster.local/ns/production/sa/frontend"))), List.of(POST), List.of()), "says notPrincipals");
        rules.put(new Rule(List.of(Source.principals(List.of("cluster.local/ns/production/sa/order-*"))), List.of(POST), List.of()), "neither a service account");
        rules.put(new Rule(List.of(Source.principals(List.of("*/sa/order-service"))), List.of(POST), List.of()), "neither a service account");
        rules.put(new Rule(List.of(Source.principals(List.of("elsewhere.example/ns/production/sa/order-service"))), List.of(POST), List.of()), "neither a service account");
        rules.put(new Rule(List.of(ORDERS), List.of(Operation.of(OperationField.PATHS, Values.none("/admin"))), List.of()), "says notPaths");
        rules.put(new Rule(List.of(ORDERS), List.of(Operation.of(OperationField.METHODS, Values.any("get"))), List.of()), "not an HTTP method");
        rules.put(new Rule(List.of(ORDERS), List.of(POST), List.of(new Condition("source.namespace", Values.any("production")))), "not a condition's key");
        rules.forEach((rule, words) -> refused(policy(PLAIN, rule), words));
    }

    @Test
    void aRuleWhoseCallerNobodyOwnsIsAFindingThatSaysWhatToDo() {
        refused(policy(new Rule(List.of(Source.principals(List.of("cluster.local/ns/production/sa/billing-service"))), List.of(POST), List.of())),
                "billing-service has no owner. An administrator says under Services which team it is");
        refused(policy(new Rule(List.of(Source.principals(List.of("cluster.local/ns/production/sa/nothing"))), List.of(POST), List.of())), "nothing runs as production/nothing");
        refused(policy(new Rule(List.of(Source.principals(List.of("cluster.local/ns/elsewhere/sa/a"))), List.of(POST), List.of())), "not a namespace of yours");
        refused(policy(new Rule(List.of(Source.principals(List.of("*"))), List.of(POST), List.of())), "lets in every identity");
        refused(policy(new Rule(List.of(Source.principals(List.of("cluster.local/ns/production/sa/*"))), List.of(POST), List.of())), "has no owner");
    }

    /// Istio drops a whole rule on TCP when one entry speaks of HTTP; ours would be two rules, and let the connection in.
    @Test
    void whatWouldMeanAnythingElseAmongOursIsRefusedByTheProof() {
        refused(policy(new Rule(List.of(ORDERS), List.of(POST, Operation.of(OperationField.PORTS, Values.any("9000"))), List.of())), "not proven that nothing changes: it would open");
    }

    @Test
    void besideAPolicyThatCannotBeReadNothingIsProven() {
        AuthorizationPolicy readable = policy(PLAIN);
        acme.shop().live(readable);
        acme.shop().policies(new LivePolicy(acme.shop().demo().id(), "production", "riddle", "u", "1", Map.of("metadata", Map.of("name", "riddle", "namespace", "production")),
                Optional.empty(), Optional.of("spec is a text"), List.of("kubectl")));
        assertThat(propose("riddle", "Checkout settles card payments when an order is placed.")).isInstanceOfSatisfying(Adopting.Refused.class, refusal ->
                assertThat(refusal.problems().getFirst().message()).contains("spec is a text"));
        assertThat(propose("legacy", "Checkout settles card payments when an order is placed.")).isInstanceOfSatisfying(Adopting.Refused.class, refusal ->
                assertThat(refusal.problems().getFirst().message()).contains("production/riddle cannot be read"));
    }

    @Test
    void whatAnotherControllerWouldMakeAgainIsNotAdopted() {
        for (Map<String, Object> metadata : List.<Map<String, Object>>of(
                Map.of("ownerReferences", List.of(Map.of("kind", "Release", "name", "shop"))), Map.of("deletionTimestamp", "2026-01-01T00:00:00Z"))) {
            acme.shop().policies(new LivePolicy(acme.shop().demo().id(), "production", "legacy", "u", "1", Map.of("metadata", metadata), Optional.of(policy(PLAIN)),
                    Optional.empty(), List.of("helm")));
            assertThat(only().assessment().hindrances()).singleElement().asString().containsAnyOf("make it again", "being deleted");
            acme.shop().open();
        }
    }

    @Test
    void theTenantsRulesAboutReasonsHoldHereToo() {
        finding(policy(PLAIN));
        assertThat(propose("legacy", "because")).isInstanceOfSatisfying(Adopting.Refused.class, refusal ->
                assertThat(refusal.problems()).singleElement().satisfies(problem -> assertThat(problem.pointer()).isEqualTo("/justification/reason")));
    }

    @Test
    void whatIsNotThereOrNotOursIsUnknown() {
        assertThat(propose("nothing", "Checkout settles card payments when an order is placed.")).isInstanceOf(Adopting.Unknown.class);
        acme.shop().live(AuthorizationPolicy.allow(ObjectMeta.of("istio-system", "global"), Target.EVERYTHING, List.of(PLAIN)));
        List<Finding> findings = new ArrayList<>(tenants.inTenant(acme.id(), () -> desk.findings(payments())));
        assertThat(findings).as("the root namespace is not ours").isEmpty();
        Terms terms = new Terms(new Justification("Checkout settles card payments when an order is placed.", Optional.empty()), new GrantPeriod.Permanent());
        assertThat(acme.in(() -> desk.propose(acme.person("engineer"), new AdoptionDesk.Proposal("demo", "istio-system", "global", terms)))).isInstanceOf(Adopting.Unknown.class);
    }
}
