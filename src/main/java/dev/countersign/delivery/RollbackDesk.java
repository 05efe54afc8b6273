package dev.countersign.delivery;

import dev.countersign.catalog.MeshCatalog;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.delivery.DeliveryStop.Held;
import dev.countersign.grants.Grant;
import dev.countersign.grants.GrantLedger;
import dev.countersign.grants.GrantState;
import dev.countersign.grants.Suspension;
import dev.countersign.grants.Suspensions;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Role;
import dev.countersign.identity.Scope;
import dev.countersign.policy.compile.GrantedAccess;
import dev.countersign.policy.compile.TargetWorkload;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.requests.Effect;
import dev.countersign.tenancy.CurrentTenant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// Rolls a policy back to an earlier revision by one decision, and lifts that by another.
///
/// - It suspends the active grants of the workload that the earlier revision did not carry, and does nothing else. So it only closes,
///   and needs no approval: a grant that has ended does not come back, nor does one that another suspension keeps out.
/// - Who may: whoever may stop deliveries to the workload, security and the team that owns it. Lifted by security, or by the right it
///   was made by: an owner does not undo security's word.
/// - Both are decided on the digest of what was shown. Where something moved meanwhile, nothing happens.
///
/// The decision, its entry in the record and the revision that follows from it are one transaction.
@Service
public class RollbackDesk {
    private static final int MOST_REASON = 4_000;

    private final Suspensions suspensions;
    private final GrantLedger grants;
    private final MeshCatalog catalog;
    private final StopDesk stops;
    private final Planner planner;
    private final RollbackEffect effects;
    private final JdbcClient jdbc;

    RollbackDesk(Suspensions suspensions, GrantLedger grants, MeshCatalog catalog, StopDesk stops, Planner planner, RollbackEffect effects, JdbcClient jdbc) {
        this.suspensions = suspensions;
        this.grants = grants;
        this.catalog = catalog;
        this.stops = stops;
        this.planner = planner;
        this.effects = effects;
        this.jdbc = jdbc;
    }

    /// What rolling back to that revision would do; empty where there is no such policy or revision, or where it is the one that stands.
    @Transactional(readOnly = true)
    public Optional<Rollback> look(PolicyKey key, long revision) {
        return standing(key).filter(now -> revision < now.revision()).flatMap(now -> carried(key, revision).map(carried -> look(now, revision, carried)));
    }

    @Transactional
    public RollingBack rollBack(CurrentPerson me, PolicyKey key, long revision, String digest, String words) {
        Optional<Standing> found = standing(key);
        if (found.isEmpty()) {
            return new RollingBack.Unknown("policy " + key.inCluster());
        }
        TargetWorkload target = found.get().target();
        ClusterRef cluster = found.get().cluster();
        if (!mayRollBack(me, cluster, new Held(target.namespace(), target.workload()))) {
            return new RollingBack.NotYours("Security and the team that owns " + target.workload() + " roll its policy back. Ask one of them.");
        }
        if (!me.mayUse(Scope.REVIEW)) {
            return new RollingBack.NotYours("This token lacks the scope review. Use one that has it.");
        }
        String reason = words.strip();
        if (!fits(reason)) {
            return new RollingBack.ReasonNeeded("Say in 1 to 4,000 characters why; everyone who is kept out reads your words, and the record keeps them.");
        }
        // The grants first, then the plan: whoever ends a grant takes them in this order too.
        suspensions.lock(cluster.id(), target.namespace(), target.workload());
        planner.alone();
        long current = standing(key).orElseThrow().revision();
        if (carried(key, revision).isEmpty()) {
            return new RollingBack.Unknown("revision " + revision + " of " + key.inCluster());
        }
        Optional<Rollback> seen = look(key, revision);
        if (seen.isEmpty()) {
            return new RollingBack.Nothing("Revision " + revision + " is the one that stands. Nothing has to be done.");
        }
        Rollback now = seen.get();
        if (!now.digest().equals(digest)) {
            return new RollingBack.Moved("Since you looked, what this would do has changed: revision " + current + " stands now. Look again, and decide on what you see.",
                    now.digest(), current);
        }
        if (now.suspends().isEmpty()) {
            return new RollingBack.Nothing("Revision " + revision + " carried every grant that is active. There is nothing to suspend.");
        }
        if (now.impossible().isPresent()) {
            return new RollingBack.Impossible(now.impossible().get());
        }
        return new RollingBack.Suspended(suspensions.suspend(new Suspensions.Decision(cluster, target, key.name(), current, revision,
                me.is(Role.SECURITY) ? Suspension.MadeAs.SECURITY : Suspension.MadeAs.OWNER, me.actor(), reason), now.suspends()));
    }

    /// What lifting the suspension would do; empty where there is none, or where it keeps nothing out.
    @Transactional(readOnly = true)
    public Optional<Resuming> lookAtResuming(long number) {
        return suspensions.find(number).filter(Suspension::holds).map(this::look);
    }

    @Transactional
    public RollingBack resume(CurrentPerson me, long number, String digest, String words) {
        Optional<Suspension> found = suspensions.find(number);
        if (found.isEmpty()) {
            return new RollingBack.Unknown("suspension " + number);
        }
        Suspension suspension = found.get();
        if (!me.mayUse(Scope.REVIEW)) {
            return new RollingBack.NotYours("This token lacks the scope review. Use one that has it.");
        }
        if (!mayResume(me, suspension)) {
            return new RollingBack.NotYours(switch (suspension.madeAs()) {
                case SECURITY -> "Security said it, and security lifts it. Ask someone of security.";
                case OWNER -> "The team that owns the service, or security, lifts it. Ask one of them.";
            });
        }
        String reason = words.strip();
        if (!fits(reason)) {
            return new RollingBack.ReasonNeeded("Say in 1 to 4,000 characters why callers may come in again; the record keeps your words.");
        }
        suspensions.lock(suspension.cluster().id(), suspension.namespace(), suspension.workload());
        planner.alone();
        Optional<Resuming> seen = lookAtResuming(number);
        if (seen.isEmpty()) {
            return new RollingBack.Nothing("Suspension " + number + " keeps nothing out any more. Nothing has to be done.");
        }
        Resuming now = seen.get();
        if (!now.digest().equals(digest)) {
            return new RollingBack.Moved("Since you looked, what this would open has changed: revision " + now.current() + " stands now. Look again, and decide on what you see.",
                    now.digest(), now.current());
        }
        if (now.impossible().isPresent()) {
            return new RollingBack.Impossible(now.impossible().get());
        }
        if (!suspensions.resume(suspension, target(suspension), now.grants(), me.actor(), reason)) {
            return new RollingBack.Nothing("Suspension " + number + " has been lifted already. Nothing has to be done.");
        }
        return new RollingBack.Resumed(number);
    }

    /// Whether this person may roll the policy of the workload back.
    @Transactional(readOnly = true)
    public boolean mayRollBack(CurrentPerson me, ClusterRef cluster, Held workload) {
        return me.is(Role.SECURITY) || stops.mayStop(me, cluster.name(), Optional.of(workload));
    }

    @Transactional(readOnly = true)
    public boolean mayResume(CurrentPerson me, Suspension suspension) {
        return mayResume(me, suspension, mayRollBack(me, suspension.cluster(), new Held(suspension.namespace(), suspension.workload())));
    }

    /// The same where it is known whether the person may roll back.
    public boolean mayResume(CurrentPerson me, Suspension suspension, boolean mayRollBack) {
        return mayRollBack && (me.is(Role.SECURITY) || suspension.madeAs() == Suspension.MadeAs.OWNER);
    }

    @Transactional(readOnly = true)
    public Optional<Suspension> find(long number) {
        return suspensions.find(number);
    }

    /// Those that keep grants of the workload out, newest first.
    @Transactional(readOnly = true)
    public List<Suspension> holding(UUID cluster, String namespace, String workload) {
        return suspensions.holding(cluster, namespace, workload);
    }

    /// At most `limit` (1 to 101) with a number below `before`, newest first; of one cluster, and only those that keep grants out or no
    /// longer do, where that is given.
    @Transactional(readOnly = true)
    public List<Suspension> list(Optional<UUID> cluster, Optional<Boolean> holding, Optional<Long> before, int limit) {
        return suspensions.list(cluster, holding, before, limit);
    }

    /// A policy as it is desired now.
    private record Standing(ClusterRef cluster, TargetWorkload target, String name, long revision, AuthorizationPolicy policy) {}

    private Optional<Standing> standing(PolicyKey key) {
        record Row(String workload, long revision, String yaml) {}
        return jdbc.sql("""
                        select o.workload, o.desired_revision, r.yaml
                        from policy_object o
                        join revision r on (r.tenant_id, r.cluster_id, r.namespace, r.name, r.number) = (o.tenant_id, o.cluster_id, o.namespace, o.name, o.desired_revision)
                        where (o.tenant_id, o.cluster_id, o.namespace, o.name) = (?, ?, ?, ?)""")
                .params(CurrentTenant.require().value(), key.cluster(), key.namespace(), key.name())
                .query((row, number) -> new Row(row.getString(1), row.getLong(2), row.getString(3)))
                .optional()
                .flatMap(row -> cluster(key.cluster()).map(cluster -> new Standing(cluster,
                        grants.baseline(key.cluster(), key.namespace(), row.workload()).orElseThrow(), key.name(), row.revision(), RevisionText.policy(row.yaml()))));
    }

    private Optional<ClusterRef> cluster(UUID id) {
        return catalog.clusters().stream().filter(one -> one.id().equals(id)).findFirst();
    }

    /// The grants of a revision, by id.
    private Optional<Set<UUID>> carried(PolicyKey key, long revision) {
        return jdbc.sql("select grant_ids from revision where (tenant_id, cluster_id, namespace, name, number) = (?, ?, ?, ?, ?)")
                .params(CurrentTenant.require().value(), key.cluster(), key.namespace(), key.name(), revision)
                .query((row, number) -> Arrays.stream((String[]) row.getArray(1).getArray()).map(UUID::fromString).collect(Collectors.toSet()))
                .optional();
    }

    private Rollback look(Standing now, long revision, Set<UUID> carried) {
        TargetWorkload target = now.target();
        List<Grant> active = grants.activeOn(now.cluster().id(), target.namespace(), target.workload());
        List<Grant> suspends = notCarried(active, carried);
        List<Grant> of = grants.all(carried);
        Planner.Foreseen then = planner.foresee(now.cluster().id(), target, compiled(active.stream().filter(grant -> carried.contains(grant.id()))));
        return new Rollback(now.cluster(), target, now.name(), now.revision(), revision, suspends,
                of.stream().filter(grant -> !grant.state().stands()).toList(),
                of.stream().filter(grant -> grant.state() == GrantState.SUSPENDED).toList(),
                effect(now, then), then.refusal(),
                digest("roll back " + now.cluster().id() + " " + target.key() + "/" + now.name() + " from " + now.revision() + " to " + revision, suspends));
    }

    /// Which of the active grants going back takes out.
    static List<Grant> notCarried(List<Grant> active, Set<UUID> carried) {
        return active.stream().filter(grant -> !carried.contains(grant.id())).toList();
    }

    private Resuming look(Suspension suspension) {
        Standing now = standing(new PolicyKey(suspension.cluster().id(), suspension.namespace(), suspension.policy())).orElseThrow();
        List<Grant> standing = grants.standingOn(suspension.cluster().id(), suspension.namespace(), suspension.workload());
        List<Grant> resumed = standing.stream().filter(grant -> grant.suspension().equals(Optional.of(suspension.number()))).toList();
        Planner.Foreseen then = planner.foresee(suspension.cluster().id(), now.target(),
                compiled(standing.stream().filter(grant -> grant.state() == GrantState.ACTIVE || resumed.contains(grant))));
        return new Resuming(suspension, now.revision(), resumed, effect(now, then), then.refusal(),
                digest("resume " + suspension.number() + " at " + now.revision(), resumed));
    }

    /// Nothing is claimed where what would be left cannot become a policy.
    private Effect effect(Standing now, Planner.Foreseen then) {
        return then.refusal().isPresent() || then.policy().isEmpty()
                ? new Effect(Effect.Verdict.INCOMPARABLE, List.of(), List.of(), List.of(), List.of())
                : effects.of(now.cluster(), now.target(), now.policy(), then.policy().get());
    }

    private static List<GrantedAccess> compiled(Stream<Grant> grants) {
        return grants.flatMap(grant -> grant.compile().stream()).toList();
    }

    private TargetWorkload target(Suspension suspension) {
        return grants.baseline(suspension.cluster().id(), suspension.namespace(), suspension.workload()).orElseThrow();
    }

    private static boolean fits(String reason) {
        return !reason.isEmpty() && reason.codePointCount(0, reason.length()) <= MOST_REASON;
    }

    private static String digest(String what, List<Grant> grants) {
        String text = what + ": " + grants.stream().map(grant -> grant.id().toString()).sorted().collect(Collectors.joining(" "));
        return "sha256:" + HexFormat.of().formatHex(Planner.sha256(text));
    }
}
