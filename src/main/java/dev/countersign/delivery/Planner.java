package dev.countersign.delivery;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.grants.GrantLedger;
import dev.countersign.grants.GrantsChanged;
import dev.countersign.policy.compile.Compilation;
import dev.countersign.policy.compile.CompilationProof;
import dev.countersign.policy.compile.CompiledPolicy;
import dev.countersign.policy.compile.GrantCompiler;
import dev.countersign.policy.compile.GrantedAccess;
import dev.countersign.policy.compile.TargetWorkload;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.yaml.PolicyWriter;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.Tenants;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
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

/// Says what clusters should hold: compiles active grants and writes a revision for every policy whose content changed, in
/// the transaction of what changed them: of the workloads concerned at once, of whole clusters now and then. Same grants, same
/// bytes, no revision; a policy that would not decide as its grants do is refused instead (`CompilationProof`). It writes to no
/// cluster: `Courier` does, and only revisions.
///
/// A workload whose grants change again and again gets a revision for each change, but the cluster is asked at most once a
/// `PACE`; the first change after a pause goes at once.
@Service
class Planner {
    /// PostgreSQL channel that wakes the couriers of all replicas; the payload is the tenant.
    static final String CHANNEL = "countersign_delivery";

    /// Least time between two deliveries of one policy.
    static final Duration PACE = Duration.ofMillis(600);

    private static final Actor PLANNER = Actor.system("delivery");

    private final GrantLedger grants;
    private final Tenants tenants;
    private final AuditLog audit;
    private final JdbcClient jdbc;
    private final Admission admission;

    Planner(GrantLedger grants, Tenants tenants, AuditLog audit, JdbcClient jdbc, Admission admission) {
        this.admission = admission;
        this.grants = grants;
        this.tenants = tenants;
        this.audit = audit;
        this.jdbc = jdbc;
    }

    @EventListener
    @Transactional(propagation = Propagation.MANDATORY)
    public void on(GrantsChanged change) {
        change.workloads().forEach(workload -> plan(change.cluster(), workload));
    }

    /// Returns how many revisions were written.
    @Transactional
    public int plan(UUID cluster) {
        alone();
        return write(cluster, Optional.empty(), grants.active(cluster), grants.baselines(cluster));
    }

    /// As `plan(cluster)`, for one workload: no policy depends on the grants of another.
    private void plan(UUID cluster, TargetWorkload workload) {
        alone();
        write(cluster, Optional.of(workload), grants.of(cluster, workload.namespace(), workload.workload()),
                grants.baseline(cluster, workload.namespace(), workload.workload()).stream().toList());
    }

    /// What the workload's policy would be if exactly `active` were granted, stops considered: nothing is written. A refusal where it
    /// could not become a policy.
    @Transactional(propagation = Propagation.MANDATORY)
    public Foreseen foresee(UUID cluster, TargetWorkload workload, List<GrantedAccess> active) {
        Admission.Admitted admitted = admission.of(cluster, Optional.of(workload), active, grants.baseline(cluster, workload.namespace(), workload.workload()).stream().toList());
        Compilation compilation = GrantCompiler.compile(tenants.byId(CurrentTenant.require()).orElseThrow().slug(), admitted.grants(), admitted.baselines());
        Optional<Compilation.Refusal> refusal = compilation instanceof Compilation.Partial(var ignored, List<Compilation.Refusal> refusals)
                ? refusals.stream().findFirst() : Optional.empty();
        Optional<CompiledPolicy> policy = compilation.policies().policies().stream().findFirst();
        CompilationProof proof = CompilationProof.of(admitted.grants());
        return new Foreseen(policy.map(CompiledPolicy::policy), refusal.or(() -> policy.flatMap(proof::refuse)).map(Compilation.Refusal::message));
    }

    record Foreseen(Optional<AuthorizationPolicy> policy, Optional<String> refusal) {}

    /// Keeps other plans of the tenant out until the transaction ends: two approvals in the same moment must not both count from the same
    /// revision. The place in the record is what only one has at a time, and every plan has an entry to write.
    @Transactional(propagation = Propagation.MANDATORY)
    public void alone() {
        audit.hold();
    }

    private int write(UUID cluster, Optional<TargetWorkload> only, List<GrantedAccess> granted, List<TargetWorkload> everGranted) {
        Admission.Admitted admitted = admission.of(cluster, only, granted, everGranted);
        List<GrantedAccess> active = admitted.grants();
        UUID tenantId = CurrentTenant.require().value();
        Tenant tenant = tenants.byId(CurrentTenant.require()).orElseThrow();
        Compilation compilation = GrantCompiler.compile(tenant.slug(), active, admitted.baselines());
        Revisions revisions = Revisions.of(compilation, known(tenantId, cluster, only), CompilationProof.of(active)::refuse);
        Place place = place(tenantId, cluster);
        revisions.written().forEach(revision -> revise(tenantId, place, revision.policy(), revision.content(), revision.number()));
        keepRefusals(tenantId, place.cluster(), only, revisions.refusals());
        if (!revisions.written().isEmpty()) {
            jdbc.sql("select pg_notify(?, ?)").params(CHANNEL, tenantId.toString()).query((row, number) -> true).single();
        }
        return revisions.written().size();
    }

    /// The cluster that is planned for. `byRepository`: then we put nothing right by writing the next revision, and what drifted stays told
    /// until the cluster shows one.
    private record Place(ClusterRef cluster, boolean byRepository) {}

    private Place place(UUID tenant, UUID cluster) {
        return jdbc.sql("""
                        select c.name,
                               exists (select
                                       from delivery_repository r
                                       where (r.tenant_id, r.cluster_id) = (c.tenant_id, c.id)) as by_repository
                        from cluster c
                        where c.tenant_id = :tenant
                          and c.id = :cluster""")
                .param("tenant", tenant)
                .param("cluster", cluster)
                .query((row, number) -> new Place(new ClusterRef(cluster, row.getString("name")), row.getBoolean("by_repository")))
                .optional()
                .orElseGet(() -> new Place(new ClusterRef(cluster, cluster.toString()), false));
    }

    private Map<String, Revisions.Standing> known(UUID tenant, UUID cluster, Optional<TargetWorkload> only) {
        record Row(String key, Revisions.Standing standing) {}
        return jdbc.sql("""
                        select namespace, name, desired_revision, desired_content
                        from policy_object
                        where tenant_id = :tenant
                          and cluster_id = :cluster
                          and (:workload::text is null or (namespace = :namespace::text and workload = :workload::text))""")
                .param("tenant", tenant)
                .param("cluster", cluster)
                .param("namespace", only.map(TargetWorkload::namespace).orElse(null))
                .param("workload", only.map(TargetWorkload::workload).orElse(null))
                .query((row, number) -> new Row(row.getString(1) + "/" + row.getString(2), new Revisions.Standing(row.getLong(3), row.getBytes(4))))
                .list()
                .stream()
                .collect(Collectors.toMap(Row::key, Row::standing));
    }

    private void revise(UUID tenant, Place place, CompiledPolicy policy, byte[] content, long number) {
        ClusterRef cluster = place.cluster();
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
                        insert into policy_object as o (tenant_id, cluster_id, namespace, name, workload, desired_revision, desired_content, state, due_at)
                        values (:tenant, :cluster, :namespace, :name, :workload, :number, :content, 'WAITING', now())
                        on conflict (tenant_id, cluster_id, namespace, name) do update
                        set desired_revision = excluded.desired_revision,
                            desired_content = excluded.desired_content,
                            state = case when :watched and o.state = 'DRIFTED' then o.state else 'WAITING' end,
                            state_since = case when :watched and o.state = 'DRIFTED' then o.state_since else now() end,
                            words = case when :watched and o.state = 'DRIFTED' then o.words else '' end,
                            advice = case when :watched and o.state = 'DRIFTED' then o.advice else '' end,
                            attempts = 0,
                            due_at = greatest(now(), o.applied_at + make_interval(secs => :pace))""")
                .param("pace", PACE.toMillis() / 1000.0)
                .param("watched", place.byRepository())
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

    private void keepRefusals(UUID tenant, ClusterRef cluster, Optional<TargetWorkload> only, List<Compilation.Refusal> refusals) {
        String[] workloads = refusals.stream().map(Compilation.Refusal::workload).toArray(String[]::new);
        jdbc.sql("""
                        delete from compile_refusal
                        where tenant_id = :tenant
                          and cluster_id = :cluster
                          and (:only::text is null or workload = :only::text)
                          and not (workload = any (:refused))""")
                .param("tenant", tenant)
                .param("cluster", cluster.id())
                .param("only", only.map(TargetWorkload::key).orElse(null))
                .param("refused", workloads)
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

    static byte[] sha256(String text) {
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
