package dev.countersign.requests;

import dev.countersign.catalog.LivePolicyChanged;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.tenancy.Tenants;
import java.util.List;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// Finds the waiting requests whose effect a changed policy could have moved: those to a service of its namespace, and all of
/// them when it stands in the root namespace.
@Component
class EffectWatch {
    /// The oldest are told of; the rest is reckoned again in its turn.
    private static final int MOST = 500;

    private final Tenants tenants;
    private final MeshCatalog catalog;
    private final JdbcClient jdbc;
    private final ApplicationEventPublisher events;

    EffectWatch(Tenants tenants, MeshCatalog catalog, JdbcClient jdbc, ApplicationEventPublisher events) {
        this.tenants = tenants;
        this.catalog = catalog;
        this.jdbc = jdbc;
        this.events = events;
    }

    @EventListener
    void on(LivePolicyChanged change) {
        if (!change.kind().equals("AuthorizationPolicy")) {
            return;
        }
        List<Long> numbers = tenants.inTenant(change.tenant(), () -> jdbc.sql("""
                        select number
                        from access_request
                        where state = 'SUBMITTED'
                          and lapses_at > now()
                          and (:everywhere or target_namespace = :namespace)
                        order by number
                        limit :most""")
                .param("everywhere", catalog.mesh(change.cluster()).rootNamespace().equals(change.namespace()))
                .param("namespace", change.namespace())
                .param("most", MOST)
                .query(Long.class)
                .list());
        if (!numbers.isEmpty()) {
            events.publishEvent(new EffectsMoved(change.tenant(), numbers));
        }
    }
}
