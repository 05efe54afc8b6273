package dev.countersign.policy.eval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.laws.Worlds;
import dev.countersign.policy.laws.Worlds.World;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Two ways to the same decision: prepared for many calls, and as specified. Full volume: `-Dprepared.calls=10000000`.
class PreparedMeshTests {
    private static final int CALLS = Integer.getInteger("prepared.calls", 50_000);

    @ParameterizedTest
    @EnumSource(DataPlane.class)
    void itDecidesEveryCallAsTheAuthorizerDoes(DataPlane plane) {
        Worlds worlds = Worlds.seeded(31 + plane.ordinal());
        int allowed = 0;
        for (int i = 0; i < CALLS / 20; i++) {
            World world = worlds.world(plane);
            Authorizer authorizer = Authorizer.of(world.mesh(), world.policies(), world.workload());
            PreparedMesh.Guarded prepared =
                    PreparedMesh.of(world.mesh(), world.policies()).workload(world.workload());
            for (int c = 0; c < 20; c++) {
                Call call = worlds.call(world);
                boolean allows = authorizer.allows(call);
                allowed += allows ? 1 : 0;
                if (prepared.allows(call) != allows) {
                    assertThat(prepared.allows(call)).as("%s%n%s", world, call).isEqualTo(allows);
                }
            }
        }
        assertThat(allowed).isBetween(CALLS / 20, CALLS - CALLS / 20);
    }

    /// One mesh with workloads of every plane, whose policies come, change and go; after each change every workload is asked.
    @Test
    void itFollowsEveryReplacement() {
        Worlds worlds = Worlds.seeded(97);
        int asked = 0;
        int allowed = 0;
        for (int m = 0; m < CALLS / 2500; m++) {
            MeshSettings mesh = new MeshSettings("istio-system", worlds.trustDomains());
            Map<String, AuthorizationPolicy> policies = new TreeMap<>();
            PreparedMesh prepared = PreparedMesh.of(mesh, List.of());
            List<Workload> workloads = new ArrayList<>();
            for (DataPlane plane : DataPlane.values()) {
                workloads.add(worlds.workload(plane));
                workloads.add(worlds.workload(plane));
            }
            List<PreparedMesh.Guarded> early = workloads.stream().map(prepared::workload).toList();
            for (int change = 0; change < 25; change++) {
                if (worlds.chance(4) && !policies.isEmpty()) {
                    AuthorizationPolicy gone = policies.remove(worlds.pick(List.copyOf(policies.keySet())));
                    prepared.remove(gone.metadata().namespace(), gone.metadata().name());
                } else {
                    AuthorizationPolicy policy = worlds.policy(worlds.pick(DataPlane.values()), "p" + change % 7);
                    policies.put(policy.metadata().key(), policy);
                    prepared.replace(policy);
                }
                PreparedMesh anew = PreparedMesh.of(mesh, policies.values());
                for (int w = 0; w < workloads.size(); w++) {
                    Workload workload = workloads.get(w);
                    Authorizer authorizer = Authorizer.of(mesh, policies.values(), workload);
                    for (int c = 0; c < 4; c++) {
                        Call call = worlds.call(new World(mesh, List.copyOf(policies.values()), workload));
                        boolean allows = authorizer.allows(call);
                        asked++;
                        allowed += allows ? 1 : 0;
                        if (early.get(w).allows(call) != allows || anew.workload(workload).allows(call) != allows) {
                            assertThat(early.get(w).allows(call)).as("%s%n%s%n%s", policies, workload, call).isEqualTo(allows);
                            assertThat(anew.workload(workload).allows(call)).as("%s%n%s%n%s", policies, workload, call).isEqualTo(allows);
                        }
                    }
                }
            }
        }
        assertThat(allowed).isBetween(asked / 20, asked - asked / 20);
    }

    /// Two policies take turns, and each lets the caller pass: a reader never sees the moment between.
    @Test
    void whoeverAsksMeanwhileSeesBeforeOrAfter() throws InterruptedException {
        Workload payments = Workload.sidecar("production", Map.of("app", "payments"));
        Rule mine = new Rule(List.of(Source.principals(List.of("cluster.local/ns/production/sa/a"))), List.of(), List.of());
        PreparedMesh prepared = PreparedMesh.of(MeshSettings.DEFAULT, List.of());
        prepared.replace(AuthorizationPolicy.allow(ObjectMeta.of("production", "p"), Target.EVERYTHING, List.of(mine)));
        PreparedMesh.Guarded guarded = prepared.workload(payments);
        Call passes = Call.http("cluster.local/ns/production/sa/a", "GET", "/", "shop.example", 8080);
        Call never = Call.http("cluster.local/ns/production/sa/never", "GET", "/", "shop.example", 8080);
        AtomicInteger wrong = new AtomicInteger();
        AtomicInteger asked = new AtomicInteger();
        AtomicBoolean going = new AtomicBoolean(true);
        List<Thread> readers = new ArrayList<>();
        for (int t = 0; t < 2; t++) {
            readers.add(Thread.ofPlatform().start(() -> {
                while (going.get()) {
                    wrong.addAndGet(guarded.allows(passes) && !guarded.allows(never) ? 0 : 1);
                    asked.incrementAndGet();
                }
            }));
        }
        for (int i = 0; i < 3000 || asked.get() < 1000 && i < 3_000_000; i++) {
            Rule other = new Rule(List.of(Source.principals(List.of("cluster.local/ns/production/sa/b" + i % 500))), List.of(), List.of());
            prepared.replace(AuthorizationPolicy.allow(
                    ObjectMeta.of("production", "p"), Target.EVERYTHING, i % 2 == 0 ? List.of(mine, other) : List.of(other, mine)));
        }
        going.set(false);
        for (Thread reader : readers) {
            reader.join();
        }
        assertThat(wrong).hasValue(0);
        assertThat(asked.get()).isPositive();
    }
}
