package dev.countersign.policy.reason;

import dev.countersign.policy.eval.Attachment;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Workload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// What a set of policies decides for a workload: a call passes if no cube of `denies` covers it and, where there is any
/// ALLOW policy (`closed`), some cube of `allows` does.
///
/// An external authorizer is a dimension of its own with what it would answer; a rule that asks it is a deny for the calls
/// that it would refuse.
record Formula(List<Cube> denies, List<Cube> allows, boolean closed) {
    static final Matcher HTTP = new Matcher.Yes("HTTP");

    /// The authorizer refuses an HTTP call; it refuses a TCP connection, which one that speaks HTTP is never asked about.
    static final Matcher REFUSES_HTTP = new Matcher.Yes("refuses");

    static final Matcher REFUSES_TCP = new Matcher.Yes("refuses connections");

    static Formula of(MeshSettings mesh, Collection<AuthorizationPolicy> policies, Workload workload) {
        List<AuthorizationPolicy> enforced = enforced(mesh, policies, workload);
        return of(RuleCubes.of(mesh, workload, enforced), enforced);
    }

    static Formula of(RuleCubes reader, List<AuthorizationPolicy> enforced) {
        List<Cube> denies = new ArrayList<>();
        List<Cube> allows = new ArrayList<>();
        for (AuthorizationPolicy policy : enforced) {
            for (Rule rule : policy.rules()) {
                switch (policy.action()) {
                    case ALLOW -> allows.addAll(reader.cubes(policy, rule));
                    case DENY, CUSTOM -> denies.addAll(reader.cubes(policy, rule));
                    case AUDIT -> {}
                }
            }
        }
        return new Formula(denies, allows, closed(enforced));
    }

    /// The policies that decide: attached, and no rehearsals.
    static List<AuthorizationPolicy> enforced(
            MeshSettings mesh, Collection<AuthorizationPolicy> policies, Workload workload) {
        return Attachment.attached(mesh, policies, workload).stream()
                .filter(policy -> !policy.dryRun())
                .toList();
    }

    static boolean closed(List<AuthorizationPolicy> enforced) {
        return enforced.stream().anyMatch(policy -> policy.action() == Action.ALLOW);
    }
}
