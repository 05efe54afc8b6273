package dev.countersign.delivery;

import dev.countersign.clusters.ClusterRef;
import dev.countersign.delivery.DeliveryBoard.Standing;
import dev.countersign.grants.Grant;
import dev.countersign.grants.GrantLedger;
import dev.countersign.grants.GrantState;
import dev.countersign.grants.Suspension;
import dev.countersign.grants.Suspensions;
import dev.countersign.policy.compile.TargetWorkload;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/// Which requests wait for the release of a stop: those whose grants are active and not in what the cluster confirmed. And which are
/// suspended: the policy stands without them.
@Component
@Transactional(propagation = Propagation.MANDATORY)
class HeldRequests {
    private final StopLedger stops;
    private final ConfirmedPolicies confirmed;
    private final GrantLedger grants;
    private final Suspensions suspensions;

    HeldRequests(StopLedger stops, ConfirmedPolicies confirmed, GrantLedger grants, Suspensions suspensions) {
        this.suspensions = suspensions;
        this.stops = stops;
        this.confirmed = confirmed;
        this.grants = grants;
    }

    /// How a request stands, with what waits: a policy that stands without it does not count as delivered for it.
    public List<Standing> beside(long request, List<Standing> known) {
        List<Standing> lines = new ArrayList<>(known);
        for (Grant grant : grants.ofRequest(request)) {
            if (grant.state() == GrantState.ACTIVE) {
                grant.targets().forEach(target -> hold(lines, grant, target));
            }
            grant.suspension().flatMap(suspensions::find).ifPresent(suspension -> suspend(lines, suspension));
        }
        return lines;
    }

    private static void suspend(List<Standing> lines, Suspension suspension) {
        lines.replaceAll(line -> line.cluster().id().equals(suspension.cluster().id()) && line.namespace().equals(suspension.namespace())
                        && line.workload().equals(suspension.workload())
                ? new Standing(line.cluster(), line.namespace(), line.name(), line.workload(), DeliveryState.SUSPENDED, line.revision(), line.desiredRevision(),
                        line.appliedRevision(), Optional.empty(), suspension.at(), suspension.words(), suspension.advice(), List.of(), line.rules(), line.requests())
                : line);
    }

    private void hold(List<Standing> lines, Grant grant, TargetWorkload target) {
        ClusterRef cluster = grant.place().cluster();
        Optional<DeliveryStop> found = stops.over(cluster.id(), target.namespace(), target.workload());
        if (found.isEmpty()) {
            return;
        }
        DeliveryStop stop = found.get();
        Optional<ConfirmedPolicy> policy = confirmed.of(cluster.id(), target.namespace(), target.workload());
        if (policy.isPresent() && policy.get().grants().contains(grant.id().toString())) {
            return;
        }
        for (int i = 0; i < lines.size(); i++) {
            Standing line = lines.get(i);
            if (line.cluster().id().equals(cluster.id()) && line.namespace().equals(target.namespace()) && line.workload().equals(target.workload())) {
                lines.set(i, new Standing(line.cluster(), line.namespace(), line.name(), line.workload(), DeliveryState.WAITING, line.revision(), line.desiredRevision(),
                        line.appliedRevision(), Optional.empty(), stop.at(), stop.words(), stop.advice(), List.of(), line.rules(), line.requests()));
                return;
            }
        }
        policy.ifPresent(known -> lines.add(new Standing(cluster, target.namespace(), known.policy().metadata().name(), target.workload(), DeliveryState.WAITING, 0, 0,
                Optional.empty(), Optional.empty(), stop.at(), stop.words(), stop.advice(), List.of(), 0, List.of(grant.requestNumber()))));
    }

    /// The requests whose grants the cluster has not confirmed, by `namespace/workload`; each list by number.
    public Map<String, List<Long>> in(UUID cluster) {
        Map<String, ConfirmedPolicy> policies = confirmed.in(cluster);
        Map<String, TreeSet<Long>> waiting = new TreeMap<>();
        for (Grant grant : grants.activeGrants(cluster)) {
            for (TargetWorkload target : grant.targets()) {
                ConfirmedPolicy policy = policies.get(target.key());
                if (policy == null || !policy.grants().contains(grant.id().toString())) {
                    waiting.computeIfAbsent(target.key(), key -> new TreeSet<>()).add(grant.requestNumber());
                }
            }
        }
        return waiting.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, entry -> List.copyOf(entry.getValue())));
    }
}
