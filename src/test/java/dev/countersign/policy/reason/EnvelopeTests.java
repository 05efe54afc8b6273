package dev.countersign.policy.reason;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.laws.Worlds;
import dev.countersign.policy.laws.Worlds.World;
import dev.countersign.policy.model.AuthorizationPolicy;
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
import dev.countersign.policy.model.Values;
import dev.countersign.policy.model.Workload;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EnvelopeTests {
    private static final Workload LEDGER = Workload.sidecar("production", Map.of("app", "ledger", "tier", "0"));
    private static final Bound NEVER = Bound.never("staging", "production");
    private static final Bound NAMED = new Bound(
            "no wildcard principal on tier 0", Bound.Where.labels(Map.of("tier", "0")), new Bound.Forbidden.FromUnnamed());
    private static final Bound READING = new Bound(
            "only GET from outside the namespace", Bound.Where.EVERYWHERE, new Bound.Forbidden.OutsideExcept(List.of("GET")));

    @Test
    void aChangeThatNamesACallerOfStagingIsOutsideWithTheWitness() {
        Envelope answer = answer(NEVER, List.of(closed()), List.of(closed(), allow("cluster.local/ns/staging/sa/tester", "GET")));

        assertThat(answer).isInstanceOfSatisfying(Envelope.Outside.class, outside -> {
            assertThat(outside.message())
                    .isEqualTo("This breaks \"never from staging to production\": tester of staging may GET any path."
                            + " Narrow the request, or let the owner of the bound change it.");
            assertThat(outside.breaches().getFirst().witness().principal()).contains("cluster.local/ns/staging/sa/tester");
        });
    }

    @Test
    void aWildcardThatTakesStagingInIsOutsideToo() {
        assertThat(answer(NEVER, List.of(closed()), List.of(closed(), allow("cluster.local/ns/sta*", "GET"))))
                .isInstanceOf(Envelope.Outside.class);
    }

    @Test
    void aChangeForOthersIsInsideWithTheProof() {
        assertThat(answer(NEVER, List.of(closed()), List.of(closed(), allow("cluster.local/ns/production/sa/web", "POST"))))
                .isInstanceOfSatisfying(Envelope.Inside.class, inside -> assertThat(inside.standing()).isEmpty());
    }

    @Test
    void takingTheLastAllowAwayOpensTheDoorToStaging() {
        assertThat(answer(NEVER, List.of(closed()), List.of())).isInstanceOf(Envelope.Outside.class);
    }

    @Test
    void whatWasOpenBeforeIsToldAndNotBlamedOnTheChange() {
        List<AuthorizationPolicy> before = List.of(allow("cluster.local/ns/staging/sa/tester", "GET"));

        assertThat(answer(NEVER, before, List.of(before.getFirst(), allow("cluster.local/ns/production/sa/web", "GET"))))
                .isInstanceOfSatisfying(Envelope.Inside.class, inside -> assertThat(inside.standing()).hasSize(1));
    }

    @Test
    void onTierZeroCallersHaveNames() {
        assertThat(answer(NAMED, List.of(closed()), List.of(closed(), allow("*", "GET")))).isInstanceOf(Envelope.Outside.class);
        assertThat(answer(NAMED, List.of(closed()), List.of(closed(), allow("cluster.local/ns/a/*", "GET"))))
                .isInstanceOf(Envelope.Outside.class);
        assertThat(answer(NAMED, List.of(closed()), List.of(closed(), allow("cluster.local/ns/a/sa/b", "GET"))))
                .isInstanceOf(Envelope.Inside.class);
    }

    @Test
    void aBoundOnTierZeroIsSilentElsewhere() {
        Workload other = Workload.sidecar("production", Map.of("app", "blog", "tier", "3"));

        assertThat(Envelope.of(NAMED, MeshSettings.DEFAULT, other, List.of(closed()), List.of(), Known.NOTHING))
                .isInstanceOf(Envelope.Inside.class);
    }

    @Test
    void fromOutsideOnlyReadingIsLetIn() {
        assertThat(answer(READING, List.of(closed()), List.of(closed(), allow("cluster.local/ns/web/sa/shop", "GET"))))
                .isInstanceOf(Envelope.Inside.class);
        assertThat(answer(READING, List.of(closed()), List.of(closed(), allow("cluster.local/ns/web/sa/shop", "PUT"))))
                .isInstanceOf(Envelope.Outside.class);
        assertThat(answer(READING, List.of(closed()), List.of(closed(), allow("cluster.local/ns/production/sa/shop", "PUT"))))
                .isInstanceOf(Envelope.Inside.class);
    }

    /// Inside means inside: no call that the bound forbids is denied before and allowed after.
    @ParameterizedTest
    @EnumSource(DataPlane.class)
    void noForbiddenCallIsOpenedByAChangeThatIsInside(DataPlane plane) {
        Worlds worlds = Worlds.seeded(5 + plane.ordinal());
        int inside = 0;
        int opened = 0;
        for (int i = 0; i < 300; i++) {
            World world = worlds.world(plane);
            List<AuthorizationPolicy> after = RegionsEqualBruteForceTests.changed(worlds, world, plane);
            Bound bound = new Bound("nobody of a", Bound.Where.EVERYWHERE, new Bound.Forbidden.FromNamespaces(List.of("a")));
            Envelope answer = Envelope.of(bound, world.mesh(), world.workload(), world.policies(), after, Known.NOTHING);
            Authorizer was = Authorizer.of(world.mesh(), world.policies(), world.workload());
            Authorizer is = Authorizer.of(world.mesh(), after, world.workload());
            for (int c = 0; c < 40; c++) {
                Call call = worlds.call(world);
                Optional<Spiffe> caller = call.principal().flatMap(Spiffe::parse);
                if (caller.isPresent() && caller.get().namespace().equals("a") && !was.allows(call) && is.allows(call)) {
                    opened++;
                    assertThat(answer).as("%s%n%s%n%s", world, after, call).isNotInstanceOf(Envelope.Inside.class);
                }
            }
            inside += answer instanceof Envelope.Inside ? 1 : 0;
        }
        assertThat(inside).isGreaterThan(30);
        assertThat(opened).isGreaterThan(10);
    }

    private static Envelope answer(Bound bound, List<AuthorizationPolicy> before, List<AuthorizationPolicy> after) {
        return Envelope.of(bound, MeshSettings.DEFAULT, LEDGER, before, after, Known.NOTHING);
    }

    private static AuthorizationPolicy closed() {
        return AuthorizationPolicy.allow(ObjectMeta.of("production", "closed"), Target.EVERYTHING, List.of());
    }

    private static AuthorizationPolicy allow(String principal, String method) {
        return AuthorizationPolicy.allow(
                ObjectMeta.of("production", "allow"), Target.EVERYTHING,
                List.of(new Rule(
                        List.of(Source.of(SourceField.PRINCIPALS, Values.any(principal))),
                        List.of(Operation.of(OperationField.METHODS, Values.any(method))),
                        List.of())));
    }
}
