package dev.countersign.policy.reason;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.eval.Call;
import dev.countersign.policy.laws.Worlds;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Workload;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The matrix of a mesh is what the `Authorizer` says of every cell, after any number of changes too, and each change tells
/// its difference.
class MeshReachLawsTests {
    private static final int MESHES = Integer.getInteger("reason.meshes", 400);
    private static final List<Spiffe> SOURCES = ReachChecker.sources(
            "cluster.local/ns/a/sa/x", "cluster.local/ns/a/sa/y", "cluster.local/ns/b/sa/x", "cluster.local/ns/a-b/sa/x",
            "td1/ns/a/sa/x", "old-td/ns/a/sa/x", "new-td/ns/b/sa/y", "cluster.local/ns/ns/sa/z", "td1/ns/istio-system/sa/x");

    private record Mesh(MeshSettings settings, Map<String, Workload> workloads, List<AuthorizationPolicy> policies) {
        static Mesh of(Worlds worlds, DataPlane plane) {
            Map<String, Workload> workloads = new LinkedHashMap<>();
            for (int w = 0; w < 3; w++) {
                workloads.put("w" + w, worlds.workload(plane));
            }
            List<AuthorizationPolicy> policies = new ArrayList<>();
            for (int p = 0; p < (worlds.chance(3) ? 2 : 4); p++) {
                policies.add(worlds.policy(plane, "p" + p));
            }
            return new Mesh(new MeshSettings("istio-system", worlds.trustDomains()), workloads, policies);
        }

        MeshReach reach() {
            return MeshReach.of(settings, SOURCES, workloads, policies);
        }

        Optional<String> disagreement(ReachChecker checker, Worlds worlds) {
            return checker.disagreement(settings, workloads, policies, 8, calls(worlds));
        }

        Supplier<Call> calls(Worlds worlds) {
            boolean ztunnel = workloads.values().iterator().next().dataPlane() == DataPlane.ZTUNNEL;
            return () -> worlds.call(ztunnel || worlds.chance(4));
        }

        Mesh without(Action action) {
            return new Mesh(settings, workloads, policies.stream().filter(policy -> policy.action() != action).toList());
        }
    }

    @ParameterizedTest
    @EnumSource(DataPlane.class)
    void everyCellIsWhatTheAuthorizerSays(DataPlane plane) {
        Worlds worlds = Worlds.seeded(500 + plane.ordinal());
        long passing = 0;
        long denied = 0;
        long uncertain = 0;
        long unproven = 0;
        for (int i = 0; i < MESHES; i++) {
            Mesh mesh = Mesh.of(worlds, plane);
            ReachChecker checker = new ReachChecker(mesh.reach());
            assertThat(mesh.disagreement(checker, worlds)).as("%s", mesh).isEmpty();
            passing += checker.passing;
            denied += checker.cells + checker.calls - checker.passing - checker.uncertain;
            uncertain += checker.uncertain;
            unproven += checker.unproven;
        }
        assertThat(passing).isGreaterThan(MESHES * 10L);
        assertThat(denied).isGreaterThan(MESHES * 10L);
        assertThat(unproven).isLessThan(MESHES / 20);
        // ztunnel asks nobody.
        assertThat(uncertain > MESHES).isEqualTo(plane != DataPlane.ZTUNNEL);
    }

    @ParameterizedTest
    @EnumSource(DataPlane.class)
    void afterAnyChangesItIsTheSameAsFromScratchAndEachTellsItsDifference(DataPlane plane) {
        Worlds worlds = Worlds.seeded(600 + plane.ordinal());
        int opened = 0;
        int cut = 0;
        for (int i = 0; i < MESHES / 16; i++) {
            Mesh mesh = Mesh.of(worlds, plane);
            MeshReach reach = mesh.reach();
            for (int edit = 0; edit < 8; edit++) {
                Map<String, AuthorizationPolicy> policies = new LinkedHashMap<>();
                mesh.policies().forEach(policy -> policies.put(policy.metadata().key(), policy));
                MeshReach.Step step;
                if (worlds.chance(3) && !policies.isEmpty()) {
                    AuthorizationPolicy gone = worlds.pick(mesh.policies());
                    policies.remove(gone.metadata().key());
                    step = reach.without(gone.metadata().namespace(), gone.metadata().name());
                } else {
                    AuthorizationPolicy policy = worlds.policy(plane, "p" + worlds.pick(0, 1, 2, 3, 4));
                    policies.put(policy.metadata().key(), policy);
                    step = reach.with(policy);
                }
                byte[] before = reach.bytes();
                Mesh next = new Mesh(mesh.settings(), mesh.workloads(), List.copyOf(policies.values()));
                assertThat(step.after().bytes()).as("%s%n%s", mesh, next).isEqualTo(next.reach().bytes());
                assertThat(reach.bytes()).isEqualTo(before);
                assertThat(wrongDelta(reach, step, mesh, worlds)).as("%s%n%s", mesh, next).isEmpty();
                for (ReachDelta.Change change : step.delta().changes()) {
                    opened += change.opened().size();
                    cut += change.cut().size();
                }
                mesh = next;
                reach = step.after();
            }
            assertThat(mesh.disagreement(new ReachChecker(reach), worlds)).as("%s", mesh).isEmpty();
        }
        assertThat(opened).isGreaterThan(MESHES / 8);
        assertThat(cut).isGreaterThan(MESHES / 8);
    }

    /// Calls from elsewhere and the witnesses of both matrices and of the difference itself: where a source stands otherwise
    /// than before, a change says so, and only there.
    private static Optional<String> wrongDelta(MeshReach before, MeshReach.Step step, Mesh mesh, Worlds worlds) {
        MeshReach after = step.after();
        for (String workload : mesh.workloads().keySet()) {
            ReachRow was = before.row(workload);
            ReachRow is = after.row(workload);
            List<ReachDelta.Change> changes = step.delta().changes().stream().filter(change -> change.workloads().contains(workload)).toList();
            if (was.classes().entangled() || is.classes().entangled() || !step.delta().proven()) {
                continue;
            }
            List<Call> calls = new ArrayList<>();
            before.into(workload).forEach(access -> calls.add(access.calls().witness(Optional.empty())));
            after.into(workload).forEach(access -> calls.add(access.calls().witness(Optional.empty())));
            changes.forEach(change -> calls.add(change.calls().witness(Optional.empty())));
            for (int i = 0; i < 10; i++) {
                calls.add(mesh.calls(worlds).get());
            }
            for (Call call : calls) {
                int old = was.classes().classes().indexOf(ReachChecker.members(was.classes(), call));
                int fresh = is.classes().classes().indexOf(ReachChecker.members(is.classes(), call));
                if (old < 0 || fresh < 0) {
                    continue;
                }
                List<ReachDelta.Change> of = changes.stream()
                        .filter(change -> ReachChecker.members(change.calls().classes(), call).equals(change.calls().members()))
                        .toList();
                if (of.size() > 1) {
                    return Optional.of("told twice: " + call);
                }
                ReachRow.Access a = was.accesses().get(old);
                ReachRow.Access b = is.accesses().get(fresh);
                for (int s = 0; s <= SOURCES.size(); s++) {
                    int number = s;
                    Optional<Spiffe> source = s == SOURCES.size() ? Optional.empty() : Optional.of(before.sources().get(s));
                    boolean opens = !a.passing().has(number) && b.passing().has(number);
                    boolean cuts = a.passing().has(number) && !b.passing().has(number);
                    boolean doubts = !a.uncertain().has(number) && b.uncertain().has(number);
                    boolean settles = a.uncertain().has(number) && !b.uncertain().has(number);
                    boolean right = of.stream().anyMatch(change -> change.opened().contains(source)) == opens
                            && of.stream().anyMatch(change -> change.cut().contains(source)) == cuts
                            && of.stream().anyMatch(change -> change.doubted().contains(source)) == doubts
                            && of.stream().anyMatch(change -> change.settled().contains(source)) == settles;
                    if (!right) {
                        return Optional.of(workload + " " + source + " " + of + " for " + call);
                    }
                }
            }
        }
        return Optional.empty();
    }

    @Test
    void aFlippedBitIsFound() {
        Worlds worlds = Worlds.seeded(700);
        for (int i = 0; i < 200; i++) {
            Mesh mesh = Mesh.of(worlds, worlds.pick(DataPlane.values()));
            int source = worlds.pick(0, 3, SOURCES.size());
            boolean inDoubt = worlds.chance(2);
            ReachChecker wrong = new ReachChecker(mesh.reach()) {
                @Override
                ReachRow.Access access(String workload, int number) {
                    ReachRow.Access right = super.access(workload, number);
                    if (number > 0 || !workload.equals("w1")) {
                        return right;
                    }
                    return inDoubt
                            ? new ReachRow.Access(right.passing(), flipped(right.uncertain(), source))
                            : new ReachRow.Access(flipped(right.passing(), source), right.uncertain());
                }
            };
            assertThat(mesh.disagreement(wrong, worlds)).as("%s", mesh).isPresent();
        }
    }

    private static SourceSet flipped(SourceSet set, int number) {
        SourceSet one = SourceSet.of(number);
        return set.has(number) ? set.minus(one) : set.or(one);
    }

    @Test
    void aForgottenDenialAllowOrAuthorizerIsFound() {
        for (Action action : List.of(Action.DENY, Action.ALLOW, Action.CUSTOM)) {
            Worlds worlds = Worlds.seeded(710);
            int found = 0;
            for (int i = 0; i < 200; i++) {
                Mesh mesh = Mesh.of(worlds, DataPlane.SIDECAR);
                ReachChecker forgetful = new ReachChecker(mesh.without(action).reach());
                found += mesh.disagreement(forgetful, worlds).isPresent() ? 1 : 0;
            }
            assertThat(found).as("%s", action).isGreaterThan(40);
        }
    }

    @Test
    void aliasesThatAreForgottenAreFound() {
        Worlds worlds = Worlds.seeded(720);
        int found = 0;
        for (int i = 0; i < 300; i++) {
            Mesh mesh = Mesh.of(worlds, DataPlane.SIDECAR);
            MeshReach forgetful = MeshReach.of(MeshSettings.DEFAULT, SOURCES, mesh.workloads(), mesh.policies());
            found += mesh.disagreement(new ReachChecker(forgetful), worlds).isPresent() ? 1 : 0;
        }
        assertThat(found).isGreaterThan(10);
    }

    @Test
    void aRehearsalAndAnAuditChangeNothing() {
        Worlds worlds = Worlds.seeded(730);
        for (int i = 0; i < 100; i++) {
            Mesh mesh = Mesh.of(worlds, DataPlane.SIDECAR);
            MeshReach reach = mesh.reach();
            for (AuthorizationPolicy idle : List.of(
                    worlds.policy(DataPlane.SIDECAR, Action.AUDIT, "watch"), worlds.policy(DataPlane.SIDECAR, Action.DENY, "trial", true))) {
                MeshReach.Step step = reach.with(idle);
                assertThat(step.delta().isEmpty()).isTrue();
                assertThat(step.after().bytes()).isEqualTo(reach.bytes());
            }
        }
    }
}
