package dev.countersign.delivery;

import dev.countersign.clusters.ApplyOutcome;
import dev.countersign.clusters.ClusterConnection;
import dev.countersign.clusters.ClusterObject;
import dev.countersign.clusters.ClusterTrouble;
import dev.countersign.clusters.ObjectVersion;
import dev.countersign.clusters.ReadOutcome;
import dev.countersign.policy.compile.CompiledPolicy;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.PolicyWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// What a courier does next with one revision for one cluster, given what it was told so far: read, compare, apply, look at what the
/// cluster then holds. Decides and asks nothing itself, so that whatever may happen between two steps can be tried; what it comes to is the receipt.
///
/// - Where nothing speaks against it, the object is taken to be as the cluster confirmed it last, and the apply says whether it is: it
///   demands that very state and changes nothing otherwise. In every other case it is read first.
/// - There is no rehearsal: an apply that is refused, conflicts or finds another state stores nothing, and a dry run costs a cluster as much.
/// - What is already as it should be is not written again: a write whose answer was lost is adopted.
/// - What is absent has no state that an apply could demand. It is made under a name of its own and given to the portal afterwards: a creation
///   that arrives late conflicts with what another courier made meanwhile.
/// - An object of that name that is not ours is never touched. (One of another name is only with an approved adoption of exactly
///   that object, and not from here: `adoption`.)
/// - While a stop holds, only what is proven to open nothing is written (`StopGuard`); the rest comes back as held.
/// - Fields that another hand took over in our own object are taken back, and the receipt names the hand; after `ROUNDS`
///   rounds it stops and asks a person.
final class Errand {
    /// How often a foreign change is put right before a person has to decide.
    static final int ROUNDS = 5;

    /// What is to be asked next, and what follows from the answer.
    sealed interface Step {
        record Read(Function<ReadOutcome, Step> then) implements Step {}

        /// Whether the claim still holds: before every real write, so that a courier that slept through its lease writes nothing.
        record AskForClaim(Function<Boolean, Step> then) implements Step {}

        record Create(Map<String, Object> tree, Function<ApplyOutcome, Step> then) implements Step {}

        /// What a creation made becomes the portal's own, in exactly that state.
        record Settle(ClusterObject made, Function<ApplyOutcome, Step> then) implements Step {}

        record Apply(Map<String, Object> tree, ObjectVersion expected, Function<ApplyOutcome, Step> then) implements Step {}

        record TakeBack(Map<String, Object> tree, ObjectVersion expected, Function<ApplyOutcome, Step> then) implements Step {}

        record Done(Receipt receipt) implements Step {}
    }

    private final Consignment consignment;
    private final AuthorizationPolicy wanted;
    private final String tenantSlug;
    private final Optional<StopGuard> guard;

    /// `wanted`: what the revision says.
    Errand(Consignment consignment, AuthorizationPolicy wanted, String tenantSlug, Optional<StopGuard> guard) {
        this.consignment = consignment;
        this.wanted = wanted;
        this.tenantSlug = tenantSlug;
        this.guard = guard;
    }

    Step first() {
        if (!isUndisturbed(consignment)) {
            return read();
        }
        if (guard.isPresent() && guard.get().mayOpen(guard.get().confirmed(), wanted)) {
            return done(guard.get().held(guard.get().confirmed(), wanted));
        }
        return apply(consignment.known().orElseThrow(), outcome -> switch (outcome) {
            // Out of reach or told to wait: nothing more is asked now.
            case ClusterTrouble.Unreachable trouble -> done(receipt(trouble));
            case ApplyOutcome _ -> read();
        });
    }

    private Step read() {
        return new Step.Read(outcome -> switch (outcome) {
            case ReadOutcome.Absent() when guard.isPresent() && guard.get().mayOpen(Optional.empty(), wanted) -> done(guard.get().held(Optional.empty(), wanted));
            case ReadOutcome.Absent() -> create();
            case ReadOutcome.Found(ClusterObject live) -> reconcile(live);
            case ClusterTrouble trouble -> done(receipt(trouble));
        });
    }

    /// A later revision of what was confirmed, at its first attempt, with nothing heard of another hand.
    private static boolean isUndisturbed(Consignment consignment) {
        return consignment.known().isPresent()
                && consignment.attempts() == 0
                && !consignment.drifted()
                && !consignment.appliedRevision().equals(Optional.of(consignment.revision()));
    }

    private Step reconcile(ClusterObject live) {
        boolean sameObject = consignment.known().map(known -> known.uid().equals(live.uid())).orElse(false);
        if (!sameObject && !ours(live)) {
            return done(notOurs(live));
        }
        if (isAsWanted(wanted, live)) {
            return delivered(new Receipt.Delivered(Receipt.Delivered.How.ADOPTED, live, List.of()));
        }
        // What cannot be read is not compared: it counts as closed.
        Optional<AuthorizationPolicy> present = PolicyReader.authorizationPolicy(live.tree());
        if (guard.isPresent() && (present.isEmpty() || guard.get().mayOpen(present, wanted))) {
            return done(guard.get().held(present, wanted));
        }
        if (live.isUnsettled()) {
            return whileOurs(new Step.Settle(live, outcome -> outcome instanceof ApplyOutcome.Applied settled ? write(settled.object().version()) : done(receipt(outcome))));
        }
        boolean isKnownToHaveDrifted = consignment.drifted() && consignment.driftRounds() < ROUNDS && confirmed(consignment, live.version());
        return isKnownToHaveDrifted ? putRight(live) : write(live.version());
    }

    private static Receipt notOurs(ClusterObject live) {
        String others = String.join(", ", others(live));
        return new Receipt.Refused("NOT_OURS",
                "the cluster already has an AuthorizationPolicy " + live.namespace() + "/" + live.name() + " that the portal did not make"
                        + (others.isEmpty() ? "" : ", but " + others),
                Receipt.Again.SLOWLY.beside("Give that object another name, so that it can be adopted, or delete it."), live.managers(), Receipt.Again.SLOWLY);
    }

    private static List<String> others(ClusterObject live) {
        return live.managers().stream().filter(manager -> !manager.equals(ClusterConnection.FIELD_MANAGER)).toList();
    }

    private Step create() {
        return whileOurs(new Step.Create(PolicyWriter.tree(wanted), outcome -> switch (outcome) {
            // What was absent has no version to demand: whoever made it in this moment, with nothing in it that conflicts with ours, is found
            // afterwards, as an owner of fields that a policy of our own making has not.
            case ApplyOutcome.Applied(ClusterObject made, boolean _) when !others(made).isEmpty() -> done(notOurs(made));
            case ApplyOutcome.Applied made -> verified(made, Receipt.Delivered.How.APPLIED, List.of());
            case ApplyOutcome.Conflicted conflict when conflict.managers().equals(List.of(ClusterConnection.FIELD_MANAGER)) ->
                done(new Receipt.Postponed(true, "another courier of the portal has just made it", "It is read again.", Optional.empty()));
            case ApplyOutcome other -> done(receipt(other));
        }));
    }

    /// What is known to have drifted is taken back at once; who lost fields by it the answer tells.
    private Step putRight(ClusterObject live) {
        return whileOurs(new Step.TakeBack(PolicyWriter.tree(wanted), live.version(), outcome -> {
            List<String> deprived = outcome instanceof ApplyOutcome.Applied(ClusterObject stored, boolean _) ? live.deprivedIn(stored) : List.of();
            return verified(outcome, deprived.isEmpty() ? Receipt.Delivered.How.APPLIED : Receipt.Delivered.How.TAKEN_BACK, deprived);
        }));
    }

    private Step write(ObjectVersion expected) {
        return apply(expected, outcome -> switch (outcome) {
            // Not the object that this cluster confirmed to us: never forced.
            case ApplyOutcome.Conflicted conflict when !confirmed(consignment, expected) -> done(receipt(conflict));
            case ApplyOutcome.Conflicted conflict when consignment.driftRounds() >= ROUNDS -> done(new Receipt.Contested(
                    String.join(", ", conflict.managers()) + " keeps changing this policy: " + conflict.words(),
                    "Stop the other controller, or end the grants; then reconcile.", conflict.managers()));
            // Our own object: the approved content is put back, on the record, with the name of the hand that changed it.
            case ApplyOutcome.Conflicted conflict -> whileOurs(new Step.TakeBack(PolicyWriter.tree(wanted), expected,
                    taken -> verified(taken, Receipt.Delivered.How.TAKEN_BACK, conflict.managers())));
            case ApplyOutcome other -> done(receipt(other));
        });
    }

    /// `otherwise`: what follows where the cluster did not take it.
    private Step apply(ObjectVersion expected, Function<ApplyOutcome, Step> otherwise) {
        return whileOurs(new Step.Apply(PolicyWriter.tree(wanted), expected, outcome -> outcome instanceof ApplyOutcome.Applied
                ? verified(outcome, Receipt.Delivered.How.APPLIED, List.of()) : otherwise.apply(outcome)));
    }

    private static Step whileOurs(Step write) {
        return new Step.AskForClaim(ours -> ours ? write : done(overtaken()));
    }

    /// Nobody will read it: the record refuses the word of a courier whose fence is old.
    private static Receipt overtaken() {
        return new Receipt.Postponed(true, "another courier has taken over", "Nothing has to be done.", Optional.empty());
    }

    /// "Applied" is said only about what the cluster then holds: the answer shows the object as it was stored, and whose its fields are.
    /// Where that is not what is wanted, or does not show it, the object is read back.
    private Step verified(ApplyOutcome outcome, Receipt.Delivered.How how, List<String> managers) {
        if (!(outcome instanceof ApplyOutcome.Applied(ClusterObject stored, boolean _))) {
            return done(receipt(outcome));
        }
        boolean shown = !stored.uid().isEmpty() && !stored.resourceVersion().isEmpty() && stored.managers().contains(ClusterConnection.FIELD_MANAGER);
        return shown && isAsWanted(wanted, stored)
                ? delivered(new Receipt.Delivered(how, stored, managers))
                : new Step.Read(found -> delivered(held(found, how, managers)));
    }

    /// What a creation made is settled too. Where another hand was at it in this moment it was delivered all the same: that it is in another
    /// state by now is seen, and settled with what follows. Where it is not there any more, it was not.
    private Step delivered(Receipt receipt) {
        if (!(receipt instanceof Receipt.Delivered(var how, ClusterObject made, var managers)) || !made.isUnsettled()) {
            return done(receipt);
        }
        return whileOurs(new Step.Settle(made, outcome -> switch (outcome) {
            case ApplyOutcome.Applied settled -> done(held(new ReadOutcome.Found(settled.object()), how, managers));
            case ApplyOutcome.Stale stale -> new Step.Read(found -> done(isLaterStateOf(made, found) ? receipt : receipt(stale)));
            case ApplyOutcome other -> done(receipt(other));
        }));
    }

    private static boolean isLaterStateOf(ClusterObject made, ReadOutcome found) {
        return found instanceof ReadOutcome.Found(ClusterObject live) && live.uid().equals(made.uid()) && !live.resourceVersion().equals(made.resourceVersion());
    }

    private Receipt held(ReadOutcome outcome, Receipt.Delivered.How how, List<String> managers) {
        return switch (outcome) {
            case ReadOutcome.Found(ClusterObject live) when isAsWanted(wanted, live) -> new Receipt.Delivered(how, live, managers);
            case ReadOutcome.Found(ClusterObject live) -> new Receipt.Refused("MUTATED",
                    "the cluster took the policy and holds another: " + PolicyWriter.text(live.tree()),
                    Receipt.Again.SLOWLY.beside("An admission webhook or another controller changes it. Exempt objects managed by countersign."), live.managers(),
                    Receipt.Again.SLOWLY);
            case ReadOutcome.Absent() -> new Receipt.Postponed(true, "the policy was gone when it was read back", "It is written again.", Optional.empty());
            case ClusterTrouble trouble -> receipt(trouble);
        };
    }

    private static Step done(Receipt receipt) {
        return new Step.Done(receipt);
    }

    static Receipt receipt(ApplyOutcome outcome) {
        return switch (outcome) {
            case ApplyOutcome.Applied applied -> throw new IllegalStateException("applied but not read back: " + applied.object().name());
            case ApplyOutcome.Conflicted conflict -> refused("CONFLICTED", conflict.words(), conflict.advice(), conflict.managers(), Receipt.Again.SOON);
            case ApplyOutcome.Stale stale -> new Receipt.Postponed(true, stale.words(), "It is read again.", Optional.empty());
            case ClusterTrouble.Rejected rejected -> refused("REFUSED", rejected.words(), rejected.advice(), List.of(),
                    rejected.status() == 404 ? Receipt.Again.SOON : Receipt.Again.SLOWLY);
            case ClusterTrouble.Forbidden forbidden -> refused("FORBIDDEN", forbidden.words(), forbidden.advice(), List.of(),
                    forbidden.status() == 401 ? Receipt.Again.LOCKED_OUT : Receipt.Again.SOON);
            case ClusterTrouble.Unreachable trouble -> new Receipt.Postponed(false, trouble.words(), trouble.advice(), trouble.retryAfter());
        };
    }

    private static Receipt refused(String outcome, String words, String advice, List<String> managers, Receipt.Again again) {
        return new Receipt.Refused(outcome, words, again.beside(advice), managers, again);
    }

    /// Labels can be faked; the field manager is what the API server itself wrote down about who made the spec. Where another
    /// hand made some of it, it is not known whose it was first.
    private boolean ours(ClusterObject live) {
        Map<?, ?> labels = live.tree().get("metadata") instanceof Map<?, ?> metadata && metadata.get("labels") instanceof Map<?, ?> found ? found : Map.of();
        return CompiledPolicy.MANAGER.equals(labels.get(CompiledPolicy.MANAGED_BY))
                && tenantSlug.equals(labels.get(CompiledPolicy.TENANT))
                && live.managers().equals(List.of(ClusterConnection.FIELD_MANAGER));
    }

    /// Whether the object to be written is the very one that was read back after an earlier delivery.
    private static boolean confirmed(Consignment consignment, ObjectVersion expected) {
        return consignment.known().map(known -> known.uid().equals(expected.uid())).orElse(false);
    }

    /// What Istio enforces is equal, and so is what says whose it is.
    static boolean isAsWanted(AuthorizationPolicy wanted, ClusterObject live) {
        return PolicyReader.authorizationPolicy(live.tree())
                .map(found -> found.target().equals(wanted.target())
                        && found.action() == wanted.action()
                        && found.provider().equals(wanted.provider())
                        && found.rules().equals(wanted.rules())
                        && found.metadata().labels().entrySet().containsAll(wanted.metadata().labels().entrySet())
                        && found.metadata().annotations().entrySet().containsAll(wanted.metadata().annotations().entrySet())
                        && found.dryRun() == wanted.dryRun())
                .orElse(false);
    }
}
