package dev.countersign.histories;

import dev.countersign.delivery.SimulatedLedger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;

/// Judges a history by the invariants I1 to I4, I6, I7 and I9 while it goes on and at its end. It shares no decision with the product:
/// it keeps its own small account of who asked, who agreed as what, what was granted and what ended, and compares with what clusters
/// came to hold and what was said of it. A path names the version of the request that asked for it, so that what a cluster lets
/// pass leads back to what was agreed.
final class Judge implements Witness, SimulatedCluster.Ear {
    /// Who is what at a moment, as plain sets of people.
    record Office(Set<UUID> owners, Set<UUID> security, Set<UUID> gainers, Set<UUID> gone) {}

    /// A version of a request. `wants`: how many of security beside an owner.
    record Asked(String tenant, int intent, int version, UUID requester, int wants, Set<UUID> gainedThen, Set<UUID> clusters, String policy, String lets) {}

    private record Said(UUID person, String decision, int versionShown) {}

    /// A grant as the judge knows it.
    private static final class Right {
        final String tenant;
        final UUID cluster;
        final String policy;
        final String lets;
        final long until;
        boolean ended;
        boolean suspended;

        Right(String tenant, UUID cluster, String policy, String lets, long until) {
            this.tenant = tenant;
            this.cluster = cluster;
            this.policy = policy;
            this.lets = lets;
            this.until = until;
        }

        boolean lets(long moment) {
            return !ended && !suspended && moment < until;
        }
    }

    private record Policy(String tenant, UUID cluster, String name) {}

    /// What the judge knows of a policy: the newest claim, and what was planned.
    private static final class Account {
        long fence;
        long until = -1;
        long claimedAt;
        final List<Planned> plans = new ArrayList<>();
        final Set<Long> recordedApplied = new HashSet<>();
    }

    /// A revision when it was planned: what was granted then, and whether a stop held.
    private record Planned(Set<String> lets, boolean stopped) {}

    /// What the portal has written into one object since another hand last changed it.
    private static final class Life {
        final Set<Long> written = new HashSet<>();
        long newest;
        boolean everOurs;
        long touchedByAnotherAt = -1;
        final List<Held> held = new ArrayList<>();
    }

    /// What an object held from a moment on: the revision it says, and whose.
    private record Held(long from, String tenant, long revision, Set<String> lets) {}

    /// The courier that a write comes from. `claimGood`: whether the claim held when it was asked for last; `seen`: the resource version that
    /// it looked at and decided on, empty where there was nothing.
    record Errand(String tenant, UUID cluster, String policy, long revision, long fence, boolean claimAsked, boolean claimGood, boolean stoppedWhenAsked, Optional<String> seen,
            long begunAt) {}

    private final Clockwork clock;
    private final Consumer<SimulatedLedger> listener;
    private final Map<String, Asked> asked = new HashMap<>();
    private final Map<String, String> state = new TreeMap<>();
    private final Map<String, List<Said>> said = new HashMap<>();
    private final Map<String, Right> rights = new TreeMap<>();
    private final Map<Policy, Account> accounts = new HashMap<>();
    private final Map<String, Life> lives = new HashMap<>();
    private final Map<String, Integer> entries = new TreeMap<>();
    private final Map<String, Integer> facts = new TreeMap<>();
    private final Map<String, Set<Long>> numbers = new TreeMap<>();
    private final Set<String> stops = new HashSet<>();
    private final Map<String, Long> replacedAt = new HashMap<>();
    private final List<String> violations = new ArrayList<>();
    private Errand writer;
    int writes;
    /// Of who had been overtaken, and changed nothing that another had made.
    int lateWrites;
    int strangersWritten;
    int applied;
    int approvals;

    Judge(Clockwork clock, Consumer<SimulatedLedger> listener) {
        this.clock = clock;
        this.listener = listener;
    }

    List<String> violations() {
        return violations;
    }

    void wrong(String what) {
        if (violations.size() < 5) {
            violations.add(what + " at " + clock.now());
        }
    }

    // Requests

    void submitted(String tenant, int intent, long number) {
        Set<Long> known = numbers.computeIfAbsent(tenant + " " + intent, key -> new TreeSet<>());
        if (known.add(number)) {
            fact(tenant, "request.submitted", number);
            state.put(tenant + " " + intent, "SUBMITTED");
        }
        if (known.size() > 1) {
            wrong("I2 what was submitted once became requests " + known);
        }
    }

    void version(Asked version) {
        asked.put(version.tenant() + " " + version.intent(), version);
        said.put(version.tenant() + " " + version.intent(), new ArrayList<>());
    }

    void becomes(String tenant, int intent, String after) {
        String before = state.put(tenant + " " + intent, after);
        if (!Set.of("SUBMITTED", "CHANGES_REQUESTED").contains(Objects.requireNonNullElse(before, ""))) {
            wrong("I3 request " + intent + " of " + tenant + " was " + before + " and becomes " + after);
        }
    }

    /// A word was given by somebody who had been shown `versionShown`.
    void said(String tenant, int intent, UUID person, String decision, int versionShown, boolean heard, String after, Office office) {
        if (!heard) {
            return;
        }
        String key = tenant + " " + intent;
        Asked version = asked.get(key);
        String before = state.get(key);
        if (!before.equals("SUBMITTED")) {
            wrong("I3 a word was heard about request " + intent + " of " + tenant + ", which is " + before);
        }
        if (!mayDecide(person, version, office)) {
            wrong("I3 a word of " + person + " was heard about request " + intent + " of " + tenant + ", who may not decide");
        }
        List<Said> words = said.get(key);
        if (words.stream().anyMatch(word -> word.person().equals(person) && word.versionShown() == version.version())) {
            wrong("I3 " + person + " was heard twice about request " + intent + " of " + tenant);
        }
        words.add(new Said(person, decision, versionShown));
        boolean approvedNow = after.equals("APPROVED");
        boolean enough = enough(version, words, office);
        if (approvedNow && !enough) {
            wrong("I3 request " + intent + " of " + tenant + " is approved without enough words on that version by people who may decide now");
        }
        if (!approvedNow && enough && words.stream().allMatch(word -> word.decision().equals("APPROVE"))) {
            wrong("I1 request " + intent + " of " + tenant + " has all its words and is " + after);
        }
        if (!after.equals(before)) {
            becomes(tenant, intent, after);
        }
        if (approvedNow) {
            approvals++;
        }
    }

    private static boolean mayDecide(UUID person, Asked version, Office office) {
        return !person.equals(version.requester()) && !office.gone().contains(person) && !office.gainers().contains(person) && !version.gainedThen().contains(person)
                && (office.owners().contains(person) || version.wants() > 0 && office.security().contains(person));
    }

    private static boolean enough(Asked version, List<Said> words, Office office) {
        Set<UUID> agreed = new HashSet<>();
        words.stream().filter(word -> word.decision().equals("APPROVE") && word.versionShown() == version.version() && mayDecide(word.person(), version, office))
                .forEach(word -> agreed.add(word.person()));
        return agreed.stream().filter(office.owners()::contains)
                .anyMatch(owner -> agreed.stream().filter(other -> !other.equals(owner) && office.security().contains(other)).count() >= version.wants());
    }

    // Grants

    void granted(String tenant, int intent, long number, UUID cluster, long until) {
        Asked version = asked.get(tenant + " " + intent);
        if (!"APPROVED".equals(state.get(tenant + " " + intent))) {
            wrong("I3 grant " + number + " of " + tenant + " exists for a request that is not approved");
        }
        if (rights.putIfAbsent(tenant + " " + number, new Right(tenant, cluster, version.policy(), version.lets(), until)) != null) {
            wrong("I2 grant " + number + " of " + tenant + " was made twice");
        }
        fact(tenant, "grant.created", number);
    }

    void ended(String tenant, long number) {
        rights.get(tenant + " " + number).ended = true;
        facts.put(tenant + " grant.ended " + number, 1);
    }

    void suspended(String tenant, long number, boolean out) {
        Right right = rights.get(tenant + " " + number);
        right.suspended = out;
    }

    void stopped(UUID cluster, String policy, boolean holds) {
        if (holds) {
            stops.add(cluster + " " + policy);
        } else {
            stops.remove(cluster + " " + policy);
        }
    }

    boolean isStopped(UUID cluster, String policy) {
        return stops.contains(cluster + " " + policy) || stops.contains(cluster + " ");
    }

    private Set<String> letting(String tenant, UUID cluster, String policy) {
        Set<String> lets = new TreeSet<>();
        rights.values().stream().filter(right -> right.tenant.equals(tenant) && right.cluster.equals(cluster) && right.policy.equals(policy) && right.lets(clock.now()))
                .forEach(right -> lets.add(right.lets));
        return lets;
    }

    // The record

    private void fact(String tenant, String kind, long number) {
        facts.merge(tenant + " " + kind + " " + number, 1, Integer::sum);
    }

    void fact(String tenant, String kind, String subject) {
        facts.put(tenant + " " + kind + " " + subject, 1);
    }

    @Override
    public void entry(String tenant, String kind, String subject) {
        entries.merge(tenant + " " + kind + " " + subject, 1, Integer::sum);
    }

    // Delivery

    private Account account(String tenant, UUID cluster, String policy) {
        return accounts.computeIfAbsent(new Policy(tenant, cluster, policy), key -> new Account());
    }

    @Override
    public void claimed(String tenant, UUID cluster, String policy, long fence, Instant until) {
        Account account = account(tenant, cluster, policy);
        if (account.until >= clock.now()) {
            wrong("two replicas hold " + policy + " of " + tenant);
        }
        if (fence <= account.fence) {
            wrong("two claims of " + policy + " of " + tenant + " have the fence " + fence);
        }
        account.fence = fence;
        account.until = until.toEpochMilli();
        account.claimedAt = clock.now();
    }

    @Override
    public void renewed(String tenant, UUID cluster, String policy, long fence, Instant until) {
        account(tenant, cluster, policy).until = until.toEpochMilli();
    }

    @Override
    public void freed(String tenant, UUID cluster, String policy) {
        account(tenant, cluster, policy).until = -1;
    }

    @Override
    public void recalled(String tenant, UUID cluster, String policy, long fence) {
        Account account = account(tenant, cluster, policy);
        account.fence = fence;
        account.until = -1;
    }

    @Override
    public void revised(String tenant, UUID cluster, String policy, String workload, long revision) {
        Account account = account(tenant, cluster, policy);
        account.plans.add(new Planned(letting(tenant, cluster, policy), isStopped(cluster, policy)));
        if (account.plans.size() != revision) {
            wrong("I4 revision " + revision + " of " + policy + " follows " + (account.plans.size() - 1));
        }
    }

    @Override
    public void recorded(String tenant, UUID cluster, String policy, long fence, String outcome, long revision) {
        Account account = account(tenant, cluster, policy);
        if (account.fence != fence) {
            wrong("I4 an outcome of " + policy + " of " + tenant + " was recorded by who had lost the claim");
        }
        account.until = -1;
        if (!outcome.equals("APPLIED")) {
            return;
        }
        applied++;
        if (account.recordedApplied.add(revision)) {
            fact(tenant, "policy.applied", physical(cluster) + " " + policy + " " + revision);
        }
        boolean held = wasHeld(lives.get(physical(cluster) + " " + policy), tenant, revision, account.claimedAt)
                || wasHeld(lives.get(physical(cluster) + "-stranger " + policy), tenant, revision, account.claimedAt);
        if (!held) {
            wrong("I9 " + policy + " of " + tenant + " is said to be applied at " + revision + " and the cluster has not held it since the claim");
        }
    }

    private static boolean wasHeld(Life life, String tenant, long revision, long since) {
        if (life == null) {
            return false;
        }
        for (int i = 0; i < life.held.size(); i++) {
            Held one = life.held.get(i);
            long to = i + 1 < life.held.size() ? life.held.get(i + 1).from() : Long.MAX_VALUE;
            if (one.revision() == revision && tenant.equals(one.tenant()) && to >= since) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void drifted(String tenant, UUID cluster, String policy) {
        Life life = lives.get(physical(cluster) + " " + policy);
        if (life == null || life.touchedByAnotherAt < 0) {
            wrong("I4 the record says that another hand changed " + policy + ", and none did");
        }
    }

    @Override
    public void notified(SimulatedLedger ledger) {
        listener.accept(ledger);
    }

    // Clusters

    /// Which server a registration means: the second half of its id counts the clusters.
    static String physical(UUID cluster) {
        return Witness.server(cluster);
    }

    /// From here on until `wrote`, what changes in a cluster is changed by this courier.
    void writes(Errand errand) {
        writer = errand;
    }

    void wrote() {
        writer = null;
    }

    void replaced(String cluster, boolean replaced) {
        if (replaced) {
            replacedAt.put(cluster, clock.now());
        } else {
            replacedAt.remove(cluster);
        }
    }

    @Override
    public void changed(SimulatedCluster cluster, SimulatedCluster.Change change) {
        if (!change.by().equals(SimulatedCluster.PORTAL)) {
            byAnotherHand(cluster, change);
            return;
        }
        writes++;
        Errand errand = writer;
        String where = errand.policy() + " of " + errand.tenant() + " in " + cluster.name;
        if (cluster.replaced) {
            if (errand.begunAt() > replacedAt.get(cluster.name) + 5_000) {
                wrong("I6 " + where + " was written to a cluster that is not the registered one");
            }
            lives.computeIfAbsent(cluster.identity() + " " + change.key(), key -> new Life()).held
                    .add(new Held(clock.now(), errand.tenant(), errand.revision(), SimulatedCluster.lets(change.after().spec())));
            strangersWritten++;
            // Whoever comes back to the registered one finds another state than what was confirmed.
            Life registered = lives.computeIfAbsent(cluster.name + " " + change.key(), key -> new Life());
            registered.touchedByAnotherAt = clock.now();
            registered.written.clear();
            return;
        }
        Life life = lives.computeIfAbsent(cluster.name + " " + change.key(), key -> new Life());
        Set<String> before = change.before() == null ? Set.of() : SimulatedCluster.lets(change.before().spec());
        Set<String> after = SimulatedCluster.lets(change.after().spec());
        Account account = account(errand.tenant(), errand.cluster(), errand.policy());
        String owner = change.before() == null ? errand.tenant() : change.before().labels().getOrDefault("countersign.dev/tenant", "");
        if (!owner.equals(errand.tenant())) {
            wrong("I6 " + where + " was written over what is of \"" + owner + "\"");
        }
        if (!errand.claimAsked() || !errand.claimGood()) {
            wrong("I2 " + where + " was written by who had lost the claim");
        }
        if (errand.seen().isPresent() && (change.before() == null || !errand.seen().get().equals(Long.toString(change.before().version())))) {
            wrong("I4 " + where + " was written over a state that nobody had looked at");
        }
        if (change.before() != null && change.before().spec().equals(change.after().spec()) && change.before().annotations().equals(change.after().annotations())) {
            // Only whose its fields are.
            return;
        }
        if (errand.stoppedWhenAsked() && !before.containsAll(after) && change.before() != null) {
            wrong("I3 " + where + " was opened under a stop");
        }
        everyRuleWasApproved(errand, after, where);
        boolean late = errand.fence() != account.fence;
        if (errand.revision() < life.newest && change.before() != null && ours(change.before(), errand.tenant())) {
            wrong("I2 " + where + " went back from revision " + life.newest + " to " + errand.revision());
        }
        lateWrites += late ? 1 : 0;
        boolean rises = change.before() == null || change.after().generation() > change.before().generation();
        if (rises && !life.written.add(errand.revision())) {
            wrong("I2 " + where + " was applied twice at revision " + errand.revision());
        }
        nothingWasCut(errand, account, life, before, after, where);
        life.newest = Math.max(life.newest, errand.revision());
        life.everOurs = true;
        life.held.add(new Held(clock.now(), errand.tenant(), errand.revision(), after));
    }

    private static boolean ours(SimulatedCluster.State state, String tenant) {
        return tenant.equals(state.labels().get("countersign.dev/tenant"));
    }

    /// I3: each of them was granted by an approval of exactly that version, to this policy of this cluster.
    private void everyRuleWasApproved(Errand errand, Set<String> after, String where) {
        for (String lets : after) {
            if (rights.values().stream().noneMatch(right -> right.tenant.equals(errand.tenant()) && right.cluster.equals(errand.cluster()) && right.policy.equals(errand.policy())
                    && right.lets.equals(lets))) {
                wrong("I3 " + where + " lets " + lets + " pass, which nobody approved");
            }
        }
    }

    /// What is granted and was let through is let through after it, and the first policy of a workload lets through what is granted.
    private void nothingWasCut(Errand errand, Account account, Life life, Set<String> before, Set<String> after, String where) {
        Planned planned = account.plans.get((int) errand.revision() - 1);
        if (planned.stopped()) {
            return;
        }
        for (String lets : letting(errand.tenant(), errand.cluster(), errand.policy())) {
            if (planned.lets().contains(lets) && !after.contains(lets) && (before.contains(lets) || !life.everOurs)) {
                wrong("I1 " + where + " cuts " + lets + ", which is granted");
            }
        }
        for (String lets : after) {
            if (!planned.lets().contains(lets)) {
                wrong("I3 " + where + " lets " + lets + " pass, which was not granted when revision " + errand.revision() + " was planned");
            }
        }
    }

    private void byAnotherHand(SimulatedCluster cluster, SimulatedCluster.Change change) {
        Life life = lives.computeIfAbsent(cluster.name + " " + change.key(), key -> new Life());
        boolean sameContent = change.before() != null && change.after() != null && change.before().spec().equals(change.after().spec());
        if (!sameContent) {
            life.written.clear();
            life.touchedByAnotherAt = clock.now();
        }
        if (change.after() == null) {
            life.newest = 0;
        }
        if (!sameContent) {
            life.held.add(new Held(clock.now(), "", -1, Set.of()));
        }
    }

    // The end

    /// Faults are over and all has come to rest.
    void ends(String tenant, Map<String, SimulatedCluster> clusters, List<SimulatedLedger.Standing> standings) {
        standings.forEach(standing -> trouble(tenant, clusters, standing).ifPresent(this::wrong));
        Set<String> known = new HashSet<>();
        standings.forEach(standing -> known.add(standing.cluster() + " " + standing.policy()));
        for (Right right : rights.values()) {
            if (right.tenant.equals(tenant) && !known.contains(right.cluster + " " + right.policy)) {
                wrong("I1 " + right.lets + " was granted and no policy was ever planned");
            }
        }
    }

    /// Why a policy is not at rest, or not as it should be; empty where all is well.
    Optional<String> trouble(String tenant, Map<String, SimulatedCluster> clusters, SimulatedLedger.Standing standing) {
        SimulatedCluster.State state = clusters.get(physical(standing.cluster())).state(standing.policy());
        String where = standing.policy() + " of " + tenant + " in " + physical(standing.cluster());
        String owner = state == null ? tenant : state.labels().getOrDefault("countersign.dev/tenant", "");
        if (!owner.equals(tenant) && !owner.isEmpty()) {
            return standing.state().equals("REFUSED") ? Optional.empty() : Optional.of("I7 " + where + " is " + standing.state() + " while another tenant's object stands there");
        }
        if (!standing.state().equals("APPLIED") || standing.due() || standing.leased() || standing.applied().orElse(0L) != standing.desired()) {
            return Optional.of("I7 " + where + " does not come to rest: " + standing);
        }
        if (state == null || !state.annotations().getOrDefault("countersign.dev/revision", "").equals(Long.toString(standing.desired()))) {
            return Optional.of("I9 " + where + " is said to be applied at " + standing.desired() + "; the cluster holds "
                    + (state == null ? "nothing" : state.annotations().get("countersign.dev/revision")));
        }
        Set<String> lets = SimulatedCluster.lets(state.spec());
        Set<String> granted = letting(tenant, standing.cluster(), standing.policy());
        return lets.equals(granted) && state.managersOfSpec().equals(Set.of(SimulatedCluster.PORTAL)) ? Optional.empty()
                : Optional.of("I7 " + where + " lets " + lets + " pass by the hands of " + state.managersOfSpec() + "; granted is " + granted);
    }

    void endsAll() {
        state.forEach((key, is) -> {
            Asked version = asked.get(key);
            if (is.equals("APPROVED")) {
                for (UUID cluster : version.clusters()) {
                    if (rights.values().stream().noneMatch(right -> right.tenant.equals(version.tenant()) && right.cluster.equals(cluster) && right.lets.equals(version.lets()))) {
                        wrong("I1 request " + version.intent() + " of " + version.tenant() + " is approved and has no grant in " + physical(cluster));
                    }
                }
            }
        });
        facts.forEach((fact, times) -> {
            if (entries.getOrDefault(fact, 0) < 1) {
                wrong("I4 the record lacks " + fact);
            }
        });
        entries.forEach((entry, times) -> {
            boolean mayRepeat = entry.contains(" policy.");
            if (!mayRepeat && (times != 1 || !facts.containsKey(entry))) {
                wrong("I4 the record has " + times + " entries " + entry + (facts.containsKey(entry) ? "" : ", which did not happen"));
            }
            if (entry.contains(" policy.applied ") && !facts.containsKey(entry)) {
                wrong("I4 the record has an entry " + entry + ", which did not happen");
            }
        });
    }
}
