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
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.Comparison.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MeshComparisonTests {
    private static final String CALLER = "cluster.local/ns/shop/sa/cart";
    private static final AuthorizationPolicy NOTHING =
            AuthorizationPolicy.allow(ObjectMeta.of("shop", "nothing"), Target.EVERYTHING, List.of());
    private static final AuthorizationPolicy CART = AuthorizationPolicy.allow(
            ObjectMeta.of("shop", "cart"), new Target.Selector(Map.of("app", "payments")),
            List.of(new Rule(List.of(Source.principals(List.of(CALLER))), List.of(), List.of())));

    private static Map<String, Workload> shop() {
        Map<String, Workload> workloads = new LinkedHashMap<>();
        workloads.put("payments", Workload.sidecar("shop", Map.of("app", "payments")));
        workloads.put("orders", Workload.sidecar("shop", Map.of("app", "orders")));
        workloads.put("billing", Workload.sidecar("shop", Map.of("app", "billing")));
        workloads.put("elsewhere", Workload.sidecar("other", Map.of()));
        return workloads;
    }

    private static MeshComparison compare(MeshComparison.Side before, MeshComparison.Side after) {
        return MeshComparison.of(before, after, Known.NOTHING, MeshComparison.Limits.USUAL);
    }

    private static MeshComparison.Side side(AuthorizationPolicy... policies) {
        return MeshComparison.Side.of(MeshSettings.DEFAULT, shop(), List.of(policies));
    }

    @Test
    void theFirstAllowOfANamespaceCutsAllItsWorkloadsAndNoOther() {
        MeshComparison said = compare(side(), side(NOTHING));
        assertThat(said.verdict()).isEqualTo(Verdict.LESS_PERMISSIVE);
        assertThat(said.proven()).isTrue();
        assertThat(said.same()).isEqualTo(1);
        assertThat(said.differences()).hasSize(1);
        assertThat(said.differences().getFirst().workloads()).containsExactly("payments", "orders", "billing");
    }

    @Test
    void anotherSelectorOpensOneWorkloadAndCutsAnother() {
        AuthorizationPolicy moved = new AuthorizationPolicy(CART.metadata(), new Target.Selector(Map.of("app", "orders")),
                CART.action(), CART.provider(), CART.rules());
        MeshComparison said = compare(side(NOTHING, CART), side(NOTHING, moved));
        assertThat(said.verdict()).isEqualTo(Verdict.INCOMPARABLE);
        assertThat(said.differences()).extracting(MeshComparison.Difference::workloads)
                .containsExactly(List.of("payments"), List.of("orders"));
        assertThat(said.differences()).extracting(one -> one.comparison().verdict())
                .containsExactly(Verdict.LESS_PERMISSIVE, Verdict.MORE_PERMISSIVE);
    }

    @Test
    void anotherLabelMovesTheWorkloadUnderAPolicy() {
        Map<String, Workload> relabelled = shop();
        relabelled.put("orders", Workload.sidecar("shop", Map.of("app", "payments")));
        MeshComparison said = compare(side(NOTHING, CART),
                MeshComparison.Side.of(MeshSettings.DEFAULT, relabelled, List.of(NOTHING, CART)));
        assertThat(said.verdict()).isEqualTo(Verdict.MORE_PERMISSIVE);
        assertThat(said.differences()).extracting(MeshComparison.Difference::workloads).containsExactly(List.of("orders"));
        assertThat(said.differences().getFirst().comparison().newlyAllowed().getFirst().witness().principal())
                .contains(CALLER);
    }

    @Test
    void anotherRootNamespaceChangesWhatSpansTheMesh() {
        MeshSettings rooted = new MeshSettings("shop", MeshSettings.DEFAULT.trustDomains());
        MeshComparison said = compare(side(NOTHING), MeshComparison.Side.of(rooted, shop(), List.of(NOTHING)));
        assertThat(said.verdict()).isEqualTo(Verdict.LESS_PERMISSIVE);
        assertThat(said.differences()).extracting(MeshComparison.Difference::workloads)
                .containsExactly(List.of("elsewhere"));
    }

    @Test
    void withoutLabelsWhatSelectsIsUncertainAndWhatDoesNotIsDecided() {
        Set<String> orders = Set.of("orders");
        MeshComparison.Side open = new MeshComparison.Side(MeshSettings.DEFAULT, shop(), orders, List.of(NOTHING));
        MeshComparison.Side granted = new MeshComparison.Side(MeshSettings.DEFAULT, shop(), orders, List.of(NOTHING, CART));
        MeshComparison said = compare(open, granted);
        assertThat(said.proven()).isFalse();
        assertThat(said.uncertain()).singleElement().asString().contains("labels of orders");
        assertThat(said.verdict()).isEqualTo(Verdict.MORE_PERMISSIVE);
        assertThat(compare(granted, granted).proven()).isTrue();
        assertThat(compare(new MeshComparison.Side(MeshSettings.DEFAULT, shop(), orders, List.of()), open).proven()).isTrue();
    }

    @Test
    void whatDoesNotFitIsCountedAndTheVerdictStands() {
        MeshComparison said = MeshComparison.of(side(), side(NOTHING), Known.NOTHING,
                new MeshComparison.Limits(Duration.ofSeconds(10), 0));
        assertThat(said.verdict()).isEqualTo(Verdict.LESS_PERMISSIVE);
        assertThat(said.proven()).isFalse();
        assertThat(said.differences().getFirst().comparison().newlyCut()).isEmpty();
        MeshComparison late = MeshComparison.of(side(), side(NOTHING), Known.NOTHING,
                new MeshComparison.Limits(Duration.ofSeconds(-1), 10));
        assertThat(late.uncertain()).singleElement().asString().contains("3 further workloads");
    }

    /// Every call that changes is under a difference of its workload in its direction, every witness changes, and what is
    /// called the same survives a search.
    @Test
    void noCallThatChangesEscapes() {
        Worlds worlds = Worlds.seeded(77);
        int changes = 0;
        for (int i = 0; i < 600; i++) {
            DataPlane plane = worlds.pick(DataPlane.values());
            World world = worlds.world(plane);
            List<AuthorizationPolicy> policies = new ArrayList<>(world.policies());
            List<AuthorizationPolicy> after = RegionsEqualBruteForceTests.changed(worlds, world, plane);
            Map<String, Workload> was = new LinkedHashMap<>();
            Map<String, Workload> is = new LinkedHashMap<>();
            IntStream.range(0, 6).forEach(w -> {
                was.put("w" + w, worlds.workload(plane));
                is.put("w" + w, worlds.chance(3) ? worlds.workload(plane) : was.get("w" + w));
            });
            MeshSettings rooted = new MeshSettings(worlds.chance(4) ? "b" : "istio-system", world.mesh().trustDomains());
            MeshComparison said = compare(MeshComparison.Side.of(world.mesh(), was, policies),
                    MeshComparison.Side.of(rooted, is, after));
            for (String name : is.keySet()) {
                Authorizer old = Authorizer.of(world.mesh(), policies, was.get(name));
                Authorizer fresh = Authorizer.of(rooted, after, is.get(name));
                List<Comparison> own = said.differences().stream()
                        .filter(one -> one.workloads().contains(name))
                        .map(MeshComparison.Difference::comparison)
                        .toList();
                own.forEach(one -> {
                    assertThat(one.newlyAllowed()).allMatch(r -> !old.allows(r.witness()) && fresh.allows(r.witness()));
                    assertThat(one.newlyCut()).allMatch(r -> old.allows(r.witness()) && !fresh.allows(r.witness()));
                });
                for (int c = 0; c < 20; c++) {
                    Call call = worlds.call(new World(world.mesh(), policies, was.get(name)));
                    boolean allowed = old.allows(call);
                    if (call.principal().isPresent() && Spiffe.parse(call.principal().get()).isEmpty()
                            || allowed == fresh.allows(call)) {
                        continue;
                    }
                    changes++;
                    assertThat(own).as("%s %s%n%s%n%s", name, world, after, said).singleElement()
                            .satisfies(one -> assertThat(allowed ? one.newlyCut() : one.newlyAllowed()).isNotEmpty());
                }
            }
        }
        assertThat(changes).isGreaterThan(1000);
    }
}
