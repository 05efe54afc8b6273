package dev.countersign.api;

import dev.countersign.api.RequestDocument.GrantRefDocument;
import dev.countersign.delivery.Resuming;
import dev.countersign.delivery.Rollback;
import dev.countersign.grants.Grant;
import dev.countersign.grants.Suspension;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// That somebody rolled a policy back. `grants` are the numbers of all that it suspended, `standing` of those that have not ended;
/// `resumption` is null until it is lifted.
record SuspensionDocument(
        long number, Suspension.State state, String cluster, String namespace, String workload, String policy, long fromRevision, long toRevision,
        Suspension.MadeAs madeAs, String reason, PersonDocument by, Instant at, List<Long> grants, List<Long> standing, Optional<ResumptionDocument> resumption) {
    record ResumptionDocument(PersonDocument by, Instant at, String reason) {}

    record SuspensionListDocument(List<SuspensionDocument> items, Optional<String> next) {}

    /// What rolling back would do. `suspends`: what it keeps out; `ended`: what the chosen revision carried and does not come back; `kept`: what
    /// another suspension keeps out. `impossible`: why what is left cannot become a policy.
    record RollbackDocument(
            String cluster, String namespace, String policy, String workload, long current, long revision, String digest, List<GrantRefDocument> suspends,
            List<GrantRefDocument> ended, List<GrantRefDocument> kept, EffectDocument effect, Optional<String> impossible) {
        static RollbackDocument of(Rollback rollback) {
            return new RollbackDocument(rollback.cluster().name(), rollback.target().namespace(), rollback.policy(), rollback.target().workload(), rollback.current(),
                    rollback.revision(), rollback.digest(), grants(rollback.suspends()), grants(rollback.ended()), grants(rollback.kept()), EffectDocument.of(rollback.effect()),
                    rollback.impossible());
        }
    }

    /// What lifting a suspension would do.
    record ResumingDocument(long suspension, long current, String digest, List<GrantRefDocument> grants, EffectDocument effect, Optional<String> impossible) {
        static ResumingDocument of(Resuming resuming) {
            return new ResumingDocument(resuming.suspension().number(), resuming.current(), resuming.digest(), SuspensionDocument.grants(resuming.grants()),
                    EffectDocument.of(resuming.effect()), resuming.impossible());
        }
    }

    static SuspensionDocument of(Suspension suspension) {
        return new SuspensionDocument(suspension.number(), suspension.state(), suspension.cluster().name(), suspension.namespace(), suspension.workload(),
                suspension.policy(), suspension.fromRevision(), suspension.toRevision(), suspension.madeAs(), suspension.reason(), PersonDocument.of(suspension.by()),
                suspension.at(), suspension.grants(), suspension.standing(),
                suspension.resumption().map(lifted -> new ResumptionDocument(PersonDocument.of(lifted.by()), lifted.at(), lifted.reason())));
    }

    private static List<GrantRefDocument> grants(List<Grant> grants) {
        return grants.stream().map(grant -> new GrantRefDocument(grant.number(), grant.place().cluster().name(), grant.state())).toList();
    }
}
