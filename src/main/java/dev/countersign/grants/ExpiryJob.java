package dev.countersign.grants;

import dev.countersign.tenancy.Tenants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Records the end of grants whose time is over, on every replica, each grant once. What is active ends on time without it:
/// this writes the end down and wakes the delivery.
@Component
class ExpiryJob {
    private static final Logger LOG = LoggerFactory.getLogger(ExpiryJob.class);

    private final Tenants tenants;
    private final GrantBook book;

    ExpiryJob(Tenants tenants, GrantBook book) {
        this.tenants = tenants;
        this.book = book;
    }

    @Scheduled(fixedDelayString = "PT5S", initialDelayString = "PT5S")
    void everyTenant() {
        tenants.all().forEach(tenant -> {
            try {
                while (tenants.inTenant(tenant.id(), book::expireDue) == GrantBook.BATCH) {
                    // the next batch, in a transaction of its own
                }
            } catch (RuntimeException e) {
                // One tenant's trouble, such as a stopped record, is no other tenant's.
                LOG.atWarn().setCause(e).addKeyValue("tenant", tenant.slug()).log("Grants that ended could not be recorded; it is tried again");
            }
        });
    }
}
