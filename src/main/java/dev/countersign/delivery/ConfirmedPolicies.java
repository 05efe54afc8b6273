package dev.countersign.delivery;

import dev.countersign.policy.compile.TargetWorkload;
import dev.countersign.tenancy.CurrentTenant;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/// What clusters confirmed last, by workload. Every method joins the caller's transaction.
@Component
@Transactional(propagation = Propagation.MANDATORY)
class ConfirmedPolicies {
    private final JdbcClient jdbc;

    ConfirmedPolicies(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// By `namespace/workload`; workloads of which nothing was ever confirmed are left out.
    public Map<String, ConfirmedPolicy> in(UUID cluster) {
        record Row(String workload, ConfirmedPolicy confirmed) {}
        return jdbc.sql("""
                        select o.namespace, o.workload, r.grant_ids, r.yaml
                        from policy_object o
                        join revision r on (r.tenant_id, r.cluster_id, r.namespace, r.name, r.number) = (o.tenant_id, o.cluster_id, o.namespace, o.name, o.applied_revision)
                        where o.tenant_id = ?
                          and o.cluster_id = ?""")
                .params(CurrentTenant.require().value(), cluster)
                .query((row, number) -> new Row(TargetWorkload.key(row.getString("namespace"), row.getString("workload")), confirmed(row)))
                .stream()
                .collect(Collectors.toMap(Row::workload, Row::confirmed));
    }

    public Optional<ConfirmedPolicy> of(UUID cluster, String namespace, String workload) {
        return jdbc.sql("""
                        select r.grant_ids, r.yaml
                        from policy_object o
                        join revision r on (r.tenant_id, r.cluster_id, r.namespace, r.name, r.number) = (o.tenant_id, o.cluster_id, o.namespace, o.name, o.applied_revision)
                        where o.tenant_id = ?
                          and o.cluster_id = ?
                          and o.namespace = ?
                          and o.workload = ?""")
                .params(CurrentTenant.require().value(), cluster, namespace, workload)
                .query((row, number) -> confirmed(row))
                .optional();
    }

    private static ConfirmedPolicy confirmed(ResultSet row) throws SQLException {
        return new ConfirmedPolicy(Set.of((String[]) row.getArray("grant_ids").getArray()), RevisionText.policy(row.getString("yaml")));
    }
}
