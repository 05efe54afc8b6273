package dev.countersign.delivery;

import dev.countersign.delivery.RolloutProgress.Delivery;
import dev.countersign.delivery.RolloutProgress.Line;
import dev.countersign.delivery.RolloutProgress.Step;
import dev.countersign.grants.Grant;
import dev.countersign.grants.GrantLedger;
import dev.countersign.grants.GrantState;
import dev.countersign.grants.Rollout;
import dev.countersign.grants.Rollout.Halt;
import dev.countersign.grants.Rollout.Wave;
import dev.countersign.grants.Rollouts;
import dev.countersign.policy.compile.TargetWorkload;
import dev.countersign.tenancy.CurrentTenant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/// Holds a rollout against what its clusters said: what is delivered, what is wrong, what stops it. Writes nothing.
@Component
@Transactional(propagation = Propagation.MANDATORY)
class RolloutWatch {
    private final Rollouts rollouts;
    private final GrantLedger grants;
    private final StopLedger stops;
    private final JdbcClient jdbc;

    RolloutWatch(Rollouts rollouts, GrantLedger grants, StopLedger stops, JdbcClient jdbc) {
        this.rollouts = rollouts;
        this.grants = grants;
        this.stops = stops;
        this.jdbc = jdbc;
    }

    public RolloutProgress of(Rollout rollout) {
        Map<UUID, Grant> known = grants.all(rollout.waves().stream().flatMap(wave -> wave.grants().stream()).toList()).stream()
                .collect(Collectors.toMap(Grant::id, Function.identity()));
        Map<UUID, Stand> stands = stands(known.values().stream().filter(grant -> grant.state() == GrantState.ACTIVE).toList());
        List<Step> steps = rollout.waves().stream()
                .map(wave -> new Step(wave, wave.grants().stream().map(known::get).map(grant -> line(grant, Optional.ofNullable(stands.get(grant.id())))).toList()))
                .toList();
        Optional<Wave> next = steps.stream().filter(step -> !step.wave().letIn() && !step.standing().isEmpty()).map(Step::wave).findFirst();
        if (next.isEmpty()) {
            return new RolloutProgress(rollout, steps, next, List.of(), List.of(), List.of(), List.of(), "");
        }
        List<Halt> halts = rollouts.halts(rollout);
        List<DeliveryStop> stopped = stopped(steps.stream().filter(step -> step.wave().letIn() || step.wave().equals(next.get())).flatMap(step -> step.standing().stream()));
        List<String> hindrances = steps.stream().flatMap(step -> step.lines().stream()).map(Line::words).filter(words -> !words.isEmpty()).distinct().toList();
        List<Long> cut = List.copyOf(rollouts.cut(rollout, next.get()).keySet());
        return new RolloutProgress(rollout, steps, next, halts, stopped, hindrances, cut, digest(rollout, next.get(), steps, halts, stopped, hindrances, cut));
    }

    /// Those that have to be let in with the next wave of this one because their first policies would cut each other's access, itself
    /// first; empty while one of them is not ready.
    public List<RolloutProgress> together(RolloutProgress first) {
        Map<Long, RolloutProgress> all = new LinkedHashMap<>();
        List<RolloutProgress> look = new ArrayList<>(List.of(first));
        while (!look.isEmpty()) {
            RolloutProgress one = look.removeFirst();
            if (!one.ready()) {
                return List.of();
            }
            all.put(one.rollout().request(), one);
            for (Map.Entry<Long, Integer> cut : rollouts.cut(one.rollout(), one.next().orElseThrow()).entrySet()) {
                if (!all.containsKey(cut.getKey()) && look.stream().noneMatch(known -> known.rollout().request() == cut.getKey())) {
                    RolloutProgress other = of(rollouts.of(cut.getKey()).orElseThrow());
                    if (other.next().filter(wave -> wave.number() == cut.getValue()).isEmpty()) {
                        return List.of();
                    }
                    look.add(other);
                }
            }
        }
        return List.copyOf(all.values());
    }

    private static Line line(Grant grant, Optional<Stand> stand) {
        return switch (grant.state()) {
            case HELD -> new Line(grant, Delivery.HELD, "");
            case SUSPENDED -> new Line(grant, Delivery.SUSPENDED, "");
            case EXPIRED, REVOKED -> new Line(grant, Delivery.ENDED, "");
            case ACTIVE -> new Line(grant, stand.map(Stand::carried).orElse(false) ? Delivery.DELIVERED : Delivery.UNDER_WAY, stand.map(known -> wrong(grant, known)).orElse(""));
        };
    }

    /// `state` and `words` as the policy stands, `carried`: the cluster confirmed a revision with the grant; `paused`, `refusal`: why the
    /// cluster is left alone, and why there is no newer revision.
    private record Stand(UUID grant, boolean carried, Optional<DeliveryState> state, String words, Optional<String> paused, Optional<String> refusal) {}

    private Map<UUID, Stand> stands(List<Grant> active) {
        return jdbc.sql("""
                        select k.id, coalesce(k.id::text = any (r.grant_ids), false) as carried, o.state, coalesce(o.words, '') as words, b.words as paused, f.message
                        from unnest(:ids::uuid[], :clusters::uuid[], :namespaces::text[], :workloads::text[], :keys::text[]) as k (id, cluster_id, namespace, workload, key)
                        left join policy_object o on o.tenant_id = :tenant and (o.cluster_id, o.namespace, o.workload) = (k.cluster_id, k.namespace, k.workload)
                        left join revision r on (r.tenant_id, r.cluster_id, r.namespace, r.name, r.number) = (o.tenant_id, o.cluster_id, o.namespace, o.name, o.applied_revision)
                        left join cluster_breaker b on b.tenant_id = :tenant and b.cluster_id = k.cluster_id and b.opened_at is not null
                        left join compile_refusal f on f.tenant_id = :tenant and (f.cluster_id, f.workload) = (k.cluster_id, k.key)""")
                .param("tenant", CurrentTenant.require().value())
                .param("ids", active.stream().map(Grant::id).toArray(UUID[]::new))
                .param("clusters", active.stream().map(grant -> grant.place().cluster().id()).toArray(UUID[]::new))
                .param("namespaces", texts(active, TargetWorkload::namespace))
                .param("workloads", texts(active, TargetWorkload::workload))
                .param("keys", texts(active, TargetWorkload::key))
                .query((row, number) -> new Stand(row.getObject("id", UUID.class), row.getBoolean("carried"),
                        Optional.ofNullable(row.getString("state")).map(DeliveryState::valueOf), row.getString("words"), Optional.ofNullable(row.getString("paused")),
                        Optional.ofNullable(row.getString("message"))))
                .stream()
                .collect(Collectors.toMap(Stand::grant, Function.identity(), (one, same) -> one));
    }

    private static String[] texts(List<Grant> active, Function<TargetWorkload, String> text) {
        return active.stream().map(grant -> text.apply(grant.place().target())).toArray(String[]::new);
    }

    private static String wrong(Grant grant, Stand stand) {
        String cluster = grant.place().cluster().name();
        String policy = "The policy of " + grant.place().target().workload() + " in cluster " + cluster;
        if (stand.refusal().isPresent()) {
            return policy + " cannot be written: " + stand.refusal().get();
        }
        if (stand.paused().isPresent()) {
            return "Cluster " + cluster + " does not take deliveries at present: " + stand.paused().get();
        }
        return switch (stand.state().orElse(DeliveryState.WAITING)) {
            case REFUSED -> policy + " is refused" + after(stand);
            case DRIFTED -> policy + " was changed by another hand" + after(stand);
            case UNREACHABLE -> "Cluster " + cluster + " did not answer" + after(stand);
            case WAITING, APPLYING, PUSHED, APPLIED, SUSPENDED -> "";
        };
    }

    private static String after(Stand stand) {
        return stand.words().isEmpty() ? "." : ": " + stand.words();
    }

    private List<DeliveryStop> stopped(Stream<Grant> places) {
        Set<DeliveryStop> found = new LinkedHashSet<>();
        Map<UUID, List<DeliveryStop>> holding = new LinkedHashMap<>();
        places.forEach(grant -> holding.computeIfAbsent(grant.place().cluster().id(), stops::holding).stream()
                .filter(stop -> stop.covers(grant.place().target().namespace(), grant.place().target().workload()))
                .forEach(found::add));
        return List.copyOf(found);
    }

    /// Not of the time that passes: whoever decides has seen that.
    private static String digest(Rollout rollout, Wave next, List<Step> steps, List<Halt> halts, List<DeliveryStop> stopped, List<String> hindrances, List<Long> cut) {
        List<String> lines = new ArrayList<>(List.of("continue " + rollout.requestId() + " with " + next.number()));
        steps.forEach(step -> step.lines().forEach(line -> lines.add(step.wave().number() + " " + line.grant().id() + " " + line.delivery())));
        halts.forEach(halt -> lines.add(halt.key()));
        stopped.forEach(stop -> lines.add("stop " + stop.number()));
        lines.addAll(hindrances);
        cut.forEach(number -> lines.add("cuts " + number));
        return "sha256:" + HexFormat.of().formatHex(Planner.sha256(String.join("\n", lines)));
    }
}
