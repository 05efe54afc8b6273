package dev.countersign.policy.eval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.eval.Call.ExternalAuthorizer;
import dev.countersign.policy.eval.Verdict.DecidingRule;
import dev.countersign.policy.eval.Verdict.Decision;
import dev.countersign.policy.eval.Verdict.Reason;
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
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.TrustDomains;
import dev.countersign.policy.model.Values;
import dev.countersign.policy.model.Workload;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AuthorizerTests {
    private static final String ORDERS = "cluster.local/ns/shop/sa/orders";
    private static final Workload PAYMENTS = Workload.sidecar("shop", Map.of("app", "payments"));

    @Test
    void withoutAnyPolicyTheCallPasses() {
        Verdict verdict = decide(get("/"));
        assertThat(verdict.reason()).isEqualTo(Reason.NO_ALLOW_POLICY);
        assertThat(verdict.allowed()).isTrue();
    }

    @Test
    void aDenyWinsOverAnyAllow() {
        Verdict verdict = decide(get("/"), policy("everyone", Action.ALLOW, Rule.ANY), policy("no", Action.DENY,
                Rule.ANY));
        assertThat(verdict.reason()).isEqualTo(Reason.DENY_POLICY_MATCHED);
        assertThat(verdict.decidedBy()).contains(new DecidingRule("shop/no", Optional.of(0)));
    }

    @Test
    void ruleTenIsNamedBeforeRuleTwo() {
        Rule[] rules = new Rule[11];
        Arrays.fill(rules, path("/never"));
        rules[2] = Rule.ANY;
        rules[10] = Rule.ANY;
        Verdict verdict = decide(get("/"), policy("many", Action.ALLOW, rules));
        assertThat(verdict.decidedBy()).contains(new DecidingRule("shop/many", Optional.of(10)));
    }

    @Test
    void theRootNamespaceIsNamedBeforeTheWorkloads() {
        AuthorizationPolicy mesh = new AuthorizationPolicy(
                ObjectMeta.of("istio-system", "z"), Target.EVERYTHING, Action.DENY, Optional.empty(),
                        List.of(Rule.ANY));
        Verdict verdict = decide(get("/"), policy("a", Action.DENY, Rule.ANY), mesh);
        assertThat(verdict.decidedBy()).contains(new DecidingRule("istio-system/z", Optional.of(0)));
    }

    @Test
    void itSaysWhatMatchedAndWhatDidNot() {
        Rule rule = new Rule(List.of(Source.principals(List.of(ORDERS))), path("/pay").to(), List.of());
        assertThat(because(get("/refund"), policy("p", Action.ALLOW, rule)))
                .isEqualTo("rule 0 matched the source, not the path");
        assertThat(because(get("/pay"), policy("p", Action.ALLOW, rule)))
                .isEqualTo("rule 0 matched the source and the operation");
    }

    @Test
    void itSaysThatAPolicyWithoutRulesMatchesNothing() {
        assertThat(because(get("/"), policy("nothing", Action.ALLOW)))
                .isEqualTo("it has no rules, so it matches nothing");
    }

    @Test
    void itNamesTheClosestOfSeveralRules() {
        Rule far = new Rule(List.of(Source.principals(List.of("x"))), path("/x").to(), List.of());
        Rule near = new Rule(List.of(Source.principals(List.of(ORDERS))), path("/x").to(), List.of());
        assertThat(because(get("/"), policy("p", Action.ALLOW, far, near)))
                .isEqualTo("no rule matched; the closest: rule 1 matched the source, not the path");
    }

    @Test
    void itSaysThatADenyWidensOnTcp() {
        assertThat(because(tcp(), policy("p", Action.DENY, path("/admin"))))
                .isEqualTo("rule 0 matched every call; it is wider than written, because the path does not count here");
        assertThat(decide(tcp(), policy("p", Action.DENY, path("/admin"))).allowed()).isFalse();
    }

    @Test
    void itSaysThatAnAllowIsLeftOutOnTcp() {
        assertThat(because(tcp(), policy("p", Action.ALLOW, path("/"))))
                .isEqualTo("rule 0 is left out on a TCP connection, where the path does not exist");
    }

    @Test
    void itSaysWhatZtunnelCannotRead() {
        Workload ambient = new Workload("shop", Map.of(), DataPlane.ZTUNNEL, List.of());
        AuthorizationPolicy deny = policy("p", Action.DENY, path("/admin"));
        Verdict verdict = Authorizer.decide(MeshSettings.DEFAULT, List.of(deny), ambient, tcp());
        assertThat(verdict.allowed()).isTrue();
        assertThat(verdict.considered().getFirst().because())
                .isEqualTo("rule 0 never matches at ztunnel, which cannot read the path");
    }

    @Test
    void atZtunnelAnEntryWithoutAnythingReadableLeavesTheOthers() {
        Workload ambient = new Workload("shop", Map.of(), DataPlane.ZTUNNEL, List.of());
        Rule rule = new Rule(
                List.of(),
                List.of(
                        Operation.of(OperationField.PATHS, Values.any("/admin")),
                        Operation.of(OperationField.PORTS, Values.any("8080"))),
                List.of());
        AuthorizationPolicy deny = policy("p", Action.DENY, rule);
        assertThat(Authorizer.of(MeshSettings.DEFAULT, List.of(deny), ambient).allows(tcp())).isFalse();
    }

    @Test
    void ztunnelIgnoresTrustDomainsButNotAnEntryOfThemAlone() {
        Workload ambient = new Workload("shop", Map.of(), DataPlane.ZTUNNEL, List.of());
        Rule rule = new Rule(
                List.of(Source.of(SourceField.TRUST_DOMAINS, Values.any("cluster.local"))), List.of(), List.of());
        assertThat(Authorizer.of(MeshSettings.DEFAULT, List.of(policy("p", Action.ALLOW, rule)), ambient).allows(tcp()))
                .isFalse();
    }

    @Test
    void anAuthorizerThatTheMeshDoesNotDefineDeniesWhatMatches() {
        Verdict verdict = decide(get("/"), custom("ext", "missing"));
        assertThat(verdict.reason()).isEqualTo(Reason.CUSTOM_MISCONFIGURED);
        assertThat(verdict.decidedBy()).contains(new DecidingRule("shop/ext", Optional.of(0)));
    }

    @Test
    void twoAuthorizersOnOneWorkloadDenyWhatMatches() {
        Verdict verdict = decide(get("/"), custom("one", "grpc"), custom("two", "http"));
        assertThat(verdict.reason()).isEqualTo(Reason.CUSTOM_MISCONFIGURED);
    }

    @Test
    void anHttpAuthorizerIsNotAskedOnTcp() {
        assertThat(decide(tcp(), custom("ext", "http")).allowed()).isTrue();
        assertThat(decide(get("/"), custom("ext", "http")).reason()).isEqualTo(Reason.CUSTOM_DENIED);
        assertThat(decide(tcp(), custom("ext", "grpc")).reason()).isEqualTo(Reason.CUSTOM_DENIED);
    }

    @Test
    void aRehearsedAllowDoesNotCloseTheDoor() {
        Verdict verdict = decide(get("/"), dryRun(policy("p", Action.ALLOW, path("/other"))));
        assertThat(verdict.reason()).isEqualTo(Reason.NO_ALLOW_POLICY);
        assertThat(verdict.dryRun().get(Action.ALLOW)).isEqualTo(new Verdict.DryRun(Decision.DENY, Optional.empty()));
    }

    @Test
    void aRehearsedDenyTellsWhatItWouldDeny() {
        Verdict verdict = decide(get("/"), dryRun(policy("p", Action.DENY, Rule.ANY)));
        assertThat(verdict.allowed()).isTrue();
        assertThat(verdict.dryRun().get(Action.DENY))
                .isEqualTo(new Verdict.DryRun(Decision.DENY, Optional.of(new DecidingRule("shop/p", Optional.of(0)))));
    }

    @Test
    void aNegationHoldsWhereTheDataIsAbsent() {
        Rule rule = new Rule(List.of(Source.of(SourceField.PRINCIPALS, Values.none(ORDERS))), List.of(), List.of());
        Call plain = new Call(
                Optional.empty(), "10.0.0.1", "10.0.0.1", "10.0.0.2", 8080, Optional.empty(), get("/").http(),
                        Map.of(), Map.of());
        assertThat(decide(plain, policy("p", Action.ALLOW, rule)).allowed()).isTrue();
        assertThat(decide(get("/"), policy("p", Action.ALLOW, rule)).allowed()).isFalse();
    }

    @Test
    void aHostMatchesWithItsPortAndInAnyCase() {
        assertThat(matches(to(OperationField.HOSTS, "Pay.shop"), call("/", "pay.SHOP"))).isTrue();
        assertThat(matches(to(OperationField.HOSTS, "pay.shop"), call("/", "pay.shop:80"))).isFalse();
        assertThat(matches(to(OperationField.HOSTS, "pay.shop:*"), call("/", "pay.shop:80"))).isTrue();
        assertThat(matches(to(OperationField.HOSTS, "*.SHOP"), call("/", "pay.shop"))).isTrue();
    }

    @Test
    void theQueryIsNoPartOfThePathButOfTheHeader() {
        assertThat(matches(path("/pay"), get("/pay?x=/y"))).isTrue();
        assertThat(matches(when("request.headers[:path]", "/pay"), get("/pay?x"))).isFalse();
        assertThat(matches(when("request.headers[:path]", "/pay?x"), get("/pay?x"))).isTrue();
    }

    @Test
    void aHeaderIsPresentEvenIfEmpty() {
        Call empty = headers(Map.of("X-Tier", List.of("")));
        assertThat(matches(when("request.headers[x-tier]", "*"), empty)).isTrue();
        assertThat(matches(when("request.headers[x-tier]", "*"), get("/"))).isFalse();
    }

    @Test
    void severalLinesOfAHeaderAreOneText() {
        Call two = headers(Map.of("x-tier", List.of("gold", "silver")));
        assertThat(matches(when("request.headers[X-Tier]", "gold"), two)).isFalse();
        assertThat(matches(when("request.headers[X-Tier]", "gold,silver"), two)).isTrue();
    }

    @Test
    void absentServerNameIsNoName() {
        assertThat(matches(when("connection.sni", "*"), get("/"))).isFalse();
    }

    @Test
    void theClientAddressIsNotThePeers() {
        Call behind = new Call(
                Optional.empty(), "10.0.0.9", "8.8.8.8", "10.0.0.2", 8080, Optional.empty(), get("/").http(), Map.of(),
                        Map.of());
        assertThat(matches(from(SourceField.IP_BLOCKS, "8.8.8.8"), behind)).isFalse();
        assertThat(matches(from(SourceField.REMOTE_IP_BLOCKS, "8.8.8.8"), behind)).isTrue();
    }

    @Test
    void aTrustDomainOfOursStandsForAll() {
        MeshSettings mesh = new MeshSettings("istio-system", new TrustDomains("new-td", List.of("old-td")));
        AuthorizationPolicy old = policy("p", Action.ALLOW, from(SourceField.PRINCIPALS, "old-td/ns/shop/sa/orders"));
        Call renamed = Call.http("new-td/ns/shop/sa/orders", "GET", "/", "pay.shop", 8080);
        assertThat(Authorizer.of(mesh, List.of(old), PAYMENTS).allows(renamed)).isTrue();
        Call pointer = Call.http(ORDERS, "GET", "/", "pay.shop", 8080);
        assertThat(Authorizer.of(mesh, List.of(old), PAYMENTS).allows(pointer)).isFalse();
    }

    @Test
    void aNegatedTrustDomainOfOursStandsForAllToo() {
        MeshSettings mesh = new MeshSettings("istio-system", new TrustDomains("new-td", List.of("old-td")));
        Values notOld = Values.none("old-td/ns/shop/sa/orders");
        Rule rule = new Rule(List.of(Source.of(SourceField.PRINCIPALS, notOld)), List.of(), List.of());
        Authorizer authorizer = Authorizer.of(mesh, List.of(policy("p", Action.ALLOW, rule)), PAYMENTS);
        assertThat(authorizer.allows(Call.http("new-td/ns/shop/sa/orders", "GET", "/", "pay.shop", 8080))).isFalse();
        assertThat(authorizer.allows(Call.http("new-td/ns/shop/sa/other", "GET", "/", "pay.shop", 8080))).isTrue();
    }

    @Test
    void atZtunnelADenyWithAConditionItCannotReadNeverFires() {
        Workload ambient = new Workload("shop", Map.of(), DataPlane.ZTUNNEL, List.of());
        Rule rule = new Rule(
                List.of(),
                List.of(),
                List.of(
                        new Condition("destination.port", Values.any("8080")),
                        new Condition("connection.sni", Values.none("x"))));
        AuthorizationPolicy deny = policy("p", Action.DENY, rule);
        assertThat(Authorizer.of(MeshSettings.DEFAULT, List.of(deny), ambient).allows(tcp())).isTrue();
    }

    @Test
    void aLeadingStarWinsOverATrailingOne() {
        assertThat(matches(path("*x*"), get("/ax*"))).isTrue();
        assertThat(matches(path("*x*"), get("/axb"))).isFalse();
        assertThat(matches(path("/a*b"), get("/a*b"))).isTrue();
        assertThat(matches(path("/a*b"), get("/axb"))).isFalse();
    }

    @Test
    void filterMetadataIsAStringOrAListAndNothingElse() {
        assertThat(matches(when("experimental.envoy.filters.sql[t]", "7"), metadata(7))).isFalse();
        assertThat(matches(when("experimental.envoy.filters.sql[t]", "7"), metadata("7"))).isTrue();
        assertThat(matches(when("experimental.envoy.filters.sql[t]", "7"), metadata(List.of("7")))).isFalse();
        assertThat(matches(when("experimental.envoy.filters.sql[t]", "[7]"), metadata(List.of("6", "7")))).isTrue();
        assertThat(matches(when("experimental.envoy.filters.sql[t]", "[7]"), metadata("7"))).isFalse();
    }

    private static Call metadata(Object value) {
        return new Call(
                Optional.of(ORDERS), "10.0.0.1", "10.0.0.1", "10.0.0.2", 8080, Optional.empty(), Optional.empty(),
                Map.of("envoy.filters.sql", Map.of("t", value)), authorizers());
    }

    static boolean matches(Rule rule, Call call) {
        return decide(call, policy("p", Action.ALLOW, rule)).allowed();
    }

    static Rule path(String path) {
        return to(OperationField.PATHS, path);
    }

    static Rule to(OperationField field, String value) {
        return new Rule(List.of(), List.of(Operation.of(field, Values.any(value))), List.of());
    }

    static Rule from(SourceField field, String value) {
        return new Rule(List.of(Source.of(field, Values.any(value))), List.of(), List.of());
    }

    static Rule when(String key, String value) {
        return new Rule(List.of(), List.of(), List.of(new Condition(key, Values.any(value))));
    }

    static Call get(String path) {
        return call(path, "pay.shop");
    }

    private static Call call(String path, String host) {
        return with(new Call.Http("GET", path, host, Map.of(), Optional.empty()));
    }

    private static Call headers(Map<String, List<String>> headers) {
        return with(new Call.Http("GET", "/", "pay.shop", headers, Optional.empty()));
    }

    static Call with(Call.Http http) {
        return new Call(
                Optional.of(ORDERS), "10.0.0.1", "10.0.0.1", "10.0.0.2", 8080, Optional.empty(), Optional.of(http),
                        Map.of(),
                authorizers());
    }

    private static Call tcp() {
        return new Call(
                Optional.of(ORDERS), "10.0.0.1", "10.0.0.1", "10.0.0.2", 8080, Optional.empty(), Optional.empty(),
                        Map.of(),
                authorizers());
    }

    private static Map<String, ExternalAuthorizer> authorizers() {
        return Map.of("grpc", new ExternalAuthorizer(false, false), "http", new ExternalAuthorizer(true, false));
    }

    private static AuthorizationPolicy policy(String name, Action action, Rule... rules) {
        return new AuthorizationPolicy(
                ObjectMeta.of("shop", name), Target.EVERYTHING, action, Optional.empty(), List.of(rules));
    }

    private static AuthorizationPolicy custom(String name, String provider) {
        return new AuthorizationPolicy(
                ObjectMeta.of("shop", name), Target.EVERYTHING, Action.CUSTOM, Optional.of(provider),
                        List.of(Rule.ANY));
    }

    private static AuthorizationPolicy dryRun(AuthorizationPolicy policy) {
        ObjectMeta meta = new ObjectMeta(
                "shop", policy.metadata().name(), Map.of(), Map.of(AuthorizationPolicy.DRY_RUN, "true"),
                        Optional.empty());
        return new AuthorizationPolicy(meta, policy.target(), policy.action(), policy.provider(), policy.rules());
    }

    private static Verdict decide(Call call, AuthorizationPolicy... policies) {
        return Authorizer.decide(MeshSettings.DEFAULT, List.of(policies), PAYMENTS, call);
    }

    private static String because(Call call, AuthorizationPolicy policy) {
        return decide(call, policy).considered().getFirst().because();
    }
}
