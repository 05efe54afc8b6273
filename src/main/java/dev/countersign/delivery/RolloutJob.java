package dev.countersign.delivery;

import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.Tenants;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Looks after the rollouts of every tenant, on every replica: each one that is due in a transaction of its own.
@Component
class RolloutJob {
    private static final Logger LOG = LoggerFactory.getLogger(RolloutJob.class);

    private final Tenants tenants;
    private final RolloutStep step;

    RolloutJob(Tenants tenants, RolloutStep step) {
        this.tenants = tenants;
        this.step = step;
    }

    @Scheduled(fixedDelayString = "PT3S", initialDelayString = "PT3S")
    void everyTenant() {
        tenants.all().forEach(this::look);
    }

    void look(Tenant tenant) {
        try {
            List<Long> due = tenants.inTenant(tenant.id(), step::due);
            due.forEach(request -> take(tenant, request));
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
