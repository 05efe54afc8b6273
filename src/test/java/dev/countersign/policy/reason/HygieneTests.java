package dev.countersign.policy.reason;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.Verdict.DecidingRule;
import dev.countersign.policy.laws.Worlds;
import dev.countersign.policy.laws.Worlds.World;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Values;
import dev.countersign.policy.model.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HygieneTests {
    private static final Workload PAYMENTS = Workload.sidecar("shop", Map.of("app", "payments"));
    private static final String CHECKOUT = "cluster.local/ns/shop/sa/checkout";

    @Test
    void aRuleThatExcludesWhatItNamesNeverMatches() {
        Rule rule = new Rule(
                List.of(new Source(Map.of(SourceField.PRINCIPALS, new Values(List.of(CHECKOUT), List.of("*/sa/checkout"))))),
                List.of(), List.of());

        assertThat(flaws(allow("a", rule))).containsExactly(Hygiene.Flaw.NEVER_MATCHES);
    }

    @Test
    void anAllowUnderADenialIsShadowedByIt() {
        Hygiene hygiene = hygiene(
                allow("a", from(CHECKOUT, "/admin/keys")),
                policy(Action.DENY, "never", new Rule(List.of(), List.of(paths("/admin*")), List.of())));

        assertThat(hygiene.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.flaw()).isEqualTo(Hygiene.Flaw.SHADOWED);
            assertThat(finding.rule()).isEqualTo(new DecidingRule("shop/a", Optional.of(0)));
            assertThat(finding.proof()).isEqualTo(
                    new Hygiene.Proof.Covered(List.of(new DecidingRule("shop/never", Optional.of(0))), true));
        });
    }

    @Test
    void anAllowPartlyUnderADenialIsNotShadowed() {
        assertThat(flaws(
                        allow("a", from(CHECKOUT, "/*")),
                        policy(Action.DENY, "never", new Rule(List.of(), List.of(paths("/admin*")), List.of()))))
                .isEmpty();
    }

    @Test
    void aRuleWithinAnotherIsRedundantAndTheOtherIsNot() {
        Hygiene hygiene = hygiene(allow("a", from(CHECKOUT, "/api/*")), allow("b", from(CHECKOUT, "/api/orders")));

        assertThat(hygiene.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.flaw()).isEqualTo(Hygiene.Flaw.REDUNDANT);
            assertThat(finding.rule().policy()).isEqualTo("shop/b");
            assertThat(finding.message()).isEqualTo(
                    "All that rule 0 of shop/b matches is matched by other rules as well. Delete one of them.");
        });
    }

    @Test
    void aRuleCoveredByTwoTogetherIsRedundant() {
        Hygiene hygiene = hygiene(
                allow("a", from(CHECKOUT, "/x")), allow("b", from(CHECKOUT, "/y")), allow("c", from(CHECKOUT, "/x", "/y")));

        assertThat(hygiene.findings())
                .filteredOn(finding -> finding.rule().policy().equals("shop/c"))
                .singleElement()
                .satisfies(finding -> assertThat(finding.proof()).isInstanceOfSatisfying(
                        Hygiene.Proof.Covered.class, covered -> assertThat(covered.each()).isFalse()));
    }

    @Test
    void aRuleForEverybodyIsTooBroadAndSaysForWhom() {
        Hygiene hygiene = hygiene(
                allow("open", new Rule(List.of(), List.of(paths("/health")), List.of())),
                allow("known", new Rule(List.of(Source.principals(List.of("*"))), List.of(paths("/api")), List.of())));

        assertThat(hygiene.findings()).extracting(Hygiene.Finding::flaw).containsOnly(Hygiene.Flaw.OVER_BROAD).hasSize(2);
        assertThat(hygiene.findings()).allSatisfy(finding -> assertThat(finding.proof()).isInstanceOf(Hygiene.Proof.Passes.class));
        assertThat(hygiene.findings().get(1).message())
                .isEqualTo("Rule 0 of shop/known lets in every identity. Name the callers it is meant for.");
    }

    @Test
    void aRuleThatAsksForATokenIsNotTooBroad() {
        assertThat(flaws(allow("a", new Rule(
                        List.of(Source.of(SourceField.REQUEST_PRINCIPALS, Values.any("issuer/*"))), List.of(), List.of()))))
                .isEmpty();
    }

    /// What is called dead is dead: without the rule no comparison finds a difference and no call is decided otherwise.
    @ParameterizedTest
    @EnumSource(DataPlane.class)
    void whatIsCalledDeadCanGo(DataPlane plane) {
        Worlds worlds = Worlds.seeded(77 + plane.ordinal());
        int dead = 0;
        for (int i = 0; i < 300; i++) {
            World world = worlds.world(plane);
            for (Hygiene.Finding finding : Hygiene.of(world.mesh(), world.workload(), world.policies()).findings()) {
                if (finding.flaw() == Hygiene.Flaw.OVER_BROAD) {
                    continue;
                }
                dead++;
                World without = world.with(without(world.policies(), finding.rule()));
                Comparison comparison = Comparison.of(
                        world.mesh(), world.workload(), world.policies(), without.policies(), Known.NOTHING);
                assertThat(comparison.verdict()).as("%s%n%s", finding, world).isEqualTo(Comparison.Verdict.EQUIVALENT);
                Authorizer with = Authorizer.of(world.mesh(), world.policies(), world.workload());
                Authorizer less = Authorizer.of(world.mesh(), without.policies(), world.workload());
                for (int c = 0; c < 30; c++) {
                    Call call = worlds.call(world);
                    // Identities that Istio does not issue are outside of what is compared.
                    if (call.principal().isEmpty() || call.principal().get().split("/").length == 5) {
                        assertThat(less.allows(call)).as("%s%n%s%n%s", finding, world, call).isEqualTo(with.allows(call));
                    }
                }
            }
        }
        assertThat(dead).isGreaterThan(20);
    }

    private static List<AuthorizationPolicy> without(List<AuthorizationPolicy> policies, DecidingRule rule) {
        List<AuthorizationPolicy> rest = new ArrayList<>();
        for (AuthorizationPolicy policy : policies) {
            List<Rule> rules = new ArrayList<>(policy.rules());
            if (policy.metadata().key().equals(rule.policy())) {
                rules.remove((int) rule.rule().orElseThrow());
            }
            rest.add(new AuthorizationPolicy(policy.metadata(), policy.target(), policy.action(), policy.provider(), rules));
        }
        return rest;
    }

    private static Hygiene hygiene(AuthorizationPolicy... policies) {
        return Hygiene.of(MeshSettings.DEFAULT, PAYMENTS, List.of(policies));
    }

    private static List<Hygiene.Flaw> flaws(AuthorizationPolicy... policies) {
        return hygiene(policies).findings().stream().map(Hygiene.Finding::flaw).toList();
    }

    private static AuthorizationPolicy allow(String name, Rule rule) {
        return policy(Action.ALLOW, name, rule);
    }

    private static AuthorizationPolicy policy(Action action, String name, Rule rule) {
        return new AuthorizationPolicy(
                ObjectMeta.of("shop", name), Target.EVERYTHING, action, Optional.empty(), List.of(rule));
    }

    private static Rule from(String principal, String... paths) {
        return new Rule(List.of(Source.principals(List.of(principal))), List.of(paths(paths)), List.of());
    }

    private static Operation paths(String... paths) {
        return Operation.of(OperationField.PATHS, Values.any(paths));
    }
}
