package dev.countersign.delivery;

import dev.countersign.grants.Rollouts;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Looks after the rollouts of every tenant, whichever replica comes first: each one that is due in a transaction of its own. At most
/// `MOST` are looked at together; the next look, anybody's, goes on after them.
@Component
class RolloutJob {
    private static final Logger LOG = LoggerFactory.getLogger(RolloutJob.class);

    private static final int MOST = 1_000;
    /// Where another looked so shortly before, nobody does.
    private static final Duration PAUSE = Duration.ofMillis(2_500);

    private final Tenants tenants;
    private final Rollouts rollouts;
    private final RolloutStep step;

    RolloutJob(Tenants tenants, Rollouts rollouts, RolloutStep step) {
        this.tenants = tenants;
        this.rollouts = rollouts;
        this.step = step;
    }

    @Scheduled(fixedDelayString = "PT3S", initialDelayString = "PT3S")
    void everyTenant() {
        tenants.all().forEach(tenant -> look(tenant, MOST, PAUSE));
    }

    void look(Tenant tenant, int most, Duration pause) {
        try {
            // Committed before they are looked at: nobody waits for that.
            List<Long> requests = tenants.inTenant(tenant.id(), () -> rollouts.turn(most, pause));
            tenants.inTenant(tenant.id(), () -> step.due(requests)).forEach(request -> take(tenant, request));
        } catch (RuntimeException e) {
            // One tenant's trouble is no other tenant's.
            LOG.atWarn().setCause(e).addKeyValue("tenant", tenant.slug()).log("Rollouts could not be looked at; it is tried again");
        }
    }

    private void take(Tenant tenant, long request) {
        try {
            tenants.doInTenant(tenant.id(), () -> step.take(request));
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).addKeyValue("tenant", tenant.slug()).addKeyValue("request", request).log("A rollout could not go on; it is tried again");
        }
    }
}
