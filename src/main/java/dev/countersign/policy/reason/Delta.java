package dev.countersign.policy.reason;

import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Workload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// Both sides of a change without what cannot matter to it: a call that no changed cube covers is decided alike on both, so
/// an unchanged cube that meets no changed one plays no part. So a comparison costs what the change costs, not the set.
///
/// Rules are taken for unchanged where both sides hold them at the beginning or at the end of the same policy; what else
/// stayed the same is compared with the change, which costs time and is as exact.
record Delta(Formula before, Formula after) {
    /// The cubes of rules, by what they do.
    private record Cubes(List<Cube> denies, List<Cube> allows) {
        Cubes() {
            this(new ArrayList<>(), new ArrayList<>());
        }

        void add(RuleCubes reader, AuthorizationPolicy policy, List<Rule> rules) {
            List<Cube> of = policy.action() == Action.ALLOW ? allows : denies;
            for (Rule rule : rules) {
                of.addAll(reader.cubes(policy, rule));
            }
        }
    }

    private record Unchanged(AuthorizationPolicy policy, List<Rule> rules) {
        List<Rule> of(Callers callers) {
            return rules.stream().filter(callers::mayMeet).toList();
        }
    }

    static Delta of(
            MeshSettings mesh,
            Workload workload,
            Collection<AuthorizationPolicy> before,
            Collection<AuthorizationPolicy> after) {
        return of(new Comparison.Side(mesh, workload, before), new Comparison.Side(mesh, workload, after));
    }

    static Delta of(Comparison.Side before, Comparison.Side after) {
        List<AuthorizationPolicy> old = Formula.enforced(before.mesh(), before.policies(), before.workload());
        List<AuthorizationPolicy> fresh = Formula.enforced(after.mesh(), after.policies(), after.workload());
        RuleCubes reader = RuleCubes.of(before.mesh(), before.workload(), old);
        RuleCubes freshReader = RuleCubes.of(after.mesh(), after.workload(), fresh);
        boolean closed = Formula.closed(old);
        if (closed != Formula.closed(fresh) || !reader.equals(freshReader)) {
            // Then every call may be decided otherwise.
            return new Delta(Formula.of(reader, old), Formula.of(freshReader, fresh));
        }
        Cubes cut = new Cubes();
        Cubes added = new Cubes();
        List<Unchanged> unchanged = new ArrayList<>();
        Callers callers = new Callers(reader);
        List<AuthorizationPolicy> left = new ArrayList<>(fresh);
        for (AuthorizationPolicy policy : old) {
            int partner = partner(policy, left);
            if (partner < 0) {
                cut.add(reader, policy, callers.note(policy.rules()));
                continue;
            }
            List<Rule> was = policy.rules();
            List<Rule> is = left.remove(partner).rules();
            int shorter = Math.min(was.size(), is.size());
            int head = 0;
            while (head < shorter && was.get(head).equals(is.get(head))) {
                head++;
            }
            int tail = 0;
            while (tail < shorter - head && was.get(was.size() - 1 - tail).equals(is.get(is.size() - 1 - tail))) {
                tail++;
            }
            unchanged.add(new Unchanged(policy, was.subList(0, head)));
            unchanged.add(new Unchanged(policy, was.subList(was.size() - tail, was.size())));
            cut.add(reader, policy, callers.note(was.subList(head, was.size() - tail)));
            added.add(reader, policy, callers.note(is.subList(head, is.size() - tail)));
        }
        for (AuthorizationPolicy policy : left) {
            added.add(reader, policy, callers.note(policy.rules()));
        }
        Cubes kept = new Cubes();
        unchanged.forEach(rules -> kept.add(reader, rules.policy(), rules.of(callers)));
        Cubes near = new Cubes();
        near(kept.denies(), cut, added, near.denies());
        near(kept.allows(), cut, added, near.allows());
        return new Delta(side(cut, near, closed), side(added, near, closed));
    }

    /// The policy that says the same kind of thing under the same name, or -1.
    private static int partner(AuthorizationPolicy policy, List<AuthorizationPolicy> among) {
        for (int i = 0; i < among.size(); i++) {
            AuthorizationPolicy other = among.get(i);
            boolean same = other == policy
                    || other.action() == policy.action()
                            && other.metadata().name().equals(policy.metadata().name())
                            && other.metadata().namespace().equals(policy.metadata().namespace())
                            && other.provider().equals(policy.provider());
            if (same) {
                return i;
            }
        }
        return -1;
    }

    private static Formula side(Cubes own, Cubes near, boolean closed) {
        own.denies().addAll(near.denies());
        own.allows().addAll(near.allows());
        return new Formula(own.denies(), own.allows(), closed);
    }

    private static void near(List<Cube> kept, Cubes cut, Cubes added, List<Cube> into) {
        for (Cube cube : kept) {
            if (meets(cube, cut) || meets(cube, added)) {
                into.add(cube);
            }
        }
    }

    private static boolean meets(Cube cube, Cubes changed) {
        return meets(cube, changed.denies()) || meets(cube, changed.allows());
    }

    private static boolean meets(Cube cube, List<Cube> changed) {
        for (Cube other : changed) {
            if (!Apart.apart(cube, other)) {
                return true;
            }
        }
        return false;
    }
}
