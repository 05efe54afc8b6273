package dev.countersign.grants;

import dev.countersign.tenancy.Tenants;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Records the end of grants whose time is over, on every replica, each grant once. What is active ends on time without it:
/// this writes the end down and wakes the delivery.
@Component
class ExpiryJob {
    private final Tenants tenants;
    private final GrantBook book;

    ExpiryJob(Tenants tenants, GrantBook book) {
        this.tenants = tenants;
        this.book = book;
    }

    @Scheduled(fixedDelayString = "PT5S", initialDelayString = "PT5S")
    void everyTenant() {
        tenants.all().forEach(tenant -> {
            while (tenants.inTenant(tenant.id(), book::expireDue) == GrantBook.BATCH) {
                // the next batch, in a transaction of its own
            }
        });
    }
}
