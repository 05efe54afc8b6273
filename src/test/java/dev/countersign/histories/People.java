package dev.countersign.histories;

import dev.countersign.approval.Decision;
import dev.countersign.approval.SimulatedBoard;
import dev.countersign.audit.Actor;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.delivery.SimulatedLedger;
import dev.countersign.grants.Grant;
import dev.countersign.policy.compile.GrantedOperation;
import dev.countersign.policy.compile.TargetWorkload;
import dev.countersign.requests.Ask;
import dev.countersign.requests.AskFact;
import dev.countersign.requests.AskSource;
import dev.countersign.requests.AskTarget;
import dev.countersign.requests.Draft;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.requests.Justification;
import dev.countersign.requests.Place;
import dev.countersign.requests.RequestApproved;
import dev.countersign.requests.RequestProgress;
import dev.countersign.requests.RequestState;
import dev.countersign.requests.ServiceAccess;
import dev.countersign.requests.Stakes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// What people do: ask, change, withdraw, decide (also those who may not, and also twice), join and leave, revoke, stop and release, roll
/// back and resume. Whoever gets no answer says it again, as a browser would.
final class People {
    static final List<String> WORKLOADS = List.of("pay", "cart");
    private static final String TRUST = "cluster.local";
    private static final Duration LIFETIME = Duration.ofDays(7);
    private static final Duration SHORT_LIFETIME = Duration.ofSeconds(15);

    private final History history;
    private final Clockwork clock;
    private final Weather weather;
    private final int most;
    private final long faultsEnd;
    private final Map<String, Integer> intents = new HashMap<>();
    private final Map<Ask, Stakes> stakes = new IdentityHashMap<>();
    private int intent;

    People(History history, int most, long faultsEnd) {
        this.history = history;
        this.clock = history.clock;
        this.weather = history.weather;
        this.most = most;
        this.faultsEnd = faultsEnd;
    }

    void begin() {
        int requests = 1 + history.chance.nextInt(most);
        for (int i = 0; i < requests; i++) {
            Tenancy tenancy = history.tenancies.get(history.chance.nextInt(4) == 0 ? 1 : 0);
            clock.in(history.chance.nextLong(faultsEnd / 2), () -> ask(tenancy));
        }
        often(Fault.PEOPLE_CHANGE, 8, this::change);
        often(Fault.REVOCATION, 3, this::revoke);
        often(Fault.STOP, 3, this::stop);
        often(Fault.ROLLBACK, 8, this::rollBack);
    }

    private void often(Fault fault, int times, Runnable what) {
        if (weather.has(fault)) {
            for (int i = 1 + history.chance.nextInt(times); i > 0; i--) {
                clock.in(history.chance.nextLong(faultsEnd), what);
            }
        }
    }

    // Asking

    private record Wish(Tenancy tenancy, int intent, String key, String workload, int wants, String namespace, List<UUID> clusters, GrantPeriod period, Duration lifetime) {
        Draft draft(int version) {
            return new Draft(new ServiceAccess(clusters.stream().map(Judge::physical).toList(), List.of(new AskSource.Account(namespace, "order")), AskTarget.workload(tenancy.namespace, workload),
                    List.of(GrantedOperation.of(List.of("GET"), List.of(path(version)))), List.of()), new Justification("a reason", Optional.empty()), period);
        }

        String path(int version) {
            return "/r" + intent + "v" + version;
        }

        String lets(int version) {
            return TRUST + "/ns/" + namespace + "/sa/order " + path(version);
        }

        TargetWorkload target() {
            return new TargetWorkload(tenancy.namespace, workload, Map.of("app", workload));
        }
    }

    private void ask(Tenancy tenancy) {
        int wants = history.chance.nextInt(3);
        Set<UUID> chosen = new LinkedHashSet<>();
        List<UUID> all = List.copyOf(tenancy.clusters.keySet());
        for (int i = 1 + history.chance.nextInt(2); i > 0; i--) {
            chosen.add(all.get(history.chance.nextInt(all.size())));
        }
        GrantPeriod period = wants == 2 ? new GrantPeriod.Permanent() : weather.has(Fault.EXPIRY) && history.chance.nextBoolean()
                ? new GrantPeriod.Until(Instant.ofEpochMilli((clock.now() + history.chance.nextLong(faultsEnd - clock.now())) / 1000 * 1000 + 1000))
                : new GrantPeriod.For(Duration.ofDays(90));
        int number = ++intent;
        Wish wish = new Wish(tenancy, number, "key" + number, WORKLOADS.get(history.chance.nextInt(2)), wants, wants == 1 ? "web" : tenancy.namespace,
                chosen.stream().sorted().toList(), period, weather.has(Fault.WITHDRAWAL) && history.chance.nextInt(4) == 0 ? SHORT_LIFETIME : LIFETIME);
        submit(wish, 0);
    }

    private Stakes stakes(Draft draft) {
        return stakes(draft.ask(), draft.period());
    }

    private Stakes stakes(RequestProgress.Locked request) {
        return stakes(request.ask(), request.period());
    }

    private Stakes stakes(Ask ask, GrantPeriod period) {
        return stakes.computeIfAbsent(ask, asked -> new Stakes(ask, period, AskFact.of(ask, period), List.of(Tenancy.PAYMENTS), List.of(Tenancy.ORDERS)));
    }

    private RequestProgress.Locked locked(Tenancy tenancy, long number) {
        return tenancy.requests.lock(number, history.instant());
    }

    private void submit(Wish wish, int times) {
        long[] number = new long[1];
        Tenancy tenancy = wish.tenancy();
        Draft draft = wish.draft(1);
        boolean answered = history.transaction("requester", "submits", () -> {
            String key = history.bug == Bug.LOST_ANSWER_IS_NEW ? wish.key() + " " + times : wish.key();
            List<Place> places = wish.clusters().stream().map(cluster -> new Place(tenancy.refs.get(cluster), TRUST, wish.target())).toList();
            if (!tenancy.board.possible(tenancy.people.getFirst().id, stakes(draft))) {
                return;
            }
            number[0] = tenancy.requests.submitOnce(tenancy.people.getFirst().id, key, draft, places, history.instant(), wish.lifetime());
            boolean first = intents.putIfAbsent(tenancy.slug + " " + number[0], wish.intent()) == null;
            if (first) {
                tenancy.board.submitted(locked(tenancy, number[0]), stakes(draft));
                history.judge.entry(tenancy.slug, "request.submitted", Long.toString(number[0]));
                version(wish, 1);
            }
            history.judge.submitted(tenancy.slug, wish.intent(), number[0]);
        }, wish.path(1), "of", tenancy.slug);
        if (!answered && times < 8) {
            clock.in(300 + history.lag(), () -> submit(wish, times + 1));
        } else if (number[0] > 0) {
            live(wish, number[0]);
        }
    }

    private void version(Wish wish, int version) {
        Tenancy tenancy = wish.tenancy();
        history.judge.version(new Judge.Asked(tenancy.slug, wish.intent(), version, tenancy.people.getFirst().id, wish.wants(), tenancy.office().gainers(),
                new HashSet<>(wish.clusters()), tenancy.namespace + "/countersign-" + wish.workload(), wish.lets(version)));
    }

    private void live(Wish wish, long number) {
        if (wish.lifetime() == SHORT_LIFETIME) {
            for (int i = 0; i < 2; i++) {
                clock.in(SHORT_LIFETIME.toMillis() + history.chance.nextLong(3_000), () -> lapse(wish, number));
            }
        }
        if (weather.has(Fault.WITHDRAWAL) && history.chance.nextInt(3) == 0) {
            clock.in(history.chance.nextLong(6_000), () -> withdraw(wish, number));
        }
        if (weather.has(Fault.REVISION_OF_REQUEST) && history.chance.nextInt(2) == 0) {
            clock.in(history.chance.nextLong(6_000), () -> revise(wish, number));
        }
        letDecide(wish, number);
    }

    private void letDecide(Wish wish, long number) {
        for (SimulatedBoard.Person person : wish.tenancy().people) {
            if (history.chance.nextInt(6) > 0) {
                clock.in(history.chance.nextLong(3_000), () -> read(wish, number, person));
            }
        }
    }

    private void withdraw(Wish wish, long number) {
        Tenancy tenancy = wish.tenancy();
        history.transaction("requester", "withdraws", () -> {
            if (tenancy.requests.withdraw(number, history.instant())) {
                weather.count(Fault.WITHDRAWAL);
                settled(wish, number, "WITHDRAWN", "request.withdrawn");
            }
        }, number, "of", tenancy.slug);
    }

    private void lapse(Wish wish, long number) {
        Tenancy tenancy = wish.tenancy();
        history.transaction("a replica", "lets lapse", () -> {
            if (tenancy.requests.lapse(number, history.instant())) {
                settled(wish, number, "LAPSED", "request.lapsed");
            }
        }, number, "of", tenancy.slug);
    }

    private void settled(Wish wish, long number, String state, String kind) {
        String slug = wish.tenancy().slug;
        history.judge.becomes(slug, wish.intent(), state);
        history.judge.fact(slug, kind, Long.toString(number));
        history.judge.entry(slug, kind, Long.toString(number));
    }

    private void revise(Wish wish, long number) {
        Tenancy tenancy = wish.tenancy();
        int seen = tenancy.requests.version(number);
        clock.in(history.lag(), () -> history.transaction("requester", "revises", () -> {
            int version = tenancy.requests.revise(number, seen, wish.draft(seen + 1), history.instant(), wish.lifetime());
            if (version > 0) {
                weather.count(Fault.REVISION_OF_REQUEST);
                tenancy.board.submitted(locked(tenancy, number), stakes(locked(tenancy, number)));
                version(wish, version);
                history.judge.becomes(tenancy.slug, wish.intent(), "SUBMITTED");
                history.judge.fact(tenancy.slug, "request.revised", number + " " + version);
                history.judge.entry(tenancy.slug, "request.revised", number + " " + version);
                letDecide(wish, number);
            }
        }, number, "of", tenancy.slug));
    }

    // Deciding

    /// Somebody looks at the request as it is now, and says their word a while later.
    private void read(Wish wish, long number, SimulatedBoard.Person person) {
        Tenancy tenancy = wish.tenancy();
        int drawn = history.chance.nextInt(24);
        String decision = drawn == 0 ? "REJECT" : drawn == 1 ? "REQUEST_CHANGES" : "APPROVE";
        RequestProgress.Locked shown = locked(tenancy, number);
        long hesitation = history.chance.nextBoolean() ? history.lag() : history.chance.nextLong(3_000);
        int times = history.chance.nextInt(6) == 0 ? 2 : 1;
        for (int i = 0; i < times; i++) {
            clock.in(hesitation + (i == 0 ? 0 : history.lag()), () -> say(wish, shown, person, decision, 0));
        }
    }

    private void say(Wish wish, RequestProgress.Locked shown, SimulatedBoard.Person person, String decision, int times) {
        Tenancy tenancy = wish.tenancy();
        long number = shown.number();
        boolean answered = history.transaction("person" + (person.id.getLeastSignificantBits() - 100), "says", () -> decide(wish, shown, person, decision),
                decision, number, "v", shown.version(), "of", tenancy.slug);
        if (!answered && times < 4) {
            clock.in(200 + history.lag(), () -> say(wish, shown, person, decision, times + 1));
        }
    }

    private void decide(Wish wish, RequestProgress.Locked shown, SimulatedBoard.Person person, String decision) {
        Tenancy tenancy = wish.tenancy();
        long number = shown.number();
        RequestProgress.Locked request = history.bug == Bug.APPROVED_WITHOUT_LOCK ? shown : locked(tenancy, number);
        SimulatedBoard.Answer answer = tenancy.board.decide(request, stakes(request), person.id, Decision.valueOf(decision), shown.digest(), history.instant());
        history.judge.said(tenancy.slug, wish.intent(), person.id, decision, shown.version(), answer.heard(), answer.after().name(), tenancy.office());
        if (!answer.heard()) {
            return;
        }
        history.note("a request", "is", number, answer.after().name(), "of", tenancy.slug);
        history.judge.fact(tenancy.slug, "request.word", number + " " + request.version() + " " + person.id);
        history.judge.entry(tenancy.slug, "request.word", number + " " + request.version() + " " + person.id);
        if (answer.after() == RequestState.SUBMITTED || !history.judge.violations().isEmpty()) {
            return;
        }
        tenancy.requests.become(number, answer.after());
        if (answer.after() == RequestState.CHANGES_REQUESTED) {
            clock.in(history.chance.nextLong(2_000), () -> revise(wish, number));
        } else if (answer.after() == RequestState.APPROVED && history.bug == Bug.GRANTS_APART) {
            history.anyReplica().in(history.lag(), () -> history.transaction("a replica", "grants", () -> grant(wish, request), Long.toString(number)));
        } else if (answer.after() == RequestState.APPROVED) {
            grant(wish, request);
        }
    }

    /// In the transaction of the deciding review: the grants, their entries, and the plan that follows.
    private void grant(Wish wish, RequestProgress.Locked request) {
        Tenancy tenancy = wish.tenancy();
        List<Grant> granted = tenancy.grants.approved(new RequestApproved(request.id(), request.number(), request.version(), request.digest(), request.ask(), request.places(),
                request.period(), request.requester(), "requester", Actor.system("reviewer"), history.instant()));
        for (Grant grant : granted) {
            history.judge.granted(tenancy.slug, wish.intent(), grant.number(), grant.place().cluster().id(), grant.until().map(Instant::toEpochMilli).orElse(Long.MAX_VALUE));
            history.judge.entry(tenancy.slug, "grant.created", Long.toString(grant.number()));
        }
        granted.forEach(grant -> {
            plan(tenancy, grant);
            grant.until().ifPresent(end -> history.replicas.forEach(replica -> expire(replica, tenancy, end.toEpochMilli() - clock.now() + history.chance.nextLong(5_000))));
        });
    }

    private void plan(Tenancy tenancy, Grant grant) {
        tenancy.ledger.plan(grant.place().cluster().id(), Optional.of(grant.place().target()), history.instant());
    }

    /// `ExpiryJob`: every few seconds, on every replica; tried again where the database failed.
    private void expire(Replica replica, Tenancy tenancy, long millis) {
        clock.in(millis, () -> {
            if (!replica.isUp()) {
                expire(replica, tenancy, 5_000);
                return;
            }
            boolean answered = history.transaction(replica.name, "ends what is over", () -> {
                if (history.bug != Bug.EXPIRY_FORGOTTEN) {
                    List<Grant> due = history.bug == Bug.ENDED_TWICE ? tenancy.grants.all().stream().filter(grant -> grant.until().map(end -> !end.isAfter(history.instant())).orElse(false)).toList()
                            : tenancy.grants.due(history.instant());
                    due.forEach(grant -> end(tenancy, grant, Fault.EXPIRY));
                }
            }, tenancy.slug);
            if (!answered) {
                expire(replica, tenancy, 5_000);
            }
        });
    }

    private void end(Tenancy tenancy, Grant grant, Fault how) {
        if (tenancy.grants.end(grant, history.bug == Bug.ENDED_TWICE)) {
            weather.count(how);
            history.judge.ended(tenancy.slug, grant.number());
            history.judge.entry(tenancy.slug, "grant.ended", Long.toString(grant.number()));
            plan(tenancy, grant);
        }
    }

    // Ruling

    private void change() {
        Tenancy tenancy = history.tenancies.get(history.chance.nextInt(2));
        SimulatedBoard.Person person = tenancy.people.get(1 + history.chance.nextInt(tenancy.people.size() - 1));
        weather.count(Fault.PEOPLE_CHANGE);
        int what = history.chance.nextInt(4);
        switch (what) {
            case 0 -> toggle(person.teams, Tenancy.PAYMENTS.id());
            case 1 -> toggle(person.teams, Tenancy.ORDERS.id());
            case 2 -> person.security = !person.security;
            default -> person.gone = !person.gone;
        }
        history.note("admin", "changes", person.id, List.of("owners", "gainers", "security", "gone").get(what));
    }

    private static void toggle(Set<UUID> teams, UUID team) {
        if (!teams.remove(team)) {
            teams.add(team);
        }
    }

    private void revoke() {
        Tenancy tenancy = history.tenancies.getFirst();
        List<Grant> standing = tenancy.grants.all().stream().filter(grant -> tenancy.grants.stands(grant, history.instant())).toList();
        if (!standing.isEmpty()) {
            Grant grant = standing.get(history.chance.nextInt(standing.size()));
            history.transaction("security", "revokes", () -> end(tenancy, grant, Fault.REVOCATION), "grant", grant.number());
        }
    }

    private void stop() {
        Tenancy tenancy = history.tenancies.get(history.chance.nextInt(4) == 0 ? 1 : 0);
        List<UUID> ids = List.copyOf(tenancy.clusters.keySet());
        UUID cluster = ids.get(history.chance.nextInt(ids.size()));
        ClusterRef ref = tenancy.refs.get(cluster);
        String workload = WORKLOADS.get(history.chance.nextInt(2));
        boolean whole = history.chance.nextInt(3) == 0;
        Optional<TargetWorkload> target = whole ? Optional.empty() : Optional.of(new TargetWorkload(tenancy.namespace, workload, Map.of("app", workload)));
        String policy = whole ? "" : tenancy.namespace + "/countersign-" + workload;
        history.transaction("security", "stops", () -> {
            history.judge.stopped(cluster, policy, true);
            if (tenancy.ledger.stop(ref, target, history.instant())) {
                weather.count(Fault.STOP);
                int number = tenancy.ledger.held().getLast();
                long until = history.chance.nextBoolean() ? history.chance.nextLong(8_000) : faultsEnd - clock.now() + history.chance.nextLong(3_000);
                clock.in(until, () -> release(tenancy, number, cluster, policy));
            }
        }, ref.name(), policy, "of", tenancy.slug);
    }

    private void release(Tenancy tenancy, int number, UUID cluster, String policy) {
        boolean answered = history.transaction("security", "releases", () -> {
            history.judge.stopped(cluster, policy, false);
            tenancy.ledger.release(number, history.instant());
        }, "stop", number, "of", tenancy.slug);
        if (!answered) {
            clock.in(500, () -> release(tenancy, number, cluster, policy));
        }
    }

    /// Looks at what going back would do, and decides on that a while later: where something moved, nothing happens.
    private void rollBack() {
        Tenancy tenancy = history.tenancies.getFirst();
        List<SimulatedLedger.Standing> several = tenancy.ledger.standings(history.instant()).stream().filter(standing -> standing.desired() > 1).toList();
        if (several.isEmpty()) {
            return;
        }
        SimulatedLedger.Standing chosen = several.get(history.chance.nextInt(several.size()));
        long revision = 1 + history.chance.nextLong(chosen.desired() - 1);
        List<Grant> shown = tenancy.ledger.notCarried(chosen.cluster(), chosen.policy(), revision, history.instant());
        clock.in(history.lag(), () -> history.transaction("security", "rolls back", () -> {
            List<Grant> now = tenancy.ledger.notCarried(chosen.cluster(), chosen.policy(), revision, history.instant());
            if (!now.isEmpty() && ids(now).equals(ids(shown))) {
                weather.count(Fault.ROLLBACK);
                suspend(tenancy, chosen, now);
            }
        }, Judge.physical(chosen.cluster()), chosen.policy(), "to", revision));
    }

    private static List<UUID> ids(List<Grant> grants) {
        return grants.stream().map(Grant::id).toList();
    }

    private void suspend(Tenancy tenancy, SimulatedLedger.Standing policy, List<Grant> grants) {
        int number = tenancy.grants.suspend(grants);
        grants.forEach(grant -> history.judge.suspended(tenancy.slug, grant.number(), true));
        history.judge.fact(tenancy.slug, "grants.suspended", Integer.toString(number));
        history.judge.entry(tenancy.slug, "grants.suspended", Integer.toString(number));
        TargetWorkload target = tenancy.ledger.target(policy.cluster(), policy.policy());
        tenancy.ledger.plan(policy.cluster(), Optional.of(target), history.instant());
        if (history.chance.nextBoolean()) {
            clock.in(history.chance.nextLong(faultsEnd), () -> history.transaction("security", "resumes", () -> {
                if (!tenancy.grants.suspensions().contains(number)) {
                    return;
                }
                List<Grant> resumed = new ArrayList<>(grants);
                tenancy.grants.resume(number, history.instant());
                resumed.forEach(grant -> history.judge.suspended(tenancy.slug, grant.number(), false));
                history.judge.fact(tenancy.slug, "grants.resumed", Integer.toString(number));
                history.judge.entry(tenancy.slug, "grants.resumed", Integer.toString(number));
                tenancy.ledger.plan(policy.cluster(), Optional.of(target), history.instant());
            }, "suspension", number));
        }
    }
}
