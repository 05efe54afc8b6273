package dev.countersign.histories;

import dev.countersign.clusters.ApplyOutcome;
import dev.countersign.clusters.ClusterObject;
import dev.countersign.clusters.ClusterTrouble;
import dev.countersign.clusters.ReadOutcome;
import dev.countersign.delivery.SimulatedCourier;
import dev.countersign.delivery.SimulatedLedger;
import dev.countersign.delivery.SimulatedLedger.Claimed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// One replica of the portal: the sequence of `DeliveryLoop`, of `Identities` and of the jobs, each transaction and each call to a cluster a
/// step of its own. Between two steps it may be paused for any time and go on as if nothing had been, or die and forget all.
final class Replica {
    private static final int CLAIM = 32;
    private static final long SWEEP = 3_000;
    private static final long PACE = 620;
    private static final long LOOK = 500;
    private static final long RENEW = 1_250;
    private static final long BELIEVED = 5_000;

    private static final Map<SimulatedCourier.Question, String> TALE = Map.of(SimulatedCourier.Question.CREATE, "is made", SimulatedCourier.Question.SETTLE, "is settled",
            SimulatedCourier.Question.APPLY, "is applied", SimulatedCourier.Question.TAKE_BACK, "is taken back");

    private final History history;
    private final Clockwork clock;
    private final Weather weather;
    final String name;
    private boolean up = true;
    private int life;
    private int number;
    private long pausedUntil;
    private final Map<UUID, Long> believedUntil = new HashMap<>();
    private final Set<Claimed> underWay = new LinkedHashSet<>();
    private boolean renewing;

    Replica(History history, int number) {
        this.history = history;
        this.clock = history.clock;
        this.weather = history.weather;
        name = "replica" + number;
    }

    void start() {
        long first = history.chance.nextLong(SWEEP);
        number = history.nextLife();
        in(first, this::sweep);
        in(history.chance.nextLong(60_000), this::replan);
    }

    boolean isUp() {
        return up;
    }

    /// A step of this life of the replica: later where it is paused by then, never where it is dead by then.
    void in(long millis, Runnable what) {
        int mine = life;
        clock.in(millis, () -> run(mine, what));
    }

    private void run(int mine, Runnable what) {
        if (mine != life || !up) {
            return;
        }
        if (clock.now() < pausedUntil) {
            clock.in(pausedUntil - clock.now() + history.chance.nextLong(20), () -> run(mine, what));
            return;
        }
        what.run();
    }

    void crash(long forMillis) {
        history.note(name, "dies");
        up = false;
        life++;
        underWay.clear();
        believedUntil.clear();
        renewing = false;
        clock.in(forMillis, this::rise);
        history.replicas.stream().filter(other -> other != this && other.up).forEach(other -> other.in(history.chance.nextLong(LOOK), other::sweepNow));
    }

    /// The number that its claims are made under, while it is seen to live.
    Optional<Integer> lives() {
        return up ? Optional.of(number) : Optional.empty();
    }

    void rise() {
        if (!up) {
            up = true;
            pausedUntil = 0;
            history.note(name, "starts");
            start();
        }
    }

    void pause(long millis) {
        history.note(name, "sleeps", Long.toString(millis));
        pausedUntil = Math.max(pausedUntil, clock.now() + millis);
    }

    /// The end of faults.
    void wake() {
        pausedUntil = Math.min(pausedUntil, clock.now());
        rise();
    }

    private void sweep() {
        sweepNow();
        in(SWEEP, this::sweep);
    }

    private void sweepNow() {
        for (Tenancy tenancy : history.tenancies) {
            Set<Integer> living = history.living(this);
            history.transaction(name, "", () -> {
                if (tenancy.ledger.endLeasesOfTheDead(living, history.instant()) > 0) {
                    history.note(name, "ends leases of the dead", tenancy.slug);
                }
            });
            deliverDue(tenancy);
        }
    }

    /// `DeliveryLoop.replanNowAndThen`.
    private void replan() {
        for (Tenancy tenancy : history.tenancies) {
            tenancy.clusters.keySet().forEach(cluster -> in(history.chance.nextLong(50), () -> replan(tenancy, cluster)));
        }
        in(60_000, this::replan);
    }

    private void replan(Tenancy tenancy, UUID cluster) {
        boolean answered = history.transaction(name, "", () -> tenancy.ledger.plan(cluster, Optional.empty(), history.instant()));
        if (answered && history.bug != Bug.NOTHING_DOUBTED) {
            in(history.lag(), () -> history.transaction(name, "", () -> {
                if (tenancy.ledger.doubt(cluster, history.instant()) > 0) {
                    history.doubts++;
                    history.note(name, "doubts", Judge.physical(cluster), "of", tenancy.slug);
                }
            }));
        }
    }

    /// A notification arrived.
    void heard(Tenancy tenancy) {
        deliverDue(tenancy);
        in(PACE, () -> deliverDue(tenancy));
    }

    private void deliverDue(Tenancy tenancy) {
        List<Claimed> claimed = new ArrayList<>();
        boolean answered = history.transaction(name, "", () -> {
            claimed.addAll(tenancy.ledger.claim(history.instant(), CLAIM, number));
            if (history.bug == Bug.TENANT_NOT_ASKED) {
                history.tenancies.stream().filter(other -> other != tenancy).forEach(other -> claimed.addAll(other.ledger.claim(history.instant(), CLAIM, number)));
            }
        });
        if (!answered) {
            return;
        }
        for (Claimed one : claimed) {
            history.note(name, "claims", one.ledger.slug(), Judge.physical(one.cluster), one.policy, "revision", one.revision, "fence", one.fence);
            if (one.ledger != tenancy.ledger) {
                history.judge.wrong("I6 " + one.policy + " of " + one.ledger.slug() + " was claimed for " + tenancy.slug);
            }
            in(history.lag(), () -> begin(tenancy, one));
        }
    }

    /// One delivery under way.
    private final class Trip {
        final Tenancy tenancy;
        final Claimed claimed;
        final SimulatedCluster cluster;
        final SimulatedCourier courier;
        final long begunAt = clock.now();
        boolean claimAsked;
        boolean claimGood;
        boolean stoppedWhenAsked;
        Optional<String> seen = Optional.empty();

        Trip(Tenancy tenancy, Claimed claimed, SimulatedCourier courier) {
            this.tenancy = tenancy;
            this.claimed = claimed;
            this.courier = courier;
            cluster = tenancy.clusters.getOrDefault(claimed.cluster, history.clusters.get(Judge.physical(claimed.cluster)));
        }

        Judge.Errand errand() {
            return new Judge.Errand(claimed.ledger.slug(), claimed.cluster, claimed.policy, claimed.revision, claimed.fence, claimAsked, claimGood,
                    stoppedWhenAsked, seen, begunAt);
        }
    }

    private void begin(Tenancy tenancy, Claimed claimed) {
        List<SimulatedCourier> couriers = new ArrayList<>();
        boolean answered = history.transaction(name, "begins", () -> claimed.ledger.begin(claimed).ifPresent(couriers::add), Judge.physical(claimed.cluster), claimed.policy);
        if (!answered || couriers.isEmpty()) {
            ended(tenancy, claimed);
            return;
        }
        underWay.add(claimed);
        if (!renewing) {
            renewing = true;
            in(RENEW, this::renew);
        }
        Trip trip = new Trip(tenancy, claimed, couriers.getFirst());
        in(history.lag(), () -> identify(trip));
    }

    /// `DeliveryLoop.renewNowAndThen`.
    private void renew() {
        if (underWay.isEmpty()) {
            renewing = false;
            return;
        }
        for (Claimed claimed : List.copyOf(underWay)) {
            history.transaction(name, "renews", () -> claimed.ledger.renew(claimed, history.instant()), Judge.physical(claimed.cluster), claimed.policy);
        }
        in(RENEW, this::renew);
    }

    /// `Identities.refuse`.
    private void identify(Trip trip) {
        Long until = believedUntil.get(trip.claimed.cluster);
        if (history.bug == Bug.IDENTITY_NOT_ASKED || until != null && clock.now() < until) {
            step(trip);
            return;
        }
        long asked = clock.now();
        call(trip, () -> trip.cluster.trouble(false).<Object>map(trouble -> trouble).orElseGet(trip.cluster::identity), answer -> {
            switch (answer) {
                case ClusterTrouble trouble -> trip.courier.refused(trouble);
                case String identity when identity.equals(trip.cluster.name) -> believedUntil.put(trip.claimed.cluster, asked + BELIEVED);
                default -> trip.courier.refused(new ClusterTrouble.Forbidden(0, "this is another cluster"));
            }
            step(trip);
        });
    }

    private void step(Trip trip) {
        SimulatedCourier courier = trip.courier;
        switch (courier.next()) {
            case READ -> call(trip, () -> trip.cluster.read(trip.claimed.policy), answer -> {
                courier.told((ReadOutcome) answer);
                step(trip);
            });
            case CLAIM -> askForClaim(trip);
            case CREATE, SETTLE, APPLY, TAKE_BACK -> write(trip, courier.next());
            case NOTHING -> in(history.lag(), () -> record(trip));
        }
    }

    private void write(Trip trip, SimulatedCourier.Question what) {
        var tree = trip.courier.tree();
        var expected = trip.courier.expected();
        trip.seen = trip.courier.seen();
        call(trip, () -> {
            history.judge.writes(trip.errand());
            ApplyOutcome outcome = switch (what) {
                case CREATE -> history.bug == Bug.CREATED_UNDER_THE_USUAL_NAME
                        ? trip.cluster.patch(clock.now(), tree, expected, false) : trip.cluster.create(clock.now(), tree);
                case SETTLE -> trip.cluster.settle(clock.now(), new ClusterObject(tree));
                default -> trip.cluster.patch(clock.now(), tree, expected, what == SimulatedCourier.Question.TAKE_BACK);
            };
            history.judge.wrote();
            history.note(trip.cluster.name, TALE.get(what), trip.claimed.policy, "revision", trip.claimed.revision, "by", name + ":",
                    outcome.getClass().getSimpleName());
            return outcome;
        }, answer -> {
            trip.courier.told((ApplyOutcome) answer);
            step(trip);
        });
    }

    private void askForClaim(Trip trip) {
        if (history.bug == Bug.CLAIM_NOT_ASKED_BEFORE_WRITE) {
            trip.courier.told(true);
            sleepy(() -> step(trip));
            return;
        }
        boolean[] ours = new boolean[1];
        boolean answered = history.transaction(name, "asks for its claim", () -> {
            ours[0] = trip.claimed.ledger.renew(trip.claimed, history.instant());
            trip.claimAsked = true;
            trip.claimGood = ours[0];
            trip.stoppedWhenAsked = history.judge.isStopped(trip.claimed.cluster, trip.claimed.policy);
        }, Judge.physical(trip.claimed.cluster), trip.claimed.policy);
        if (!answered) {
            ended(trip.tenancy, trip.claimed);
            return;
        }
        if (ours[0] && history.bug == Bug.RECORDED_BEFORE_WRITTEN) {
            recordEarly(trip);
            return;
        }
        trip.courier.told(ours[0]);
        sleepy(() -> step(trip));
    }

    /// The fault of that name.
    private void recordEarly(Trip trip) {
        history.transaction(name, "records", () -> trip.claimed.ledger.record(trip.claimed, trip.courier.pretending(), history.instant()),
                Judge.physical(trip.claimed.cluster), trip.claimed.policy);
        trip.courier.told(true);
        sleepy(() -> step(trip));
    }

    /// Goes on at once, or after a while in which anything may happen.
    private void sleepy(Runnable what) {
        if (history.chance.nextInt(4) == 0) {
            in(history.lag(), what);
        } else {
            what.run();
        }
    }

    /// A call on its way: its effect where it arrives, whatever became of who sent it; its answer where that still waits for it.
    private void call(Trip trip, Supplier<Object> effect, Consumer<Object> then) {
        int mine = life;
        boolean lost = weather.strikes(Fault.CALL_FAILS);
        boolean unheard = !lost && weather.strikes(Fault.CALL_ANSWER_LOST);
        long way = weather.strikes(Fault.SLOW_CALL) ? history.chance.nextLong(9_000) : history.lag();
        boolean instead = trip.cluster.replaced;
        clock.in(way, () -> {
            boolean broken = lost || instead != trip.cluster.replaced;
            Object outcome = broken ? null : effect.get();
            Object answer = broken || unheard ? new ClusterTrouble.Unreachable("no answer", Optional.empty()) : outcome;
            clock.in(unheard ? history.chance.nextLong(3_000) : history.lag(), () -> run(mine, () -> then.accept(answer)));
        });
    }

    private void record(Trip trip) {
        Claimed claimed = trip.claimed;
        if (trip.courier.lostTouch()) {
            believedUntil.remove(claimed.cluster);
        }
        boolean[] ours = new boolean[1];
        boolean answered = history.transaction(name, "records", () -> ours[0] = claimed.ledger.record(claimed, trip.courier, history.instant()),
                Judge.physical(claimed.cluster), claimed.policy, "revision", claimed.revision, trip.courier.result());
        if (answered && ours[0] && history.bug == Bug.ENTRY_APART) {
            in(history.lag(), () -> history.transaction(name, "writes the entry", () -> claimed.ledger.entryApart(claimed, trip.courier),
                    Judge.physical(claimed.cluster), claimed.policy));
        }
        ended(trip.tenancy, claimed);
    }

    private void ended(Tenancy tenancy, Claimed claimed) {
        underWay.remove(claimed);
        in(PACE, () -> deliverDue(tenancy));
    }
}
