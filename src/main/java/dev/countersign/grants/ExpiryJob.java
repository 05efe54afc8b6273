package dev.countersign.grants;

import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.TenantId;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Records the end of grants whose time is over, on every replica, each grant once. What is active ends on time without it:
/// this writes the end down and wakes the delivery. It looks every `ROUND`, and where the next end of a tenant comes sooner, at that
/// end too; whether it has come the database's clock says.
@Component
class ExpiryJob {
    private static final Logger LOG = LoggerFactory.getLogger(ExpiryJob.class);
    private static final Duration ROUND = Duration.ofSeconds(5);

    private final Tenants tenants;
    private final GrantBook book;
    private final TaskScheduler scheduler;
    /// Tenants whose next end is awaited.
    private final Set<TenantId> awaited = ConcurrentHashMap.newKeySet();

    ExpiryJob(Tenants tenants, GrantBook book, TaskScheduler scheduler) {
        this.tenants = tenants;
        this.book = book;
        this.scheduler = scheduler;
    }

    @Scheduled(fixedDelayString = "PT5S", initialDelayString = "PT5S")
    void everyTenant() {
        tenants.all().forEach(this::expire);
    }

    private void expire(Tenant tenant) {
        try {
            while (tenants.inTenant(tenant.id(), book::expireDue) == GrantBook.BATCH) {
                // the next batch, in a transaction of its own
            }
            Optional<Duration> next = tenants.inTenant(tenant.id(), () -> book.untilNextEnd(ROUND));
            if (next.isPresent() && awaited.add(tenant.id())) {
                scheduler.schedule(() -> {
                    awaited.remove(tenant.id());
                    expire(tenant);
                }, scheduler.getClock().instant().plus(next.get()));
            }
        } catch (RuntimeException e) {
            // One tenant's trouble, such as a stopped record, is no other tenant's.
            LOG.atWarn().setCause(e).addKeyValue("tenant", tenant.slug()).log("Grants that ended could not be recorded; it is tried again");
        }
    }
}
