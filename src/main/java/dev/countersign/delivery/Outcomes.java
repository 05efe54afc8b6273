package dev.countersign.delivery;

import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.tenancy.CurrentTenant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/// Writes down what became of deliveries: how the policy stands, the attempt, an entry of the record where something changed, and what it
/// says of the cluster; all of it or nothing.
@Component
class Outcomes {
    private static final int MAX_ADVICE = 900;

    private final JdbcClient jdbc;
    private final AuditLog audit;
    private final Breakers breakers;

    Outcomes(JdbcClient jdbc, AuditLog audit, Breakers breakers) {
        this.jdbc = jdbc;
        this.audit = audit;
        this.breakers = breakers;
    }

    /// What a courier comes back with.
    record Outcome(ClusterRef cluster, Consignment consignment, Receipt receipt) {}

    /// False when the claim was no longer ours: then nothing is written, and the newer holder tells the story.
    @Transactional
    public boolean record(Outcome outcome) {
        return record(List.of(outcome)).getFirst().orElseThrow();
    }

    /// As `record`, each outcome with its entry, all in one transaction and in this order. What was delivered one after another is written by
    /// the same few statements: others wait for the record meanwhile.
    @Transactional
    public List<Optional<Boolean>> record(List<Outcome> outcomes) {
        audit.hold();
        List<Optional<Boolean>> recorded = new ArrayList<>();
        while (recorded.size() < outcomes.size()) {
            List<Outcome> left = outcomes.subList(recorded.size(), outcomes.size());
            List<Arrived> arrived = left.stream().takeWhile(outcome -> outcome.receipt() instanceof Receipt.Delivered).map(Arrived::of).toList();
            if (arrived.isEmpty()) {
                recorded.add(Optional.of(stopped(left.getFirst())));
            } else {
                arrived(arrived).forEach(ours -> recorded.add(Optional.of(ours)));
            }
        }
        return recorded;
    }

    /// One claim of one policy: the fence tells it from those before and after.
    private record Claim(PolicyKey key, long fence) {}

    /// An outcome that is a delivery.
    private record Arrived(ClusterRef cluster, Consignment consignment, Receipt.Delivered receipt, Aftermath aftermath) {
        static Arrived of(Outcome outcome) {
            Receipt.Delivered delivered = (Receipt.Delivered) outcome.receipt();
            return new Arrived(outcome.cluster(), outcome.consignment(), delivered,
                    Aftermath.of(outcome.consignment(), delivered, "", () -> 0, ThreadLocalRandom.current()));
        }

        Claim claim() {
            return new Claim(consignment.key(), consignment.fence());
        }

        AuditEvent event() {
            String policy = consignment.key().inCluster();
            String sentence = switch (receipt.how()) {
                case TAKEN_BACK -> "took " + policy + " in cluster " + cluster.name() + " back from " + String.join(", ", receipt.managers())
                        + " to revision " + consignment.revision();
                case APPLIED, ADOPTED -> (Aftermath.isNews(consignment) ? "applied " + policy + " at revision " : "put " + policy + " right again at revision ")
                        + consignment.revision() + " in cluster " + cluster.name() + DeliveryFacts.forRequests(consignment.requests());
            };
            return new AuditEvent(receipt.how() == Receipt.Delivered.How.TAKEN_BACK ? "policy.taken-back" : "policy.applied", DeliveryFacts.DELIVERY,
                    DeliveryFacts.subject(cluster, consignment.key().namespace(), consignment.key().name()), sentence,
                    new DeliveryFacts.Applied(cluster.id(), cluster.name(), consignment.key().namespace(), consignment.key().name(), consignment.revision(),
                            consignment.requests(), receipt.how().name(), receipt.object().uid(), receipt.object().resourceVersion(),
                            receipt.object().generation(), receipt.managers())).aboutRequests(consignment.requests());
        }
    }

    /// Of each, whether its claim was still ours.
    private List<Boolean> arrived(List<Arrived> all) {
        Set<Claim> ours = markApplied(all);
        List<Boolean> answers = new ArrayList<>();
        List<Arrived> arrived = new ArrayList<>();
        for (Arrived one : all) {
            boolean mine = ours.remove(one.claim());
            answers.add(mine);
            if (mine) {
                arrived.add(one);
            }
        }
        attempts(arrived.stream().map(one -> new Attempt(one.consignment(), one.aftermath().attempt().orElseThrow(), "")).toList());
        audit.append(arrived.stream().filter(one -> one.aftermath().told()).map(Arrived::event).toList());
        arrived.stream().filter(one -> one.consignment().lastState().equals("REFUSED")).forEach(one -> wakeRefused(one.consignment().key()));
        arrived.stream().map(Arrived::cluster).distinct().forEach(breakers::answered);
        return answers;
    }

    private Set<Claim> markApplied(List<Arrived> all) {
        return new HashSet<>(jdbc.sql("""
                        update policy_object o
                        set state = case when o.desired_revision = a.revision then 'APPLIED' else 'WAITING' end,
                            state_since = now(),
                            applied_revision = a.revision,
                            applied_at = now(),
                            uid = a.uid,
                            resource_version = a.resource_version,
                            words = '',
                            advice = '',
                            managers = '{}',
                            attempts = 0,
                            due_at = case when o.desired_revision = a.revision then null else now() + make_interval(secs => :pace) end,
                            lease_until = null,
                            claimed_by = null
                        from unnest(:clusters::uuid[], :namespaces::text[], :names::text[], :fences::bigint[], :revisions::bigint[], :uids::text[], :versions::text[])
                            as a (cluster_id, namespace, name, fence, revision, uid, resource_version)
                        where (o.tenant_id, o.cluster_id, o.namespace, o.name) = (:tenant, a.cluster_id, a.namespace, a.name)
                          and o.fence = a.fence
                          and o.lease_until is not null
                        returning o.cluster_id, o.namespace, o.name, o.fence""")
                .param("pace", Planner.PACE.toMillis() / 1000.0)
                .param("tenant", CurrentTenant.require().value())
                .param("clusters", all.stream().map(one -> one.consignment().key().cluster()).toArray(UUID[]::new))
                .param("namespaces", all.stream().map(one -> one.consignment().key().namespace()).toArray(String[]::new))
                .param("names", all.stream().map(one -> one.consignment().key().name()).toArray(String[]::new))
                .param("fences", all.stream().map(one -> one.consignment().fence()).toArray(Long[]::new))
                .param("revisions", all.stream().map(one -> one.consignment().revision()).toArray(Long[]::new))
                .param("uids", all.stream().map(one -> one.receipt().object().uid()).toArray(String[]::new))
                .param("versions", all.stream().map(one -> one.receipt().object().resourceVersion()).toArray(String[]::new))
                .query((row, number) -> new Claim(new PolicyKey(row.getObject(1, UUID.class), row.getString(2), row.getString(3)), row.getLong(4)))
                .list());
    }

    /// What a namespace lacked it has again: the others of it are tried too.
    private void wakeRefused(PolicyKey one) {
        jdbc.sql("""
                        update policy_object
                        set due_at = now()
                        where tenant_id = :tenant
                          and cluster_id = :cluster
                          and namespace = :namespace
                          and state = 'REFUSED'
                          and due_at > now()""")
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", one.cluster())
                .param("namespace", one.namespace())
                .update();
    }

    /// Whatever kept it from being delivered; what was delivered is `arrived`.
    private boolean stopped(Outcome outcome) {
        ClusterRef cluster = outcome.cluster();
        Consignment consignment = outcome.consignment();
        Stop stop = Stop.of(cluster, consignment.key().inCluster(), consignment.revision(), outcome.receipt());
        Aftermath aftermath = Aftermath.of(consignment, outcome.receipt(), stop.words(), () -> refused(cluster.id()), ThreadLocalRandom.current());
        if (update(consignment, aftermath.state().name(), stop, aftermath.again()) == 0) {
            return false;
        }
        attempts(aftermath.attempt().map(name -> new Attempt(consignment, name, stop.words())).stream().toList());
        if (aftermath.told()) {
            audit.append(new AuditEvent(stop.kind(), DeliveryFacts.DELIVERY, DeliveryFacts.subject(cluster, consignment.key().namespace(), consignment.key().name()), stop.sentence(),
                    new DeliveryFacts.Trouble(cluster.id(), cluster.name(), consignment.key().namespace(), consignment.key().name(), consignment.revision(),
                            aftermath.attempt().orElseThrow(), stop.words(), stop.managers())).aboutRequests(consignment.requests()));
        }
        switch (aftermath.answer()) {
            case FAILED -> breakers.failed(cluster, stop.words(), outcome.receipt() instanceof Receipt.Postponed postponed ? postponed.retryAfter() : Optional.empty());
            case LOCKED_OUT -> breakers.lockedOut(cluster, stop.words(), Aftermath.LONGEST_PAUSE);
            case ANSWERED -> breakers.answered(cluster);
            case NONE -> {}
        }
        return true;
    }

    /// What is kept and told of a delivery that did not arrive.
    private record Stop(String words, String advice, List<String> managers, String kind, String sentence) {
        Stop {
            words = DeliveryFacts.shortened(words, DeliveryFacts.MAX_WORDS);
            advice = DeliveryFacts.shortened(advice, MAX_ADVICE);
        }

        static Stop of(ClusterRef cluster, String policy, long revision, Receipt receipt) {
            return switch (receipt) {
                case Receipt.Delivered _ -> throw new IllegalArgumentException("it was delivered");
                case Receipt.Refused refused -> new Stop(refused.words(), refused.advice(), refused.managers(), "policy.refused",
                        "was refused " + policy + " by cluster " + cluster.name() + ": " + brief(refused.words()));
                case Receipt.Contested contested -> new Stop(contested.words(), contested.advice(), contested.managers(), "policy.contested",
                        "stopped putting " + policy + " right in cluster " + cluster.name() + " after " + Errand.ROUNDS + " rounds with "
                                + String.join(", ", contested.managers()));
                case Receipt.Held held -> new Stop(held.words(), held.advice(), List.of(), "policy.held",
                        "held revision " + revision + " of " + policy + " back from cluster " + cluster.name()
                                + ": it might open something, and deliveries are " + brief(held.words()));
                case Receipt.Broken broken -> new Stop(broken.words(), broken.advice(), List.of(), "policy.refused",
                        "could not deliver " + policy + " to cluster " + cluster.name() + ": " + broken.words());
                case Receipt.Postponed postponed -> new Stop(postponed.words(), postponed.advice(), List.of(), "policy.postponed",
                        "could not deliver " + policy + " to cluster " + cluster.name() + " yet: " + brief(postponed.words()));
            };
        }

        private static String brief(String words) {
            return DeliveryFacts.shortened(words, 300);
        }
    }

    private long refused(UUID cluster) {
        return jdbc.sql("select count(*) from policy_object where tenant_id = ? and cluster_id = ? and state = 'REFUSED'")
                .params(CurrentTenant.require().value(), cluster)
                .query(Long.class)
                .single();
    }

    private int update(Consignment consignment, String state, Stop stop, Optional<Duration> again) {
        return jdbc.sql("""
                        update policy_object
                        set state = case when desired_revision = :revision then :state else 'WAITING' end,
                            state_since = case when state = :state then state_since else now() end,
                            words = :words,
                            advice = :advice,
                            managers = :managers,
                            attempts = attempts + 1,
                            due_at = case when desired_revision <> :revision then now() else now() + make_interval(secs => :again::double precision) end,
                            lease_until = null,
                            claimed_by = null
                        where (tenant_id, cluster_id, namespace, name) = (:tenant, :cluster, :namespace, :name)
                          and fence = :fence
                          and lease_until is not null""")
                .param("revision", consignment.revision())
                .param("state", state)
                .param("words", stop.words())
                .param("advice", stop.advice())
                .param("managers", stop.managers().toArray(String[]::new))
                .param("again", again.map(pause -> pause.toMillis() / 1000.0).orElse(null))
                .param("tenant", CurrentTenant.require().value())
                .param("cluster", consignment.key().cluster())
                .param("namespace", consignment.key().namespace())
                .param("name", consignment.key().name())
                .param("fence", consignment.fence())
                .update();
    }

    private record Attempt(Consignment consignment, String outcome, String words) {}

    private void attempts(List<Attempt> all) {
        if (all.isEmpty()) {
            return;
        }
        jdbc.sql("""
                        insert into delivery_attempt (tenant_id, cluster_id, namespace, name, revision, outcome, words)
                        select :tenant, a.cluster_id, a.namespace, a.name, a.revision, a.outcome, a.words
                        from unnest(:clusters::uuid[], :namespaces::text[], :names::text[], :revisions::bigint[], :outcomes::text[], :words::text[])
                            as a (cluster_id, namespace, name, revision, outcome, words)""")
                .param("tenant", CurrentTenant.require().value())
                .param("clusters", all.stream().map(one -> one.consignment().key().cluster()).toArray(UUID[]::new))
                .param("namespaces", all.stream().map(one -> one.consignment().key().namespace()).toArray(String[]::new))
                .param("names", all.stream().map(one -> one.consignment().key().name()).toArray(String[]::new))
                .param("revisions", all.stream().map(one -> one.consignment().revision()).toArray(Long[]::new))
                .param("outcomes", all.stream().map(Attempt::outcome).toArray(String[]::new))
                .param("words", all.stream().map(Attempt::words).toArray(String[]::new))
                .update();
    }
}
