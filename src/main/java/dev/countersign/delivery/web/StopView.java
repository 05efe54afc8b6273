package dev.countersign.delivery.web;

import dev.countersign.delivery.DeliveryStop;
import java.time.Instant;
import java.util.List;

/// A stop that holds, as pages show it. `waiting`: the requests that wait for its release.
public record StopView(long number, String what, String by, String reason, Instant at, String advice, List<Long> waiting, boolean mayRelease) {
    static StopView of(DeliveryStop stop, List<Long> waiting, boolean mayRelease) {
        return new StopView(stop.number(), stop.what(), stop.by().name(), stop.reason(), stop.at(), stop.advice(), waiting, mayRelease);
    }
}
