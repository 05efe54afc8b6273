package dev.countersign.api;

import dev.countersign.delivery.DeliveryStop;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// That somebody stopped deliveries. `namespace` and `workload` are null for a whole cluster, `release` while it holds.
record DeliveryStopDocument(
        long number, State state, String cluster, Optional<String> namespace, Optional<String> workload, DeliveryStop.MadeAs madeAs, String reason,
        PersonDocument by, Instant at, Optional<ReleaseDocument> release) {
    enum State {
        HOLDING,
        RELEASED
    }

    record ReleaseDocument(PersonDocument by, Instant at, String reason) {}

    record DeliveryStopListDocument(List<DeliveryStopDocument> items, Optional<String> next) {}

    static DeliveryStopDocument of(DeliveryStop stop) {
        return new DeliveryStopDocument(stop.number(), stop.holds() ? State.HOLDING : State.RELEASED, stop.cluster().name(),
                stop.workload().map(DeliveryStop.Held::namespace), stop.workload().map(DeliveryStop.Held::workload), stop.madeAs(), stop.reason(),
                PersonDocument.of(stop.by()), stop.at(),
                stop.release().map(release -> new ReleaseDocument(PersonDocument.of(release.by()), release.at(), release.reason())));
    }
}
