package dev.countersign.delivery;

import dev.countersign.policy.compile.GrantedAccess;
import dev.countersign.policy.compile.TargetWorkload;
import dev.countersign.policy.model.Target;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/// Which grants become policies at this moment. All that are active, but for workloads whose deliveries are stopped: of those
/// only grants that are in the policy that the cluster confirmed last. A revision that is written while a stop holds is therefore
/// the confirmed one without the grants that ended since: it opens nothing, and no end of a grant waits behind an opening that does.
///
/// - The labels that such a policy selects are the confirmed ones: another selection would leave pods without a policy.
/// - Where nothing was ever confirmed, everything is let through to the revision, and the courier holds it whole
///   (`StopGuard`): the first policy of a workload closes it for others as well as it opens, and neither is delivered by halves. When
///   every grant of it has ended, what is left only closes, and goes.
@Component
class Admission {
    private final StopLedger stops;
    private final ConfirmedPolicies confirmed;

    Admission(StopLedger stops, ConfirmedPolicies confirmed) {
        this.stops = stops;
        this.confirmed = confirmed;
    }

    /// What is compiled.
    record Admitted(List<GrantedAccess> grants, List<TargetWorkload> baselines) {}

    /// `only`: the one workload that is planned; empty for the whole cluster.
    @Transactional(propagation = Propagation.MANDATORY)
    public Admitted of(UUID cluster, Optional<TargetWorkload> only, List<GrantedAccess> active, List<TargetWorkload> baselines) {
        List<DeliveryStop> holding = stops.holding(cluster);
        if (holding.isEmpty()) {
            return new Admitted(active, baselines);
        }
        Map<String, ConfirmedPolicy> known = only
                .map(workload -> confirmed.of(cluster, workload.namespace(), workload.workload()).map(policy -> Map.of(workload.key(), policy)).orElse(Map.of()))
                .orElseGet(() -> confirmed.in(cluster));
        return admitted(holding, known, active, baselines);
    }

    /// `known`: what was confirmed, by workload.
    static Admitted admitted(List<DeliveryStop> holding, Map<String, ConfirmedPolicy> known, List<GrantedAccess> active, List<TargetWorkload> baselines) {
        return new Admitted(
                active.stream().filter(grant -> held(holding, known, grant.target()).map(policy -> policy.grants().contains(grant.grantId())).orElse(true)).toList(),
                baselines.stream().map(target -> asConfirmed(target, held(holding, known, target))).toList());
    }

    /// The confirmed policy of a workload that is stopped; empty where it is not, or where nothing was confirmed.
    private static Optional<ConfirmedPolicy> held(List<DeliveryStop> holding, Map<String, ConfirmedPolicy> known, TargetWorkload target) {
        return holding.stream().anyMatch(stop -> stop.covers(target.namespace(), target.workload())) ? Optional.ofNullable(known.get(target.key())) : Optional.empty();
    }

    private static TargetWorkload asConfirmed(TargetWorkload target, Optional<ConfirmedPolicy> confirmed) {
        return confirmed.isPresent() && confirmed.get().policy().target() instanceof Target.Selector(Map<String, String> labels)
                ? new TargetWorkload(target.namespace(), target.workload(), labels)
                : target;
    }
}
