package dev.countersign.delivery;

import dev.countersign.audit.Actor;
import dev.countersign.catalog.LivePolicy;
import dev.countersign.catalog.PolicyVersion;
import dev.countersign.clusters.ClusterObject;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.clusters.ClusterTrouble;
import dev.countersign.clusters.ObjectVersion;
import dev.countersign.grants.Grant;
import dev.countersign.grants.SimulatedGrants;
import dev.countersign.histories.Bug;
import dev.countersign.histories.Witness;
import dev.countersign.policy.compile.Compilation;
import dev.countersign.policy.compile.CompiledPolicy;
import dev.countersign.policy.compile.GrantCompiler;
import dev.countersign.policy.compile.GrantedAccess;
import dev.countersign.policy.compile.TargetWorkload;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The rows of delivery of one tenant in memory: `policy_object`, `revision`, `cluster_breaker`, `delivery_stop`, and the policies of
/// the catalog. Every public method is one transaction, or takes part in one; each names the statement that it is a model of. What is
/// decided is decided by the product: `Admission`, `GrantCompiler`, `Revisions`, `Errand`, `Aftermath`, `Breakers`, `DriftWatch`,
/// `Identities`, `RollbackDesk`.
public final class SimulatedLedger {
    /// A row of `policy_object`.
    private static final class Row {
        final PolicyKey key;
        final String name;
        final String workload;
        final List<Revision> revisions = new ArrayList<>();
        DeliveryState state = DeliveryState.WAITING;
        Optional<Long> applied = Optional.empty();
        Instant appliedAt = Instant.MIN;
        Optional<ObjectVersion> known = Optional.empty();
        String words = "";
        int attempts;
        int driftRounds;
        Instant driftedAt = Instant.MIN;
        @Nullable Instant due;
        @Nullable Instant lease;
        int claimedBy;
        long fence;
        boolean freed;

        Row(PolicyKey key, String workload) {
            this.key = key;
            name = key.inCluster();
            this.workload = workload;
        }

        long desired() {
            return revisions.size();
        }

        Revision revision(long number) {
            return revisions.get((int) number - 1);
        }

        boolean leased(Instant now) {
            return lease != null && !lease.isBefore(now);
        }

        boolean isDue(Instant now) {
            return due != null && !due.isAfter(now);
        }
    }

    /// A row of `revision`.
    private record Revision(byte[] content, AuthorizationPolicy policy, Set<String> grants, List<Long> requests) {}

    /// A row of `cluster_breaker`.
    private static final class Switch {
        int failures;
        int probes;
        boolean open;
        Instant probeAt = Instant.MIN;
    }

    /// What a replica holds after a claim.
    public static final class Claimed {
        public final SimulatedLedger ledger;
        public final String policy;
        public final UUID cluster;
        public final long revision;
        public final long fence;
        final Consignment consignment;
        final AuthorizationPolicy wanted;

        Claimed(SimulatedLedger ledger, Consignment consignment, AuthorizationPolicy wanted) {
            this.ledger = ledger;
            this.consignment = consignment;
            this.wanted = wanted;
            policy = consignment.key().inCluster();
            cluster = consignment.key().cluster();
            revision = consignment.revision();
            fence = consignment.fence();
        }
    }

    /// How a policy stands, for the judge at the end.
    public record Standing(UUID cluster, String policy, String workload, String state, long desired, Optional<Long> applied, boolean due, boolean leased, String words) {}

    private final String slug;
    private final SimulatedGrants grants;
    private final Witness witness;
    private final Bug bug;
    private final RandomGenerator chance;
    private final Map<PolicyKey, Row> rows = new LinkedHashMap<>();
    private final Map<UUID, Switch> breakers = new HashMap<>();
    private final List<DeliveryStop> stops = new ArrayList<>();
    private final Map<PolicyKey, LivePolicy> catalog = new HashMap<>();

    public SimulatedLedger(String slug, SimulatedGrants grants, Witness witness, Bug bug, RandomGenerator chance) {
        this.slug = slug;
        this.grants = grants;
        this.witness = witness;
        this.bug = bug;
        this.chance = chance;
    }

    public String slug() {
        return slug;
    }

    // Claims

    /// As `DeliveryLedger.claim` without a bound on places that a history reaches: what is due, not leased, of clusters whose breaker
    /// is closed, oldest first; and one policy of each cluster whose probe is due.
    public List<Claimed> claim(Instant now, int limit, int life) {
        List<Row> due = new ArrayList<>();
        for (Row row : rows.values()) {
            Switch breaker = breakers.get(row.key.cluster());
            if (row.isDue(now) && mayBeClaimed(row, now) && (breaker == null || !breaker.open)) {
                due.add(row);
            }
        }
        due.sort(Comparator.comparing(row -> row.due));
        List<Claimed> claimed = new ArrayList<>();
        due.stream().limit(limit).forEach(row -> claimed.add(handOut(row, now, life)));
        breakers.forEach((cluster, breaker) -> {
            if (breaker.open && !breaker.probeAt.isAfter(now)) {
                rows.values().stream().filter(row -> row.key.cluster().equals(cluster) && row.due != null && mayBeClaimed(row, now)).min(Comparator.comparing(row -> row.due))
                        .ifPresent(row -> {
                            breaker.probeAt = now.plus(DeliveryLedger.LEASE);
                            breaker.probes++;
                            claimed.add(handOut(row, now, life));
                        });
            }
        });
        return claimed;
    }

    private boolean mayBeClaimed(Row row, Instant now) {
        return switch (bug) {
            case LEASE_NOT_CHECKED -> true;
            case LEASE_NEVER_ENDS -> row.lease == null;
            default -> row.lease == null || row.lease.isBefore(now);
        };
    }

    /// `DeliveryLedger.HAND_OUT`.
    private Claimed handOut(Row row, Instant now, int life) {
        row.lease = now.plus(DeliveryLedger.LEASE);
        row.claimedBy = life;
        row.fence += bug == Bug.TAKEN_OVER_UNDER_THE_OLD_FENCE && row.freed ? 0 : 1;
        row.freed = false;
        witness.claimed(slug, row.key.cluster(), row.name, row.fence, row.lease);
        Revision revision = row.revision(row.desired());
        return new Claimed(this, new Consignment(row.key, row.desired(), "", revision.requests(), row.fence, row.known, row.applied, row.state == DeliveryState.DRIFTED,
                row.driftRounds, row.attempts, row.state.name(), row.words), revision.policy());
    }

    /// `DeliveryLedger.endLeasesOfTheDead`, seen by one who sees these replicas live: how many claims that frees.
    public int endLeasesOfTheDead(Set<Integer> living, Instant now) {
        List<Row> held = rows.values().stream().filter(row -> row.due != null && row.leased(now)).toList();
        Set<Integer> gone = Life.gone(held.stream().map(row -> row.claimedBy).toList(), living);
        List<Row> freed = held.stream().filter(row -> gone.contains(row.claimedBy)).toList();
        freed.forEach(row -> {
            row.lease = now.minusMillis(1);
            row.freed = true;
            witness.freed(slug, row.key.cluster(), row.name);
        });
        return freed.size();
    }

    /// `DeliveryLedger.renew`.
    public boolean renew(Claimed claimed, Instant now) {
        Row row = rows.get(claimed.consignment.key());
        if (row.fence != claimed.fence || row.lease == null) {
            return false;
        }
        row.lease = now.plus(DeliveryLedger.LEASE);
        witness.renewed(slug, row.key.cluster(), row.name, row.fence, row.lease);
        return true;
    }

    /// `DeliveryLedger.begin`, with the guard of the same transaction: empty where the claim is no longer ours.
    public Optional<SimulatedCourier> begin(Claimed claimed) {
        Row row = rows.get(claimed.consignment.key());
        if (row.fence != claimed.fence) {
            return Optional.empty();
        }
        if (row.state != DeliveryState.DRIFTED && row.state != DeliveryState.REFUSED) {
            row.state = DeliveryState.APPLYING;
        }
        return Optional.of(new SimulatedCourier(claimed, slug, guard(row), bug));
    }

    /// `StopGuards.over`. No other policy is known in a history but those of other tenants, which the catalog of this one shows too.
    private Optional<StopGuard> guard(Row row) {
        if (bug == Bug.STOP_WITHOUT_GUARD) {
            return Optional.empty();
        }
        return over(row.key.cluster(), row.key.namespace(), row.workload).map(stop -> new StopGuard(stop, MeshSettings.DEFAULT,
                row.applied.map(number -> row.revision(number).policy()), false));
    }

    // Outcomes

    /// `DeliveryLedger.record`: false where the fence is old.
    public boolean record(Claimed claimed, SimulatedCourier courier, Instant now) {
        Row row = rows.get(claimed.consignment.key());
        if (row.fence != claimed.fence && bug != Bug.FENCE_NOT_CHECKED) {
            return false;
        }
        Receipt receipt = courier.receipt();
        String words = courier.words();
        Aftermath aftermath = Aftermath.of(claimed.consignment, receipt, words, () -> refused(row.key.cluster()), chance);
        if (receipt instanceof Receipt.Delivered delivered) {
            delivered(row, claimed, delivered.object(), now);
        } else {
            update(row, claimed, aftermath, words, now);
        }
        witness.recorded(slug, row.key.cluster(), row.name, claimed.fence, aftermath.state().name(), claimed.revision);
        if (aftermath.told() && bug != Bug.ENTRY_APART) {
            witness.entry(slug, receipt instanceof Receipt.Delivered ? "policy.applied" : "policy.trouble", Witness.server(row.key.cluster()) + " " + claimed.policy + " " + claimed.revision);
        }
        if (receipt instanceof Receipt.Delivered && claimed.consignment.lastState().equals("REFUSED")) {
            wakeRefused(row.key, now);
        }
        switch (aftermath.answer()) {
            case FAILED -> failed(row.key.cluster(), receipt instanceof Receipt.Postponed postponed ? postponed.retryAfter() : Optional.empty(), now);
            case LOCKED_OUT -> failed(row.key.cluster(), Optional.of(Aftermath.LONGEST_PAUSE), now);
            case ANSWERED -> answered(row.key.cluster(), now);
            case NONE -> {}
        }
        return true;
    }

    /// The fault of that name: the entry of what was recorded, in a transaction of its own.
    public void entryApart(Claimed claimed, SimulatedCourier courier) {
        if (courier.receipt() instanceof Receipt.Delivered) {
            witness.entry(slug, "policy.applied", Witness.server(claimed.cluster) + " " + claimed.policy + " " + claimed.revision);
        }
    }

    /// `DeliveryLedger.delivered`.
    private void delivered(Row row, Claimed claimed, ClusterObject object, Instant now) {
        boolean newest = row.desired() == claimed.revision;
        row.state = newest ? DeliveryState.APPLIED : DeliveryState.WAITING;
        row.applied = Optional.of(claimed.revision);
        row.appliedAt = now;
        row.known = Optional.of(object.version());
        row.words = "";
        row.attempts = 0;
        row.due = newest ? null : now.plus(Planner.PACE);
        row.lease = null;
    }

    /// `DeliveryLedger.update`.
    private static void update(Row row, Claimed claimed, Aftermath aftermath, String words, Instant now) {
        boolean newest = row.desired() == claimed.revision;
        row.state = newest ? aftermath.state() : DeliveryState.WAITING;
        row.words = words;
        row.attempts++;
        row.due = newest ? aftermath.again().map(now::plus).orElse(null) : now;
        row.lease = null;
    }

    private long refused(UUID cluster) {
        return rows.values().stream().filter(row -> row.key.cluster().equals(cluster) && row.state == DeliveryState.REFUSED).count();
    }

    /// `DeliveryLedger.wakeRefused`.
    private void wakeRefused(PolicyKey one, Instant now) {
        rows.values().stream().filter(row -> row.key.cluster().equals(one.cluster()) && row.key.namespace().equals(one.namespace()) && row.state == DeliveryState.REFUSED
                && row.due != null && row.due.isAfter(now)).forEach(row -> row.due = now);
    }

    /// `Breakers.failed`.
    private void failed(UUID cluster, Optional<Duration> wish, Instant now) {
        Switch breaker = breakers.computeIfAbsent(cluster, id -> new Switch());
        breaker.failures++;
        if (!breaker.open && !Breakers.opens(breaker.failures, wish)) {
            return;
        }
        Instant next = now.plus(Breakers.probeIn(breaker.probes, wish, chance));
        breaker.probeAt = wish.isPresent() || breaker.probes > 0 || !breaker.open || next.isAfter(breaker.probeAt) ? next : breaker.probeAt;
        breaker.open = true;
    }

    /// `Breakers.answered`.
    private void answered(UUID cluster, Instant now) {
        Switch breaker = breakers.remove(cluster);
        if (breaker == null || !breaker.open) {
            return;
        }
        List<Row> waiting = rows.values().stream().filter(row -> row.key.cluster().equals(cluster) && row.due != null && !row.leased(now)
                && (row.isDue(now) || row.state == DeliveryState.UNREACHABLE || row.state == DeliveryState.REFUSED)).sorted(Comparator.comparing(row -> row.due)).toList();
        for (int place = 0; place < waiting.size(); place++) {
            waiting.get(place).due = now.plus(Breakers.releasedIn(place, waiting.size()));
        }
        witness.notified(this);
    }

    // Plans

    /// `Planner.plan` of a cluster, or of one workload of it. `written`: whether a revision was.
    public boolean plan(UUID cluster, Optional<TargetWorkload> only, Instant now) {
        List<Grant> active = grants.active(cluster, only, now, bug == Bug.EXPIRY_FORGOTTEN, bug == Bug.SUSPENSION_FORGOTTEN);
        List<TargetWorkload> baselines = grants.baselines(cluster, only);
        List<DeliveryStop> holding = holding(cluster);
        List<GrantedAccess> access = grants.compiled(active);
        Admission.Admitted admitted = holding.isEmpty() ? new Admission.Admitted(access, baselines) : Admission.admitted(holding, confirmed(cluster), access, baselines);
        boolean closeFirst = bug == Bug.BASELINE_FIRST && admitted.baselines().stream().anyMatch(target -> row(cluster, target) == null);
        boolean written = revise(cluster, GrantCompiler.compile(slug, closeFirst ? List.of() : admitted.grants(), admitted.baselines()), now);
        if (written) {
            witness.notified(this);
        }
        return written;
    }

    private @Nullable Row row(UUID cluster, TargetWorkload target) {
        return rows.values().stream().filter(row -> row.key.cluster().equals(cluster) && TargetWorkload.key(row.key.namespace(), row.workload).equals(target.key()))
                .findFirst().orElse(null);
    }

    /// `ConfirmedPolicies.in`.
    private Map<String, ConfirmedPolicy> confirmed(UUID cluster) {
        Map<String, ConfirmedPolicy> confirmed = new HashMap<>();
        rows.values().stream().filter(row -> row.key.cluster().equals(cluster) && row.applied.isPresent()).forEach(row -> {
            Revision revision = row.revision(row.applied.get());
            confirmed.put(TargetWorkload.key(row.key.namespace(), row.workload), new ConfirmedPolicy(revision.grants(), revision.policy()));
        });
        return confirmed;
    }

    private boolean revise(UUID cluster, Compilation compilation, Instant now) {
        Map<String, Revisions.Standing> known = new HashMap<>();
        rows.values().stream().filter(row -> row.key.cluster().equals(cluster))
                .forEach(row -> known.put(row.name, new Revisions.Standing(row.desired(), row.revision(row.desired()).content())));
        Revisions revisions = Revisions.of(compilation, known, policy -> Optional.empty());
        revisions.written().forEach(revision -> revise(cluster, revision, now));
        return !revisions.written().isEmpty();
    }

    /// `Planner.revise`: the upsert of the object, the revision, and its entry.
    private void revise(UUID cluster, Revisions.Written written, Instant now) {
        CompiledPolicy compiled = written.policy();
        PolicyKey key = new PolicyKey(cluster, compiled.policy().metadata().namespace(), compiled.policy().metadata().name());
        Row row = rows.computeIfAbsent(key, one -> new Row(key, compiled.target().workload()));
        Set<String> grantIds = new TreeSet<>();
        Set<Long> requests = new TreeSet<>();
        compiled.origins().forEach(origins -> origins.forEach(origin -> {
            grantIds.add(origin.grantId());
            requests.add(origin.requestNumber());
        }));
        row.revisions.add(new Revision(written.content(), compiled.at(written.number()), grantIds, List.copyOf(requests)));
        if (row.desired() != written.number()) {
            throw new IllegalStateException("revision_pk: " + written.number());
        }
        row.state = DeliveryState.WAITING;
        row.words = "";
        row.attempts = 0;
        Instant paced = row.applied.isPresent() ? row.appliedAt.plus(Planner.PACE) : now;
        row.due = paced.isAfter(now) ? paced : now;
        witness.revised(slug, cluster, key.inCluster(), row.workload, written.number());
    }

    // Stops

    private List<DeliveryStop> holding(UUID cluster) {
        return stops.stream().filter(stop -> stop.holds() && stop.cluster().id().equals(cluster)).toList();
    }

    private Optional<DeliveryStop> over(UUID cluster, String namespace, String workload) {
        return holding(cluster).stream().filter(stop -> stop.covers(namespace, workload)).findFirst();
    }

    /// `StopDesk.stop`: `StopLedger.write`, `recall`, the plan and the wake-up. False where it is stopped already.
    public boolean stop(ClusterRef cluster, Optional<TargetWorkload> workload, Instant now) {
        Optional<DeliveryStop.Held> held = workload.map(one -> new DeliveryStop.Held(one.namespace(), one.workload()));
        if (holding(cluster.id()).stream().anyMatch(stop -> stop.workload().equals(held))) {
            return false;
        }
        DeliveryStop stop = new DeliveryStop(stops.size() + 1, cluster, held, DeliveryStop.MadeAs.SECURITY, "a reason", Actor.system("security"), now, Optional.empty());
        stops.add(stop);
        rows.values().stream().filter(row -> covers(stop, row)).forEach(row -> {
            row.fence++;
            witness.recalled(slug, row.key.cluster(), row.name, row.fence);
            row.due = row.lease != null ? now : row.due;
            row.lease = null;
        });
        plan(cluster.id(), Optional.empty(), now);
        witness.notified(this);
        return true;
    }

    private static boolean covers(DeliveryStop stop, Row row) {
        return stop.cluster().id().equals(row.key.cluster()) && stop.covers(row.key.namespace(), row.workload);
    }

    /// `StopDesk.release`: the release, the plan, `StopLedger.due`, and the wake-up.
    public void release(int number, Instant now) {
        DeliveryStop stop = stops.get(number - 1);
        if (!stop.holds()) {
            return;
        }
        stops.set(number - 1, new DeliveryStop(stop.number(), stop.cluster(), stop.workload(), stop.madeAs(), stop.reason(), stop.by(), stop.at(),
                Optional.of(new DeliveryStop.Release(Actor.system("security"), now, "over"))));
        plan(stop.cluster().id(), Optional.empty(), now);
        rows.values().stream().filter(row -> bug != Bug.RELEASE_WAKES_NOTHING && covers(stop, row)).forEach(row -> {
            boolean inHand = row.lease != null && bug != Bug.RELEASE_FORGETS_COURIERS;
            if (inHand || row.due == null && (row.state == DeliveryState.WAITING || row.state == DeliveryState.DRIFTED)) {
                row.due = now;
                row.attempts = 0;
            }
            if (inHand) {
                row.fence++;
                row.lease = null;
                witness.recalled(slug, row.key.cluster(), row.name, row.fence);
            }
        });
        witness.notified(this);
    }

    public List<Integer> held() {
        return stops.stream().filter(DeliveryStop::holds).map(stop -> (int) stop.number()).toList();
    }

    public boolean isStopped(UUID cluster, String namespace, String workload) {
        return over(cluster, namespace, workload).isPresent();
    }

    // Watching

    /// `CatalogStore.upsert` and `delete`: whether the catalog changed, so that somebody is told.
    public boolean observed(UUID cluster, String policy, Optional<Map<String, Object>> tree) {
        PolicyKey key = key(cluster, policy);
        if (tree.isEmpty()) {
            return catalog.remove(key) != null;
        }
        ClusterObject object = new ClusterObject(tree.get());
        String version = bug == Bug.STALE_WATCH_TRUSTED ? Long.toString(Long.MAX_VALUE) : object.resourceVersion();
        LivePolicy before = catalog.put(key, new LivePolicy(cluster, key.namespace(), key.name(), object.uid(), version, tree.get(), Optional.empty(), Optional.empty(), object.managers()));
        return before == null || !before.uid().equals(object.uid()) || !Objects.equals(new ClusterObject(before.tree()).resourceVersion(), object.resourceVersion());
    }

    /// `DriftWatch.on` with `DeliveryLedger.drifted` or `stir`: whether something drifted.
    public boolean look(UUID cluster, String policy, Instant now) {
        Row row = rows.get(key(cluster, policy));
        if (row == null) {
            return false;
        }
        if (row.state != DeliveryState.APPLIED) {
            Instant soon = now.plusSeconds(1);
            if (row.state == DeliveryState.REFUSED && row.due != null && row.due.isAfter(soon)) {
                row.due = soon;
            }
            return false;
        }
        ObjectVersion known = row.known.orElseThrow();
        Optional<DriftWatch.Drift> drift = DriftWatch.drift(Optional.ofNullable(catalog.get(row.key)), row.revision(row.applied.orElseThrow()).policy(), known.uid(), known.resourceVersion());
        drift.ifPresent(found -> {
            row.state = DeliveryState.DRIFTED;
            row.words = found.what();
            row.driftRounds = row.driftedAt.isAfter(now.minusSeconds(600)) ? row.driftRounds + 1 : 1;
            row.driftedAt = now;
            row.due = now;
            witness.drifted(slug, cluster, policy);
        });
        return drift.isPresent();
    }

    /// `Doubts.raise`: how many are made due.
    public int doubt(UUID cluster, Instant now) {
        int doubtful = 0;
        for (Row row : rows.values()) {
            if (row.key.cluster().equals(cluster) && row.state == DeliveryState.APPLIED && row.due == null && row.appliedAt.isBefore(now.minus(Doubts.SETTLED))
                    && Doubts.isDoubtful(Optional.ofNullable(catalog.get(row.key)).map(live -> new PolicyVersion(live.namespace(), live.name(), live.uid(), live.resourceVersion())),
                            row.known.orElseThrow().uid(), row.known.orElseThrow().resourceVersion())) {
                row.due = now;
                doubtful++;
            }
        }
        return doubtful;
    }

    // People

    /// `DeliveryLedger.due` with `Breakers.probeNow`: a person wants it tried.
    public void reconcile(UUID cluster, Instant now) {
        rows.values().stream().filter(row -> row.key.cluster().equals(cluster)).forEach(row -> {
            row.due = now;
            row.attempts = 0;
            row.driftRounds = 0;
        });
        Optional.ofNullable(breakers.get(cluster)).filter(breaker -> breaker.open).ifPresent(breaker -> breaker.probeAt = now);
    }

    /// `RollbackDesk.look`: which grants going back to that revision takes out.
    public List<Grant> notCarried(UUID cluster, String policy, long revision, Instant now) {
        Row row = rows.get(key(cluster, policy));
        Set<UUID> carried = new HashSet<>();
        row.revision(revision).grants().forEach(id -> carried.add(UUID.fromString(id)));
        return RollbackDesk.notCarried(grants.active(cluster, Optional.of(target(row)), now, false, false), carried);
    }

    public TargetWorkload target(UUID cluster, String policy) {
        return target(rows.get(key(cluster, policy)));
    }

    private TargetWorkload target(Row row) {
        return grants.baselines(row.key.cluster(), Optional.empty()).stream().filter(one -> one.workload().equals(row.workload)).findFirst().orElseThrow();
    }

    public List<Standing> standings(Instant now) {
        return rows.values().stream().map(row -> new Standing(row.key.cluster(), row.name, row.workload, row.state.name(), row.desired(), row.applied, row.due != null,
                row.leased(now), row.words)).toList();
    }

    /// What becomes of a courier that is not let set off.
    static Receipt refusal(ClusterTrouble trouble) {
        return Identities.refusal(trouble);
    }

    private static PolicyKey key(UUID cluster, String policy) {
        int slash = policy.indexOf('/');
        return new PolicyKey(cluster, policy.substring(0, slash), policy.substring(slash + 1));
    }
}
