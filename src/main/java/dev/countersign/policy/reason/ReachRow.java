package dev.countersign.policy.reason;

import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.reason.StandingPolicy.Part;
import dev.countersign.policy.reason.StandingPolicy.Reading;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Who can call workloads that the same policies guard: for each class of calls the sources whose calls pass, and those of
/// whose calls it is not known, because an external authorizer is asked or the policies are too entangled. No source is in
/// both.
final class ReachRow {
    private final List<StandingPolicy> standing;
    private final boolean ztunnel;
    private final Roles roles;
    private final CallClasses classes;
    private final List<Access> accesses;

    /// Of one class of calls.
    record Access(SourceSet passing, SourceSet uncertain) {}

    /// What the policies say of whom, by number of the operations: `NONE` where they say nothing.
    private record Roles(
            boolean closed, List<Operations> operations, SourceSet[] allowed, SourceSet[] denied, SourceSet[] asked, Set<String> authorizers) {
        static Roles of(List<StandingPolicy> standing, boolean ztunnel) {
            boolean closed = false;
            Set<String> authorizers = new LinkedHashSet<>();
            Map<Operations, SourceSet[]> parts = new LinkedHashMap<>();
            for (StandingPolicy one : standing) {
                Action action = one.policy().action();
                closed |= action == Action.ALLOW;
                if (action == Action.CUSTOM) {
                    authorizers.add(one.policy().provider().orElse(""));
                }
                int role = action == Action.ALLOW ? 0 : action == Action.DENY ? 1 : 2;
                for (Part part : one.parts(ztunnel)) {
                    SourceSet[] of = parts.get(part.operations());
                    if (of == null) {
                        of = new SourceSet[] {SourceSet.NONE, SourceSet.NONE, SourceSet.NONE};
                        parts.put(part.operations(), of);
                    }
                    of[role] = of[role].or(part.who());
                }
            }
            List<Operations> operations = List.copyOf(parts.keySet());
            SourceSet[][] by = new SourceSet[3][operations.size()];
            for (int o = 0; o < operations.size(); o++) {
                SourceSet[] of = parts.get(operations.get(o));
                by[0][o] = of[0];
                by[1][o] = of[1];
                by[2][o] = of[2];
            }
            return new Roles(closed, operations, by[0], by[1], by[2], authorizers);
        }

        /// Of calls that are the operations numbered in `one`; `numbers[o]` is what the o-th of ours is called there.
        Access access(AtomSet one, int[] numbers, SourceSet everyone) {
            SourceSet passing = closed ? union(allowed, one, numbers) : everyone;
            passing = passing.minus(union(denied, one, numbers));
            if (authorizers.isEmpty()) {
                return new Access(passing, SourceSet.NONE);
            }
            SourceSet asking = union(asked, one, numbers);
            SourceSet left = passing.minus(asking);
            // Two authorizers on one workload refuse whatever either is asked about.
            return new Access(left, authorizers.size() > 1 ? SourceSet.NONE : passing.and(asking));
        }

        private static SourceSet union(SourceSet[] of, AtomSet one, int[] numbers) {
            SourceSet union = SourceSet.NONE;
            for (int o = 0; o < of.length; o++) {
                if (one.has(numbers[o])) {
                    union = union.or(of[o]);
                }
            }
            return union;
        }
    }

    /// How two rows differ, by classes that neither of them divides.
    record Difference(CallClasses classes, List<Changed> changes) {}

    /// One class whose sources differ.
    record Changed(AtomSet one, Access before, Access after) {}

    private ReachRow(List<StandingPolicy> standing, boolean ztunnel, Roles roles, CallClasses classes, SourceSet everyone) {
        this.standing = standing;
        this.ztunnel = ztunnel;
        this.roles = roles;
        this.classes = classes;
        int[] numbers = plain(roles.operations().size());
        Access[] all = new Access[classes.classes().size()];
        for (int c = 0; c < all.length; c++) {
            all[c] = access(roles, classes, classes.classes().get(c), numbers, everyone);
        }
        this.accesses = List.of(all);
    }

    /// `standing`: the policies that decide, ordered by their keys.
    static ReachRow of(List<StandingPolicy> standing, boolean ztunnel, Reading reading) {
        Roles roles = Roles.of(standing, ztunnel);
        return new ReachRow(standing, ztunnel, roles, reading.classes(roles.operations()), reading.sources().everyone());
    }

    /// The row of other policies in the place of these, and how it differs.
    Map.Entry<ReachRow, Difference> change(List<StandingPolicy> others, Reading reading) {
        SourceSet everyone = reading.sources().everyone();
        Roles fresh = Roles.of(others, ztunnel);
        if (fresh.operations().equals(roles.operations())) {
            ReachRow row = new ReachRow(others, ztunnel, fresh, classes, everyone);
            int[] same = plain(fresh.operations().size());
            return Map.entry(row, difference(classes, same, fresh, same, everyone));
        }
        Map<Operations, Integer> joint = new LinkedHashMap<>();
        roles.operations().forEach(one -> joint.put(one, joint.size()));
        fresh.operations().forEach(one -> joint.putIfAbsent(one, joint.size()));
        CallClasses either = joint.size() == roles.operations().size() ? classes : CallClasses.of(List.copyOf(joint.keySet()));
        int[] numbers = fresh.operations().stream().mapToInt(joint::get).toArray();
        CallClasses own = reading.classes(fresh.operations(), operations -> {
            CallClasses fewer = either.onto(operations, numbers);
            return fewer == null ? CallClasses.of(operations) : fewer;
        });
        ReachRow row = new ReachRow(others, ztunnel, fresh, own, everyone);
        return Map.entry(row, difference(either, plain(roles.operations().size()), fresh, numbers, everyone));
    }

    private Difference difference(CallClasses either, int[] before, Roles fresh, int[] after, SourceSet everyone) {
        List<Changed> changes = new ArrayList<>();
        for (AtomSet one : either.classes()) {
            Access was = access(roles, either, one, before, everyone);
            Access is = access(fresh, either, one, after, everyone);
            if (!was.equals(is) || either.entangled()) {
                changes.add(new Changed(one, was, is));
            }
        }
        return new Difference(either, List.copyOf(changes));
    }

    private static Access access(Roles roles, CallClasses classes, AtomSet one, int[] numbers, SourceSet everyone) {
        return classes.entangled() ? new Access(SourceSet.NONE, everyone) : roles.access(one, numbers, everyone);
    }

    private static int[] plain(int size) {
        int[] numbers = new int[size];
        Arrays.setAll(numbers, i -> i);
        return numbers;
    }

    List<StandingPolicy> standing() {
        return standing;
    }

    boolean ztunnel() {
        return ztunnel;
    }

    CallClasses classes() {
        return classes;
    }

    /// By number of the class.
    List<Access> accesses() {
        return accesses;
    }

    /// Those some of whose calls pass.
    SourceSet passing() {
        SourceSet passing = SourceSet.NONE;
        for (Access access : accesses) {
            passing = passing.or(access.passing());
        }
        return passing;
    }

    /// Sentences about what is not decided.
    List<String> doubts() {
        List<String> doubts = new ArrayList<>(classes.doubts());
        if (classes.entangled()) {
            doubts.add("The policies are too entangled to tell who can make which call. Split the rules with the most"
                    + " conditions into policies of their own.");
        }
        if (roles.authorizers().size() == 1 && accesses.stream().anyMatch(access -> !access.uncertain().isEmpty())) {
            doubts.add("The external authorizer " + roles.authorizers().iterator().next()
                    + " decides some of these calls; what it answers is not known. Ask its owner.");
        }
        return doubts;
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(roles.operations().size());
        for (Operations one : roles.operations()) {
            byte[] text = one.canonical().getBytes(java.nio.charset.StandardCharsets.UTF_8);
            out.writeInt(text.length);
            out.write(text);
        }
        List<String> doubts = doubts();
        out.writeInt(doubts.size());
        for (String doubt : doubts) {
            out.writeUTF(doubt);
        }
        out.writeInt(accesses.size());
        for (int c = 0; c < accesses.size(); c++) {
            out.writeUTF(classes.classes().get(c).toString());
            accesses.get(c).passing().write(out);
            accesses.get(c).uncertain().write(out);
        }
    }

    static boolean decides(AuthorizationPolicy policy) {
        return policy.action() != Action.AUDIT && !policy.dryRun();
    }
}
