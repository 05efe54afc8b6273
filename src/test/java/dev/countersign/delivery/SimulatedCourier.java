package dev.countersign.delivery;

import dev.countersign.clusters.ApplyOutcome;
import dev.countersign.clusters.ClusterObject;
import dev.countersign.clusters.ClusterTrouble;
import dev.countersign.clusters.ObjectVersion;
import dev.countersign.clusters.ReadOutcome;
import dev.countersign.histories.Bug;
import dev.countersign.policy.compile.CompiledPolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A courier that is held between any two steps of its errand: it says what it would ask, and goes on when it is told the answer.
public final class SimulatedCourier {
    /// What is to be asked next.
    public enum Question {
        READ,
        CLAIM,
        CREATE,
        SETTLE,
        APPLY,
        TAKE_BACK,
        NOTHING
    }

    private final String slug;
    private final Bug bug;
    private Errand.Step step;

    SimulatedCourier(SimulatedLedger.Claimed claimed, String slug, Optional<StopGuard> guard, Bug bug) {
        this.slug = slug;
        this.bug = bug;
        step = new Errand(claimed.consignment, claimed.wanted, slug, guard).first();
    }

    private SimulatedCourier(String slug, Bug bug, Errand.Step step) {
        this.slug = slug;
        this.bug = bug;
        this.step = step;
    }

    public Question next() {
        return switch (step) {
            case Errand.Step.Read _ -> Question.READ;
            case Errand.Step.AskForClaim _ -> Question.CLAIM;
            case Errand.Step.Create _ -> Question.CREATE;
            case Errand.Step.Settle _ -> Question.SETTLE;
            case Errand.Step.Apply _ -> Question.APPLY;
            case Errand.Step.TakeBack _ -> Question.TAKE_BACK;
            case Errand.Step.Done _ -> Question.NOTHING;
        };
    }

    public Map<String, Object> tree() {
        return switch (step) {
            case Errand.Step.Create create -> create.tree();
            case Errand.Step.Settle settle -> settle.made().tree();
            case Errand.Step.Apply apply -> apply.tree();
            case Errand.Step.TakeBack takeBack -> takeBack.tree();
            case Errand.Step other -> throw new IllegalStateException("nothing is sent with " + other);
        };
    }

    /// What the write demands.
    public Optional<ObjectVersion> expected() {
        return bug == Bug.EXPECTED_STATE_NOT_SENT ? Optional.empty() : looked();
    }

    /// The resource version that it looked at and decides on.
    public Optional<String> seen() {
        return looked().map(ObjectVersion::resourceVersion);
    }

    private Optional<ObjectVersion> looked() {
        return switch (step) {
            case Errand.Step.Create _ -> Optional.empty();
            case Errand.Step.Settle settle -> Optional.of(settle.made().version());
            case Errand.Step.Apply apply -> Optional.of(apply.expected());
            case Errand.Step.TakeBack takeBack -> Optional.of(takeBack.expected());
            case Errand.Step other -> throw new IllegalStateException("nothing is sent with " + other);
        };
    }

    public void told(ReadOutcome outcome) {
        step = ((Errand.Step.Read) step).then().apply(bug == Bug.LABEL_NOT_LOOKED_AT ? labelled(outcome) : outcome);
    }

    public void told(ApplyOutcome outcome) {
        step = switch (step) {
            case Errand.Step.Create create -> create.then().apply(outcome);
            case Errand.Step.Settle settle -> settle.then().apply(outcome);
            case Errand.Step.Apply apply -> apply.then().apply(outcome);
            case Errand.Step.TakeBack takeBack -> takeBack.then().apply(outcome);
            case Errand.Step other -> throw new IllegalStateException("nothing was applied at " + other);
        };
    }

    public void told(boolean ours) {
        step = ((Errand.Step.AskForClaim) step).then().apply(ours);
    }

    /// Comes back without having set off.
    public void refused(ClusterTrouble trouble) {
        step = new Errand.Step.Done(SimulatedLedger.refusal(trouble));
    }

    /// One that says it had written, before it has.
    public SimulatedCourier pretending() {
        return new SimulatedCourier(slug, bug, new Errand.Step.Done(new Receipt.Delivered(Receipt.Delivered.How.APPLIED,
                new ClusterObject(Map.of("metadata", Map.of("uid", "unknown", "resourceVersion", "1"))), List.of())));
    }

    /// Whether the cluster did not answer, so that another may by now.
    public boolean lostTouch() {
        return receipt() instanceof Receipt.Postponed postponed && !postponed.answered();
    }

    Receipt receipt() {
        return ((Errand.Step.Done) step).receipt();
    }

    public String words() {
        return switch (receipt()) {
            case Receipt.Delivered _ -> "";
            case Receipt.Refused refused -> refused.words();
            case Receipt.Contested contested -> contested.words();
            case Receipt.Held held -> held.words();
            case Receipt.Broken broken -> broken.words();
            case Receipt.Postponed postponed -> postponed.words();
        };
    }

    /// What it comes to, in a word.
    public String result() {
        return switch (receipt()) {
            case Receipt.Delivered delivered -> delivered.how().name();
            case Receipt.Refused refused -> "REFUSED " + refused.outcome();
            case Receipt.Contested _ -> "CONTESTED";
            case Receipt.Held _ -> "HELD";
            case Receipt.Broken _ -> "BROKEN";
            case Receipt.Postponed _ -> "POSTPONED";
        };
    }

    private ReadOutcome labelled(ReadOutcome outcome) {
        if (!(outcome instanceof ReadOutcome.Found(ClusterObject object)) || !(object.tree().get("metadata") instanceof Map<?, ?> metadata)
                || !(metadata.get("labels") instanceof Map<?, ?> labels) || !labels.containsKey(CompiledPolicy.TENANT)) {
            return outcome;
        }
        Map<Object, Object> ours = new LinkedHashMap<>(labels);
        ours.put(CompiledPolicy.TENANT, slug);
        Map<Object, Object> changed = new LinkedHashMap<>(metadata);
        changed.put("labels", ours);
        Map<String, Object> tree = new LinkedHashMap<>(object.tree());
        tree.put("metadata", changed);
        return new ReadOutcome.Found(new ClusterObject(tree));
    }
}
