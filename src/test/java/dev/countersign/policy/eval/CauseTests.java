package dev.countersign.policy.eval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.eval.Verdict.Considered;
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
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Values;
import dev.countersign.policy.model.Workload;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CauseTests {
    @Test
    void theRuleThatLacksLeastIsTheCauseWithTheFirstFieldItLacks() {
        AuthorizationPolicy far = allow("a", "cluster.local/ns/shop/sa/other", "POST");
        AuthorizationPolicy near = allow("b", "cluster.local/ns/shop/sa/cart", "POST");
        Authorizer authorizer = Authorizer.of(
                MeshSettings.DEFAULT, List.of(far, near), Workload.sidecar("shop", Map.of("app", "payments")));
        Call call = Call.http("cluster.local/ns/shop/sa/cart", "GET", "/", "shop.example", 8080);
        assertThat(authorizer.cause(call)).contains(new Cause("shop/b", Optional.of(0), Optional.of("the method")));
        assertThat(authorizer.cause(Call.http("cluster.local/ns/shop/sa/cart", "POST", "/", "shop.example", 8080))).isEmpty();
    }

    @Test
    void theCauseIsWhatTheVerdictTells() {
        Worlds worlds = Worlds.seeded(20261126);
        int nearest = 0;
        int decided = 0;
        for (int i = 0; i < 20_000; i++) {
            World world = worlds.world();
            Call call = worlds.call(world);
            Authorizer authorizer = Authorizer.of(world.mesh(), world.policies(), world.workload());
            Verdict verdict = authorizer.decide(call);
            Optional<Cause> cause = authorizer.cause(call);
            assertThat(cause.isEmpty()).isEqualTo(verdict.allowed());
            if (cause.isPresent() && verdict.decidedBy().isPresent()) {
                decided++;
                assertThat(cause.get()).isEqualTo(new Cause(
                        verdict.decidedBy().get().policy(), verdict.decidedBy().get().rule(), Optional.empty()));
            } else if (cause.isPresent()) {
                Considered told = verdict.considered().stream()
                        .filter(one -> one.policy().equals(cause.get().policy()) && one.action() == Action.ALLOW && !one.dryRun())
                        .findFirst().orElseThrow();
                assertThat(told.matched()).isFalse();
                cause.get().rule().ifPresent(rule -> assertThat(told.because()).contains("rule " + rule + " "));
                if (cause.get().field().isPresent()) {
                    nearest++;
                    assertThat(told.because()).contains(cause.get().field().get());
                }
            }
        }
        assertThat(nearest).isGreaterThan(500);
        assertThat(decided).isGreaterThan(500);
    }

    @Test
    void noRuleIsNearerThanTheOneNamed() {
        Worlds worlds = Worlds.seeded(20261127);
        int nearest = 0;
        int dropped = 0;
        for (int i = 0; i < 20_000; i++) {
            World world = worlds.world();
            Call call = worlds.call(world);
            Authorizer authorizer = Authorizer.of(world.mesh(), world.policies(), world.workload());
            if (authorizer.decide(call).reason() != Verdict.Reason.NO_ALLOW_POLICY_MATCHED) {
                continue;
            }
            Optional<Cause> told = Optional.empty();
            int least = Integer.MAX_VALUE;
            for (AuthorizationPolicy policy : allows(world)) {
                for (int r = 0; r < policy.rules().size(); r++) {
                    RuleReading rule = reader(world, call).read(policy, r);
                    List<String> missed = rule.missed(call);
                    for (int most = 0; most < 6; most++) {
                        assertThat(rule.lacks(call, most)).isEqualTo(Math.min(missed.size(), most + 1));
                    }
                    if (rule.never().isEmpty() && missed.size() < least) {
                        least = missed.size();
                        told = Optional.of(new Cause(policy.metadata().key(), index(world, r), Optional.of(missed.getFirst())));
                    }
                }
            }
            nearest += told.isPresent() ? 1 : 0;
            dropped += told.isEmpty() ? 1 : 0;
            assertThat(authorizer.cause(call)).contains(
                    told.orElseGet(() -> new Cause(allows(world).getFirst().metadata().key(), Optional.empty(), Optional.empty())));
        }
        assertThat(nearest).isGreaterThan(500);
        assertThat(dropped).isGreaterThan(20);
    }

    private static List<AuthorizationPolicy> allows(World world) {
        return Attachment.attached(world.mesh(), world.policies(), world.workload()).stream()
                .filter(policy -> policy.action() == Action.ALLOW && !policy.dryRun())
                .sorted(Comparator.comparing(policy -> RuleReader.key(policy, 0)))
                .toList();
    }

    private static RuleReader reader(World world, Call call) {
        return world.workload().dataPlane() == DataPlane.ZTUNNEL
                ? new ZtunnelReader()
                : new EnvoyReader(TrustDomainBundle.of(world.mesh().trustDomains()), call.http().isEmpty());
    }

    private static Optional<Integer> index(World world, int rule) {
        return world.workload().dataPlane() == DataPlane.ZTUNNEL ? Optional.empty() : Optional.of(rule);
    }

    private static AuthorizationPolicy allow(String name, String caller, String method) {
        return AuthorizationPolicy.allow(ObjectMeta.of("shop", name), Target.EVERYTHING, List.of(new Rule(
                List.of(Source.principals(List.of(caller))),
                List.of(Operation.of(OperationField.METHODS, Values.any(method))), List.of())));
    }
}
