package dev.countersign.tenancy;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/// Whether a request that comes now gets a connection that works. That all are taken is no reason to send requests elsewhere, where
/// it may be no better: then they are told to come again. That there are none, or dead ones, is.
@Component
class RequestsHealthIndicator implements HealthIndicator {
    private final Pools pools;

    RequestsHealthIndicator(Pools pools) {
        this.pools = pools;
    }

    @Override
    public Health health() {
        return pools.answers(Lane.REQUESTS) ? Health.up().build() : Health.down().build();
    }
}
