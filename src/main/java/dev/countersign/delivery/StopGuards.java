package dev.countersign.delivery;

import dev.countersign.catalog.LivePolicy;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.policy.model.Action;
import dev.countersign.tenancy.CurrentTenant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/// Gives couriers the guard that they deliver under while a stop holds.
@Component
class StopGuards {
    private final StopLedger stops;
    private final ConfirmedPolicies confirmed;
    private final MeshCatalog catalog;
    private final JdbcClient jdbc;

    StopGuards(StopLedger stops, ConfirmedPolicies confirmed, MeshCatalog catalog, JdbcClient jdbc) {
        this.stops = stops;
        this.confirmed = confirmed;
        this.catalog = catalog;
        this.jdbc = jdbc;
    }

    /// Of those of these policies that a stop holds.
    @Transactional(propagation = Propagation.MANDATORY)
    public Map<PolicyKey, StopGuard> over(Collection<PolicyKey> keys) {
        Set<UUID> held = stops.held(keys.stream().map(PolicyKey::cluster).collect(Collectors.toSet()));
        Map<PolicyKey, StopGuard> guards = new HashMap<>();
        keys.stream().filter(key -> held.contains(key.cluster())).forEach(key -> over(key).ifPresent(guard -> guards.put(key, guard)));
        return guards;
    }

    /// Empty where nothing holds the policy.
    @Transactional(propagation = Propagation.MANDATORY)
    public Optional<StopGuard> over(PolicyKey key) {
        if (stops.holding(key.cluster()).isEmpty()) {
            return Optional.empty();
        }
        String workload = jdbc.sql("select workload from policy_object where (tenant_id, cluster_id, namespace, name) = (?, ?, ?, ?)")
                .params(CurrentTenant.require().value(), key.cluster(), key.namespace(), key.name())
                .query(String.class)
                .single();
        return stops.over(key.cluster(), key.namespace(), workload).map(stop -> new StopGuard(stop, catalog.mesh(key.cluster()),
                confirmed.of(key.cluster(), key.namespace(), workload).map(ConfirmedPolicy::policy), othersAllow(key)));
    }

    /// Of whatever else is known in the namespace and the root namespace; which pods it selects is not looked at.
    private boolean othersAllow(PolicyKey key) {
        return catalog.policies(key.cluster(), key.namespace()).stream()
                .filter(live -> !(live.namespace().equals(key.namespace()) && live.name().equals(key.name())))
                .map(LivePolicy::policy)
                .anyMatch(policy -> policy.map(read -> read.action() == Action.ALLOW && !read.dryRun()).orElse(true));
    }
}
