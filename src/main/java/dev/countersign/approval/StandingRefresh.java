package dev.countersign.approval;

import dev.countersign.requests.EffectsMoved;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.TenantId;
import dev.countersign.tenancy.Tenants;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Keeps what the queue says of waiting requests near what is live, so that nobody decides in bulk by an effect of last week:
/// half a second after a policy changed, and in turn for those that nothing told of.
@Component
class StandingRefresh {
    private static final Logger LOG = LoggerFactory.getLogger(StandingRefresh.class);
    private static final int IN_TURN = 50;

    private final Tenants tenants;
    private final QueueStandings standings;
    private final Map<TenantId, TreeSet<Long>> moved = new HashMap<>();

    StandingRefresh(Tenants tenants, QueueStandings standings) {
        this.tenants = tenants;
        this.standings = standings;
    }

    @EventListener
    void on(EffectsMoved effects) {
        synchronized (moved) {
            moved.computeIfAbsent(effects.tenant(), tenant -> new TreeSet<>()).addAll(effects.numbers());
        }
    }

    /// A burst of changes is reckoned once.
    @Scheduled(fixedDelayString = "PT0.5S")
    void reckonMoved() {
        Map<TenantId, TreeSet<Long>> now;
        synchronized (moved) {
            now = Map.copyOf(moved);
            moved.clear();
        }
        now.forEach((tenant, numbers) -> numbers.forEach(number -> reckon(tenant, number)));
    }

    @Scheduled(fixedDelayString = "PT1M", initialDelayString = "PT1M")
    void reckonInTurn() {
        for (Tenant tenant : tenants.all()) {
            try {
                tenants.inTenant(tenant.id(), () -> standings.longestUnreckoned(IN_TURN)).forEach(number -> reckon(tenant.id(), number));
            } catch (RuntimeException e) {
                // The others have their turn.
                LOG.atWarn().setCause(e).addKeyValue("tenant", tenant.slug()).log("What waits to be reckoned again could not be listed");
            }
        }
    }

    private void reckon(TenantId tenant, long number) {
        try {
            tenants.doInTenant(tenant, () -> standings.reckonAgain(number));
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).addKeyValue("request", number).log("What a request would do could not be reckoned again");
        }
    }
}
