package dev.countersign.histories;

import dev.countersign.delivery.SimulatedLedger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;

/// One simulated history: two tenants with five clusters between them (two of which both have registered), three replicas, people
/// and other hands. Faults happen until they end; then all has to come to rest. Everything is drawn from the seed.
final class History {
    /// After the faults: longer than the longest pause of the product (a minute and a quarter), twice.
    private static final long PATIENCE = 240_000;

    /// How a history ended.
    record End(Plot plot, List<String> violations, int steps, long digest, Map<Fault, Integer> faults, List<String> tale, Map<String, Integer> counted) {}

    final Bug bug;
    final SplittableRandom chance;
    final Clockwork clock;
    final Weather weather;
    final Judge judge;
    final Map<String, SimulatedCluster> clusters = new HashMap<>();
    final List<Tenancy> tenancies = new ArrayList<>();
    final List<Replica> replicas = new ArrayList<>();
    final Watching watching;
    private final Plot plot;
    private final List<SimulatedLedger> notified = new ArrayList<>();
    private final long faultsEnd;
    private boolean atRest;
    private int lives;
    int doubts;

    private History(Plot plot) {
        this.plot = plot;
        bug = plot.bug();
        chance = new SplittableRandom(plot.seed() * 0x9E3779B97F4A7C15L + 1);
        clock = new Clockwork(plot.told());
        weather = new Weather(plot, chance);
        judge = new Judge(clock, notified::add);
        faultsEnd = 8_000 + chance.nextLong(25_000);
        List<SimulatedCluster> five = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            SimulatedCluster cluster = new SimulatedCluster("c" + i, this::changed);
            five.add(cluster);
            clusters.put(cluster.name, cluster);
        }
        tenancies.add(new Tenancy(0, "acme", five, judge, bug, chance));
        tenancies.add(new Tenancy(1, "rival", five.subList(3, 5), judge, bug, chance));
        for (int i = 0; i < 3; i++) {
            replicas.add(new Replica(this, i));
        }
        watching = new Watching(this);
    }

    static End run(Plot plot) {
        return new History(plot).run();
    }

    private End run() {
        replicas.forEach(Replica::start);
        new People(this, plot.requests(), faultsEnd).begin();
        new Hands(this, faultsEnd).begin();
        clock.in(faultsEnd, this::faultsEnd);
        while (!atRest && clock.now() < faultsEnd + PATIENCE && judge.violations().isEmpty()) {
            if (!clock.step()) {
                break;
            }
        }
        if (judge.violations().isEmpty()) {
            tenancies.forEach(tenancy -> judge.ends(tenancy.slug, clusters, tenancy.ledger.standings(instant())));
            judge.endsAll();
        }
        Map<String, Integer> counted = Map.of("writes", judge.writes, "applied", judge.applied, "approvals", judge.approvals, "late writes", judge.lateWrites,
                "milliseconds", (int) clock.now(), "doubts", doubts, "strangers written", judge.strangersWritten);
        return new End(plot, judge.violations(), clock.taken(), clock.digest(), weather.counted(), clock.tale(), counted);
    }

    private void faultsEnd() {
        note("faults", "end", "");
        weather.end();
        clusters.values().forEach(cluster -> {
            cluster.mood = SimulatedCluster.Mood.WELL;
            cluster.namespaceGone = false;
            cluster.replaced = false;
        });
        replicas.forEach(Replica::wake);
        // After the last of what was told late: a list that older news follow is believed until the next change, as by the product.
        clock.in(8_000 + chance.nextLong(2_000), watching::listAll);
        clock.in(12_000, this::look);
    }

    /// Whether all has come to rest; what only a person can put right, a person does after a while.
    private void look() {
        long after = clock.now() - faultsEnd;
        boolean resting = true;
        for (Tenancy tenancy : tenancies) {
            for (SimulatedLedger.Standing standing : tenancy.ledger.standings(instant())) {
                if (judge.trouble(tenancy.slug, clusters, standing).isEmpty()) {
                    continue;
                }
                resting = false;
                SimulatedCluster.State state = tenancy.clusters.get(standing.cluster()).state(standing.policy());
                if (state != null && after > 90_000 && standing.state().equals("REFUSED")) {
                    note("a person", "deletes", standing.policy(), Judge.physical(standing.cluster()), standing.words());
                    weather.count(Fault.FOREIGN_DELETION);
                    clusters.get(Judge.physical(standing.cluster())).delete(clock.now(), "a person", standing.policy());
                } else if (!standing.due() && !standing.leased() && after > 20_000 && (standing.state().equals("REFUSED") || standing.state().equals("DRIFTED"))) {
                    note("a person", "reconciles", standing.policy(), Judge.physical(standing.cluster()), standing.state(), standing.words());
                    tenancy.ledger.reconcile(standing.cluster(), instant());
                }
            }
        }
        atRest = resting;
        if (!atRest) {
            clock.in(after > 15_000 ? 5_000 : 1_000, this::look);
        }
    }

    Instant instant() {
        return Instant.ofEpochMilli(clock.now());
    }

    long lag() {
        return chance.nextInt(8) == 0 ? chance.nextLong(400) : chance.nextLong(12);
    }

    void note(String who, String what, Object... about) {
        clock.note(who, what, about);
    }

    /// One transaction: false where it failed, or where its commit was never answered and it may have happened.
    boolean transaction(String who, String what, Runnable content, Object... about) {
        if (weather.strikes(Fault.DATABASE_FAILS)) {
            note(who, "tries in vain what it", what);
            return false;
        }
        boolean unheard = weather.strikes(Fault.COMMIT_ANSWER_LOST);
        content.run();
        if (!what.isEmpty()) {
            note(who, what, about);
        }
        if (unheard) {
            note(who, "does not hear that it", what);
        }
        if (!notified.isEmpty()) {
            List<SimulatedLedger> told = List.copyOf(notified);
            notified.clear();
            told.forEach(ledger -> tell(tenancies.stream().filter(tenancy -> tenancy.ledger == ledger).findFirst().orElseThrow()));
        }
        return !unheard;
    }

    private void tell(Tenancy tenancy) {
        for (Replica replica : replicas) {
            if (!weather.strikes(Fault.NOTIFICATION_LOST)) {
                replica.in(lag(), () -> replica.heard(tenancy));
            }
        }
    }

    int nextLife() {
        return ++lives;
    }

    /// The numbers of those whom `who` sees live: all that do, or one too few.
    Set<Integer> living(Replica who) {
        Set<Integer> living = new HashSet<>();
        replicas.forEach(replica -> replica.lives().ifPresent(living::add));
        if (weather.strikes(Fault.BELIEVED_DEAD)) {
            Replica wronged = replicas.get(chance.nextInt(replicas.size()));
            note(who.name, "takes for dead", wronged.name);
            wronged.lives().ifPresent(living::remove);
        }
        return living;
    }

    Tenancy tenancy(String slug) {
        return tenancies.stream().filter(one -> one.slug.equals(slug)).findFirst().orElseThrow();
    }

    private void changed(SimulatedCluster cluster, SimulatedCluster.Change change) {
        judge.changed(cluster, change);
        if (!cluster.replaced) {
            watching.changed(cluster, change);
        }
    }

    /// One of the replicas that live, or the first.
    Replica anyReplica() {
        List<Replica> living = replicas.stream().filter(Replica::isUp).toList();
        return living.isEmpty() ? replicas.getFirst() : living.get(chance.nextInt(living.size()));
    }

    static UUID id(SimulatedCluster cluster, Tenancy tenancy) {
        return tenancy.clusters.entrySet().stream().filter(entry -> entry.getValue() == cluster).map(Map.Entry::getKey).findFirst().orElseThrow();
    }
}
