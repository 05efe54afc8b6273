package dev.countersign.notices;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What webhooks tell, a closed list: kinds of entries of the record, each with what it means for a receiver. Names are never changed
/// and never given to something else.
public enum EventKind {
    REQUEST_SUBMITTED("request.submitted", "A request was submitted."),
    REQUEST_REVISED("request.revised", "A request has a new version; reviews of the one before no longer count."),
    REQUEST_REVIEWED("request.reviewed", "Somebody agreed; more is needed to approve."),
    REQUEST_APPROVED("request.approved", "A review approved the request; its grants follow."),
    REQUEST_REJECTED("request.rejected", "A review rejected the request."),
    REQUEST_CHANGES_REQUESTED("request.changes-requested", "A review asked for changes."),
    REQUEST_WITHDRAWN("request.withdrawn", "The request was withdrawn."),
    REQUEST_LAPSED("request.lapsed", "The request was not decided in time."),
    GRANT_CREATED("grant.created", "Access was granted in one cluster."),
    GRANT_REVOKED("grant.revoked", "A grant was ended by somebody before its time."),
    GRANT_EXPIRED("grant.expired", "A grant's time is over."),
    GRANTS_SUSPENDED("grants.suspended", "A policy was rolled back: grants are taken out of it until somebody lifts that."),
    GRANTS_RESUMED("grants.resumed", "A suspension was lifted."),
    ROLLOUT_STARTED("rollout.started", "A request is delivered in waves."),
    ROLLOUT_WAVE_ADMITTED("rollout.wave-admitted", "A wave was let in."),
    ROLLOUT_WAVE_DONE("rollout.wave-done", "Everything of a wave is delivered."),
    ROLLOUT_HALTED("rollout.halted", "Something is wrong with a wave, and the next one waits."),
    ROLLOUT_RESUMED("rollout.resumed", "What had halted the rollout is over."),
    ROLLOUT_CONTINUED("rollout.continued", "Somebody let the next wave in."),
    POLICY_REVISED("policy.revised", "A policy has a new revision, on its way to the cluster."),
    POLICY_APPLIED("policy.applied", "The cluster has the policy at this revision."),
    POLICY_TAKEN_BACK("policy.taken-back", "The cluster has the policy again; another hand had taken it over."),
    POLICY_PUSHED("policy.pushed", "The policy's file is in the Git repository of the cluster."),
    POLICY_RESTORED("policy.restored", "The policy's file was put back; another hand had changed it."),
    POLICY_REFUSED("policy.refused", "The cluster or its repository refused the policy."),
    POLICY_CONTESTED("policy.contested", "Another hand keeps changing the policy; the portal stopped putting it right."),
    POLICY_HELD("policy.held", "A revision waits because deliveries are stopped."),
    POLICY_POSTPONED("policy.postponed", "The cluster could not be reached; the delivery is tried again."),
    POLICY_NOT_COMPILED("policy.not-compiled", "What is granted for a workload cannot become one policy."),
    POLICY_DRIFTED("policy.drifted", "The cluster shows something else than what was applied."),
    DELIVERY_STOPPED("delivery.stopped", "Somebody stopped deliveries of a workload or a cluster."),
    DELIVERY_RELEASED("delivery.released", "Deliveries go on."),
    CLUSTER_PAUSED("cluster.paused", "The cluster does not answer; deliveries to it wait."),
    CLUSTER_RESUMED("cluster.resumed", "The cluster answers again."),
    REPOSITORY_PAUSED("repository.paused", "The Git repository of a cluster does not answer; pushes wait."),
    REPOSITORY_RESUMED("repository.resumed", "The Git repository answers again."),
    ADOPTION_PROPOSED("adoption.proposed", "Somebody proposed to take over a policy that the portal did not make."),
    ADOPTION_REMOVING("adoption.removing", "The policy that was taken over is being removed."),
    ADOPTION_REMOVED("adoption.removed", "The policy that was taken over is gone."),
    ADOPTION_STOPPED("adoption.stopped", "The policy that was taken over was not removed.");

    /// What an administrator sends to see whether a receiver takes it; not chosen, and told to one webhook only.
    static final String TEST = "webhook.tested";

    private static final String PREFIX = "dev.countersign.";
    private static final Map<String, EventKind> BY_ENTRY = Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(EventKind::entry, Function.identity()));

    private final String entry;
    private final String words;

    EventKind(String entry, String words) {
        this.entry = entry;
        this.words = words;
    }

    /// The `type` of the CloudEvent: `dev.countersign.request.submitted`.
    public String type() {
        return PREFIX + entry;
    }

    /// The kind of the entries of the record: `request.submitted`.
    public String entry() {
        return entry;
    }

    /// What it means, a sentence.
    public String words() {
        return words;
    }

    /// What it is about, first: `request`.
    public String family() {
        return entry.substring(0, entry.indexOf('.'));
    }

    static String type(String entry) {
        return PREFIX + entry;
    }

    static Optional<EventKind> ofEntry(String entry) {
        return Optional.ofNullable(BY_ENTRY.get(entry));
    }

    public static Optional<EventKind> ofType(String type) {
        return type.startsWith(PREFIX) ? ofEntry(type.substring(PREFIX.length())) : Optional.empty();
    }

    public static List<EventKind> all() {
        return List.of(values());
    }
}
