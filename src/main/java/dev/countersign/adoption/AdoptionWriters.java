package dev.countersign.adoption;

import dev.countersign.delivery.ClusterWriters;
import dev.countersign.tenancy.CurrentTenant;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/// Tells delivery that an adopted object is being removed from a cluster.
@Component
class AdoptionWriters implements ClusterWriters {
    private final JdbcClient jdbc;

    AdoptionWriters(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    @Transactional(propagation = Propagation.MANDATORY)
    public Optional<String> writing(UUID cluster) {
        return jdbc.sql("""
                        select a.number
                        from adoption_removal m
                        join adoption a on a.tenant_id = m.tenant_id and a.id = m.adoption_id
                        where m.tenant_id = ?
                          and a.cluster_id = ?
                          and m.state = 'REMOVING'
                          and m.lease_until > now()
                        order by a.number
                        limit 1""")
                .params(CurrentTenant.require().value(), cluster)
                .query(Long.class)
                .optional()
                .map(number -> "adoption " + number + " is removing a policy");
    }
}
