package dev.countersign.audit;

import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.Tenants;
import java.util.Optional;
import org.springframework.stereotype.Component;

/// Compares a tenant's record with what was published of it. Throws `RecordBroken` where the record does not continue that.
@Component
class RecordComparison implements PublishingPlace.Comparison {
    private final Tenants tenants;
    private final Checkpoints checkpoints;
    private final Sequencer sequencer;

    RecordComparison(Tenants tenants, Checkpoints checkpoints, Sequencer sequencer) {
        this.tenants = tenants;
        this.checkpoints = checkpoints;
        this.sequencer = sequencer;
    }

    @Override
    public Optional<String> latest(Tenant tenant, Optional<String> published) {
        return tenants.inTenant(tenant.id(), () -> {
            Optional<Checkpoints.Signed> signed = checkpoints.latest();
            if (published.isPresent() && !published.equals(signed.map(Checkpoints.Signed::note))) {
                sequencer.continues(tenant, published.get(), signed.map(Checkpoints.Signed::size).orElse(0L));
            }
            return signed.map(Checkpoints.Signed::note);
        });
    }
}
