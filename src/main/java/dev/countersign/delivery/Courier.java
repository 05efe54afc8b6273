package dev.countersign.delivery;

import dev.countersign.clusters.ApiResource;
import dev.countersign.clusters.ApplyOutcome;
import dev.countersign.clusters.ClusterConnection;
import dev.countersign.clusters.ClusterObject;
import dev.countersign.clusters.ClusterTrouble;
import dev.countersign.clusters.ObjectVersion;
import dev.countersign.clusters.ReadOutcome;
import dev.countersign.policy.compile.CompiledPolicy;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.yaml.Document;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.PolicyWriter;
import dev.countersign.policy.yaml.Reading;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Brings one revision to one cluster: read, compare, dry run, apply, read back. Holds no transaction and no state; what it
/// learned is the receipt.
///
/// - Where nothing speaks against it, the object is taken to be as the cluster confirmed it last, and the dry run says whether
///   it is: it names that very state. In every other case it is read first.
/// - What is already as it should be is not written again: a write whose answer was lost is adopted.
/// - An object of that name that is not ours is never touched. (One of another name is only with an approved adoption of exactly
///   that object, and not from here: `adoption`.)
/// - While a stop holds, only what is proven to open nothing is written (`StopGuard`); the rest comes back as held.
/// - Fields that another hand took over in our own object are taken back, and the receipt names the hand; after `ROUNDS`
///   rounds it stops and asks a person.
final class Courier {
    /// How often a foreign change is put right before a person has to decide.
    static final int ROUNDS = 5;

    private final ClusterConnection cluster;
    private final String tenantSlug;
    private final BooleanSupplier stillOurs;
    private final Optional<StopGuard> guard;

    /// `stillOurs`: whether the claim holds; asked directly before every real write, so that a courier that slept through its
    /// lease writes nothing.
    Courier(ClusterConnection cluster, String tenantSlug, BooleanSupplier stillOurs, Optional<StopGuard> guard) {
        this.guard = guard;
        this.cluster = cluster;
        this.tenantSlug = tenantSlug;
        this.stillOurs = stillOurs;
    }

    Receipt deliver(Consignment consignment) {
        AuthorizationPolicy wanted = parse(consignment);
        if (isUndisturbed(consignment)) {
            Optional<Receipt> held = guard.filter(stop -> stop.mayOpen(stop.confirmed(), wanted)).map(stop -> stop.held(stop.confirmed(), wanted));
            if (held.isPresent()) {
                return held.get();
            }
            Map<String, Object> tree = PolicyWriter.tree(wanted);
            switch (cluster.dryRun(tree, consignment.known())) {
                case ApplyOutcome.Applied _ -> {
                    return apply(wanted, tree, consignment.known());
                }
                // Out of reach or told to wait: nothing more is asked now.
                case ClusterTrouble.Unreachable trouble -> {
                    return receipt(trouble);
                }
                case ApplyOutcome _ -> {}
            }
        }
        return read(consignment, wanted);
    }

    private Receipt read(Consignment consignment, AuthorizationPolicy wanted) {
        return switch (read(consignment)) {
            case ReadOutcome.Absent() when guard.isPresent() && guard.get().mayOpen(Optional.empty(), wanted) -> guard.get().held(Optional.empty(), wanted);
            case ReadOutcome.Absent() -> write(wanted, Optional.empty(), consignment);
            case ReadOutcome.Found(ClusterObject live) -> reconcile(consignment, wanted, live);
            case ClusterTrouble trouble -> receipt(trouble);
        };
    }

    /// A later revision of what was confirmed, at its first attempt, with nothing heard of another hand.
    private static boolean isUndisturbed(Consignment consignment) {
        return consignment.known().isPresent()
                && consignment.attempts() == 0
                && !consignment.drifted()
                && !consignment.appliedRevision().equals(Optional.of(consignment.revision()));
    }

    private ReadOutcome read(Consignment consignment) {
        return cluster.read(ApiResource.AUTHORIZATION_POLICIES, consignment.key().namespace(), consignment.key().name());
    }

    private Receipt reconcile(Consignment consignment, AuthorizationPolicy wanted, ClusterObject live) {
        boolean sameObject = consignment.known().map(known -> known.uid().equals(live.uid())).orElse(false);
        if (!sameObject && !ours(live)) {
            return notOurs(live);
        }
        if (isAsWanted(wanted, live)) {
            return new Receipt.Delivered(Receipt.Delivered.How.ADOPTED, live, List.of());
        }
        // What cannot be read is not compared: it counts as closed.
        Optional<AuthorizationPolicy> present = PolicyReader.authorizationPolicy(live.tree());
        if (guard.isPresent() && (present.isEmpty() || guard.get().mayOpen(present, wanted))) {
            return guard.get().held(present, wanted);
        }
        return write(wanted, Optional.of(live.version()), consignment);
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

    private Receipt write(AuthorizationPolicy wanted, Optional<ObjectVersion> expected, Consignment consignment) {
        Map<String, Object> tree = PolicyWriter.tree(wanted);
        return switch (cluster.dryRun(tree, expected)) {
            case ApplyOutcome.Applied _ -> apply(wanted, tree, expected);
            // Made by somebody in this moment, or not the object that this cluster confirmed to us: never forced.
            case ApplyOutcome.Conflicted conflict when !confirmed(consignment, expected) -> receipt(conflict);
            case ApplyOutcome.Conflicted conflict when consignment.driftRounds() >= ROUNDS -> new Receipt.Contested(
                    String.join(", ", conflict.managers()) + " keeps changing this policy: " + conflict.words(),
                    "Stop the other controller, or end the grants; then reconcile.", conflict.managers());
            // Our own object: the approved content is put back, on the record, with the name of the hand that changed it.
            case ApplyOutcome.Conflicted conflict -> stillOurs.getAsBoolean()
                    ? readBack(wanted, cluster.takeBack(tree, expected.get()), Receipt.Delivered.How.TAKEN_BACK, conflict.managers())
                    : overtaken();
            case ApplyOutcome other -> receipt(other);
        };
    }

    private Receipt apply(AuthorizationPolicy wanted, Map<String, Object> tree, Optional<ObjectVersion> expected) {
        return stillOurs.getAsBoolean() ? alone(readBack(wanted, cluster.apply(tree, expected), Receipt.Delivered.How.APPLIED, List.of()), expected) : overtaken();
    }

    /// What is absent has no version that a write could demand: whoever made it in this moment, with nothing in it that conflicts
    /// with ours, is found afterwards, as an owner of fields that a policy of our own making has not.
    private static Receipt alone(Receipt receipt, Optional<ObjectVersion> expected) {
        return expected.isEmpty() && receipt instanceof Receipt.Delivered delivered && !others(delivered.object()).isEmpty() ? notOurs(delivered.object()) : receipt;
    }

    /// Nobody will read it: the record refuses the word of a courier whose fence is old.
    private static Receipt overtaken() {
        return new Receipt.Postponed(true, "another courier has taken over", "Nothing has to be done.", Optional.empty());
    }

    /// "Applied" is said only about what the cluster then holds.
    private Receipt readBack(AuthorizationPolicy wanted, ApplyOutcome outcome, Receipt.Delivered.How how, List<String> managers) {
        if (!(outcome instanceof ApplyOutcome.Applied)) {
            return receipt(outcome);
        }
        return switch (cluster.read(ApiResource.AUTHORIZATION_POLICIES, wanted.metadata().namespace(), wanted.metadata().name())) {
            case ReadOutcome.Found(ClusterObject live) when isAsWanted(wanted, live) -> new Receipt.Delivered(how, live, managers);
            case ReadOutcome.Found(ClusterObject live) -> new Receipt.Refused("MUTATED",
                    "the cluster took the policy and holds another: " + PolicyWriter.text(live.tree()),
                    Receipt.Again.SLOWLY.beside("An admission webhook or another controller changes it. Exempt objects managed by countersign."), live.managers(),
                    Receipt.Again.SLOWLY);
            case ReadOutcome.Absent() -> new Receipt.Postponed(true, "the policy was gone when it was read back", "It is written again.", Optional.empty());
            case ClusterTrouble trouble -> receipt(trouble);
        };
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
    private static boolean confirmed(Consignment consignment, Optional<ObjectVersion> expected) {
        return expected.isPresent()
                && consignment.known().map(known -> known.uid().equals(expected.get().uid())).orElse(false);
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

    private static AuthorizationPolicy parse(Consignment consignment) {
        if (PolicyReader.read(consignment.yaml()) instanceof Reading.Read(List<Document> documents) && documents.size() == 1) {
            Optional<AuthorizationPolicy> policy = PolicyReader.authorizationPolicy(documents.getFirst().tree());
            if (policy.isPresent()) {
                return policy.get();
            }
        }
        throw new IllegalStateException("revision " + consignment.revision() + " of " + consignment.key() + " is not a policy");
    }
}
