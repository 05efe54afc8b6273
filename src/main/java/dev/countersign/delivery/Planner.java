package dev.countersign.delivery;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.grants.GrantLedger;
import dev.countersign.grants.GrantsChanged;
import dev.countersign.policy.compile.Compilation;
import dev.countersign.policy.compile.CompilationProof;
import dev.countersign.policy.compile.CompiledPolicy;
import dev.countersign.policy.compile.GrantCompiler;
import dev.countersign.policy.compile.GrantedAccess;
import dev.countersign.policy.yaml.PolicyWriter;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.Tenants;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/// Says what clusters should hold: compiles all active grants of a cluster and writes a revision for every policy whose
/// content changed, in the transaction of what changed them. Same grants, same bytes, no revision; a policy that would not
/// decide as its grants do is refused instead (`CompilationProof`). It writes to no cluster: `Courier` does, and only
/// revisions.
@Service
class Planner {
    /// PostgreSQL channel that wakes the couriers of all replicas; the payload is the tenant.
    static final String CHANNEL = "countersign_delivery";

    private static final Actor PLANNER = Actor.system("delivery");

    private final GrantLedger grants;
    private final MeshCatalog catalog;
    private final Tenants tenants;
    private final AuditLog audit;
    private final JdbcClient jdbc;

    Planner(GrantLedger grants, MeshCatalog catalog, Tenants tenants, AuditLog audit, JdbcClient jdbc) {
        this.grants = grants;
        this.catalog = catalog;
        this.tenants = tenants;
        this.audit = audit;
        this.jdbc = jdbc;
    }

    @EventListener
    @Transactional(propagation = Propagation.MANDATORY)
    public void on(GrantsChanged change) {
        plan(change.cluster());
    }

    /// Returns how many revisions were written.
    @Transactional
    public int plan(UUID cluster) {
        UUID tenantId = CurrentTenant.require().value();
        Tenant tenant = tenants.byId(CurrentTenant.require()).orElseThrow();
        audit.hold();
        // One plan at a time for a cluster: two approvals in the same moment must not both count from the same revision.
        jdbc.sql("select pg_advisory_xact_lock(hashtextextended('plan ' || ? || ' ' || ?, 0))")
                .params(tenantId.toString(), cluster.toString())
                .query((row, number) -> true)
                .single();
        ClusterRef ref = catalog.clusters().stream().filter(known -> known.id().equals(cluster)).findFirst().orElse(new ClusterRef(cluster, cluster.toString()));
        List<GrantedAccess> active = grants.active(cluster);
        Compilation compilation = GrantCompiler.compile(tenant.slug(), active, grants.baselines(cluster));
        CompilationProof proof = CompilationProof.of(active);
        List<Compilation.Refusal> refusals = new ArrayList<>(compilation instanceof Compilation.Partial partial ? partial.refusals() : List.of());
        Map<String, Wanted> known = known(tenantId, cluster);
        int written = 0;
        for (CompiledPolicy policy : compilation.policies().policies()) {
            byte[] content = sha256(PolicyWriter.text(policy.policy()));
            Wanted before = known.get(policy.policy().metadata().key());
            if (before == null || !Arrays.equals(before.content(), content)) {
                Optional<Compilation.Refusal> wrong = proof.refuse(policy);
                if (wrong.isPresent()) {
                    refusals.add(wrong.get());
                    continue;
                }
                revise(tenantId, ref, policy, content, before == null ? 1 : before.revision() + 1);
                written++;
            }
        }
        keepRefusals(tenantId, ref, refusals);
        if (written > 0) {
            jdbc.sql("select pg_notify(?, ?)").params(CHANNEL, tenantId.toString()).query((row, number) -> true).single();
        }
        return written;
    }

    private record Wanted(long revision, byte[] content) {}

    private Map<String, Wanted> known(UUID tenant, UUID cluster) {
        record Row(String key, Wanted wanted) {}
        return jdbc.sql("""
                        select namespace, name, desired_revision, desired_content
                        from policy_object
                        where tenant_id = ?
                          and cluster_id = ?""")
                .params(tenant, cluster)
                .query((row, number) -> new Row(row.getString(1) + "/" + row.getString(2), new Wanted(row.getLong(3), row.getBytes(4))))
                .list()
                .stream()
                .collect(Collectors.toMap(Row::key, Row::wanted));
    }

    private void revise(UUID tenant, ClusterRef cluster, CompiledPolicy policy, byte[] content, long number) {
        String namespace = policy.policy().metadata().namespace();
        String name = policy.policy().metadata().name();
        String yaml = PolicyWriter.text(policy.at(number));
        TreeSet<String> grantIds = new TreeSet<>();
        TreeSet<Long> requests = new TreeSet<>();
        policy.origins().forEach(origins -> origins.forEach(origin -> {
            grantIds.add(origin.grantId());
            requests.add(origin.requestNumber());
        }));
        jdbc.sql("""
                        insert into policy_object (tenant_id, cluster_id, namespace, name, workload, desired_revision, desired_content, state, due_at)
                        values (:tenant, :cluster, :namespace, :name, :workload, :number, :content, 'WAITING', now())
                        on conflict (tenant_id, cluster_id, namespace, name) do update
                        set desired_revision = excluded.desired_revision,
                            desired_content = excluded.desired_content,
                            state = 'WAITING',
                            state_since = now(),
                            words = '',
                            advice = '',
                            attempts = 0,
                            due_at = now()""")
                .param("tenant", tenant)
                .param("cluster", cluster.id())
                .param("namespace", namespace)
                .param("name", name)
                .param("workload", policy.target().workload())
                .param("number", number)
                .param("content", content)
                .update();
        jdbc.sql("""
                        insert into revision (tenant_id, cluster_id, namespace, name, number, content, yaml, rules, grant_ids, request_numbers)
                        values (:tenant, :cluster, :namespace, :name, :number, :content, :yaml, :rules, :grants, :requests)""")
                .param("tenant", tenant)
                .param("cluster", cluster.id())
                .param("namespace", namespace)
                .param("name", name)
                .param("number", number)
                .param("content", content)
                .param("yaml", yaml)
                .param("rules", policy.policy().rules().size())
                .param("grants", grantIds.toArray(String[]::new))
                .param("requests", requests.toArray(Long[]::new))
                .update();
        audit.append(new AuditEvent("policy.revised", PLANNER, DeliveryFacts.subject(cluster, namespace, name),
                "wrote revision " + number + " of " + namespace + "/" + name + " for cluster " + cluster.name()
                        + (policy.baselineOnly() ? ": no grant is left, the policy stays and matches nothing" : DeliveryFacts.forRequests(requests)),
                new Revised(cluster.id(), cluster.name(), namespace, name, number, "sha256:" + HexFormat.of().formatHex(content),
                        List.copyOf(grantIds), List.copyOf(requests), yaml)).aboutRequests(requests));
    }

    private void keepRefusals(UUID tenant, ClusterRef cluster, List<Compilation.Refusal> refusals) {
        String[] workloads = refusals.stream().map(Compilation.Refusal::workload).toArray(String[]::new);
        jdbc.sql("delete from compile_refusal where tenant_id = ? and cluster_id = ? and not (workload = any (?))")
                .params(tenant, cluster.id(), workloads)
                .update();
        for (Compilation.Refusal refusal : refusals) {
            int news = jdbc.sql("""
                            insert into compile_refusal (tenant_id, cluster_id, workload, message)
                            values (?, ?, ?, ?)
                            on conflict (tenant_id, cluster_id, workload) do update
                            set message = excluded.message
                            where compile_refusal.message <> excluded.message""")
                    .params(tenant, cluster.id(), refusal.workload(), refusal.message())
                    .update();
            if (news > 0) {
                audit.append(new AuditEvent("policy.not-compiled", PLANNER, new Subject("policy", cluster.name() + "/" + refusal.workload()),
                        "wrote no revision for " + refusal.workload() + " in cluster " + cluster.name(),
                        new NotCompiled(cluster.id(), cluster.name(), refusal.workload(), refusal.message())));
            }
        }
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private record NotCompiled(UUID clusterId, String cluster, String workload, String message) {}

    private record Revised(
            UUID clusterId, String cluster, String namespace, String name, long revision, String content, List<String> grants,
            List<Long> requests, String yaml) {}
}
