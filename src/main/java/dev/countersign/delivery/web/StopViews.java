package dev.countersign.delivery.web;

import dev.countersign.clusters.ClusterRef;
import dev.countersign.delivery.DeliveryBoard;
import dev.countersign.delivery.DeliveryStop;
import dev.countersign.delivery.RollbackDesk;
import dev.countersign.delivery.StopDesk;
import dev.countersign.grants.Suspension;
import dev.countersign.identity.CurrentPerson;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/// The stops of a cluster or a workload, each with what waits for its release and whether this person may release it; and what keeps
/// grants of a workload out.
@Component
class StopViews {
    private final StopDesk desk;
    private final DeliveryBoard board;
    private final RollbackDesk rollbacks;

    StopViews(StopDesk desk, DeliveryBoard board, RollbackDesk rollbacks) {
        this.rollbacks = rollbacks;
        this.desk = desk;
        this.board = board;
    }

    List<StopView> of(CurrentPerson me, UUID cluster) {
        return views(me, cluster, desk.holding(cluster), "");
    }

    List<StopView> of(CurrentPerson me, UUID cluster, DeliveryStop.Held workload) {
        return views(me, cluster, desk.holding(cluster, workload), key(workload));
    }

    List<SuspensionView> suspensions(CurrentPerson me, UUID cluster, DeliveryStop.Held workload) {
        List<Suspension> holding = rollbacks.holding(cluster, workload.namespace(), workload.workload());
        boolean mayRollBack = !holding.isEmpty() && rollbacks.mayRollBack(me, holding.getFirst().cluster(), workload);
        return holding.stream()
                .map(suspension -> SuspensionView.of(suspension, rollbacks.mayResume(me, suspension, mayRollBack)))
                .toList();
    }

    boolean mayRollBack(CurrentPerson me, ClusterRef cluster, String namespace, String workload) {
        return rollbacks.mayRollBack(me, cluster, new DeliveryStop.Held(namespace, workload));
    }

    /// `only`: of what waits, that of this workload; "" for everything that the stop covers.
    private List<StopView> views(CurrentPerson me, UUID cluster, List<DeliveryStop> stops, String only) {
        if (stops.isEmpty()) {
            return List.of();
        }
        Map<String, List<Long>> unconfirmed = board.unconfirmed(cluster);
        return stops.stream()
                .map(stop -> {
                    String key = only.isEmpty() ? stop.workload().map(StopViews::key).orElse("") : only;
                    Stream<Long> waiting = key.isEmpty() ? unconfirmed.values().stream().flatMap(List::stream) : unconfirmed.getOrDefault(key, List.of()).stream();
                    return StopView.of(stop, waiting.sorted().distinct().toList(), desk.mayRelease(me, stop));
                })
                .toList();
    }

    private static String key(DeliveryStop.Held workload) {
        return workload.namespace() + "/" + workload.workload();
    }
}
