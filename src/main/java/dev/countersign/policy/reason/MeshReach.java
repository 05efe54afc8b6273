package dev.countersign.policy.reason;

import dev.countersign.policy.eval.Attachment;
import dev.countersign.policy.eval.TrustDomainBundle;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.TrustDomains;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.StandingPolicy.Reading;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Who can call what in a whole mesh: for every workload its classes of calls, and for each class which of the known sources
/// can make such a call. Exact in the sense of `Comparison`; what an external authorizer decides, or what is too entangled, is
/// uncertain and said to be.
///
/// A source is a known identity, or anyone else (empty): a caller without identity, which fares like one that no policy has a
/// word for. Workloads that the same policies guard share what is known of them.
///
/// Never changed: a change of one policy makes another one that shares what is as before, and tells the difference. Made by
/// all processors; for any number of threads.
public final class MeshReach {
    private final MeshSettings mesh;
    private final Reading reading;
    private final Places places;
    private final Map<String, Map<String, StandingPolicy>> policies;
    private final ReachRow[] rows;

    /// The workloads, which stay: by number, by name, and by the namespaces whose policies may guard them.
    private record Places(List<String> names, List<Workload> workloads, Map<String, Integer> numbers, Map<String, int[]> within) {
        static Places of(Map<String, Workload> named) {
            List<String> names = List.copyOf(named.keySet());
            List<Workload> workloads = names.stream().map(named::get).toList();
            Map<String, Integer> numbers = new HashMap<>();
            Map<String, List<Integer>> within = new HashMap<>();
            for (int w = 0; w < names.size(); w++) {
                numbers.put(names.get(w), w);
                for (String namespace : namespaces(workloads.get(w))) {
                    within.computeIfAbsent(namespace, name -> new ArrayList<>()).add(w);
                }
            }
            Map<String, int[]> arrays = new HashMap<>();
            within.forEach((namespace, of) -> arrays.put(namespace, of.stream().mapToInt(Integer::intValue).toArray()));
            return new Places(names, workloads, numbers, arrays);
        }

        static Set<String> namespaces(Workload workload) {
            Set<String> namespaces = new LinkedHashSet<>();
            namespaces.add(workload.namespace());
            workload.services().forEach(service -> namespaces.add(service.namespace()));
            return namespaces;
        }
    }

    /// A mesh after a change, and what the change did.
    public record Step(MeshReach after, ReachDelta delta) {}

    /// What one class of calls to a workload is, and who can make one: for certain, and perhaps.
    public record Access(OperationClass calls, CallerSet passing, CallerSet uncertain) {}

    private MeshReach(
            MeshSettings mesh, Reading reading, Places places, Map<String, Map<String, StandingPolicy>> policies, ReachRow[] rows) {
        this.mesh = mesh;
        this.reading = reading;
        this.places = places;
        this.policies = policies;
        this.rows = rows;
    }

    /// `workloads` by the caller's own names for them. Of two policies with one namespace and name the later counts.
    public static MeshReach of(
            MeshSettings mesh,
            Collection<Spiffe> sources,
            Map<String, Workload> workloads,
            Collection<AuthorizationPolicy> policies) {
        Reading reading = new Reading(TrustDomainBundle.of(mesh.trustDomains()), new KnownSources(sources));
        Places places = Places.of(workloads);
        Map<String, Map<String, StandingPolicy>> standing = new HashMap<>();
        for (AuthorizationPolicy policy : policies) {
            standing.computeIfAbsent(policy.metadata().namespace(), name -> new LinkedHashMap<>())
                    .put(policy.metadata().name(), new StandingPolicy(policy, reading));
        }
        Map<String, Candidates> candidates = new HashMap<>();
        standing.forEach((namespace, of) -> candidates.put(namespace, new Candidates(of.values())));
        Map<Guard, ReachRow> known = new ConcurrentHashMap<>();
        ReachRow[] rows = new ReachRow[places.names().size()];
        IntStream.range(0, rows.length).parallel().forEach(w -> {
            Workload workload = places.workloads().get(w);
            Guard guard = new Guard(guarding(mesh, candidates, workload), workload.dataPlane() == DataPlane.ZTUNNEL);
            rows[w] = known.computeIfAbsent(guard, one -> ReachRow.of(one.standing(), one.ztunnel(), reading));
        });
        return new MeshReach(mesh, reading, places, standing, rows);
    }

    /// What a row depends on. Policies are told apart by being other objects.
    private record Guard(List<StandingPolicy> standing, boolean ztunnel) {}

    /// The deciding policies of one namespace; those that select by labels are found by one of their labels.
    private static final class Candidates {
        private final List<StandingPolicy> broad = new ArrayList<>();
        private final Map<Map.Entry<String, String>, List<StandingPolicy>> byLabel = new HashMap<>();

        Candidates(Collection<StandingPolicy> policies) {
            for (StandingPolicy one : policies) {
                if (!ReachRow.decides(one.policy())) {
                    continue;
                }
                if (one.policy().target() instanceof Target.Selector(Map<String, String> labels)) {
                    byLabel.computeIfAbsent(Map.entry(labels.keySet().iterator().next(), labels.values().iterator().next()), label -> new ArrayList<>()).add(one);
                } else {
                    broad.add(one);
                }
            }
        }

        void near(Workload workload, List<StandingPolicy> near) {
            near.addAll(broad);
            workload.labels().forEach((key, value) -> near.addAll(byLabel.getOrDefault(Map.entry(key, value), List.of())));
        }
    }

    private static List<StandingPolicy> guarding(MeshSettings mesh, Map<String, Candidates> candidates, Workload workload) {
        Set<String> namespaces = new LinkedHashSet<>(List.of(mesh.rootNamespace()));
        namespaces.addAll(Places.namespaces(workload));
        List<StandingPolicy> near = new ArrayList<>();
        for (String namespace : namespaces) {
            Candidates of = candidates.get(namespace);
            if (of != null) {
                of.near(workload, near);
            }
        }
        near.removeIf(one -> !attaches(mesh, one.policy(), workload));
        near.sort(ORDER);
        return List.copyOf(near);
    }

    private static final Comparator<StandingPolicy> ORDER = Comparator
            .comparing((StandingPolicy one) -> one.policy().metadata().namespace())
            .thenComparing(one -> one.policy().metadata().name());

    private static boolean attaches(MeshSettings mesh, AuthorizationPolicy policy, Workload workload) {
        return !Attachment.attached(mesh, List.of(policy), workload).isEmpty();
    }

    /// The known identities, in the order in which they are listed everywhere.
    public List<Spiffe> sources() {
        return reading.sources().identities();
    }

    /// The workloads' names, in the order given.
    public List<String> workloads() {
        return places.names();
    }

    /// All calls to the workload by classes, and who can make them.
    public List<Access> into(String workload) {
        ReachRow row = row(workload);
        List<Access> accesses = new ArrayList<>();
        for (int c = 0; c < row.accesses().size(); c++) {
            accesses.add(new Access(
                    calls(row, c), callers(row.accesses().get(c).passing()), callers(row.accesses().get(c).uncertain())));
        }
        return accesses;
    }

    /// The classes of calls that the source can make to the workload. Empty stands for anyone else.
    public List<OperationClass> allowed(Optional<Spiffe> source, String workload) {
        return calls(source, workload, false);
    }

    /// The classes of calls of which it is not known whether the source can make them.
    public List<OperationClass> uncertain(Optional<Spiffe> source, String workload) {
        return calls(source, workload, true);
    }

    private List<OperationClass> calls(Optional<Spiffe> source, String workload, boolean uncertain) {
        int number = number(source);
        ReachRow row = row(workload);
        List<OperationClass> calls = new ArrayList<>();
        for (int c = 0; c < row.accesses().size(); c++) {
            ReachRow.Access access = row.accesses().get(c);
            if ((uncertain ? access.uncertain() : access.passing()).has(number)) {
                calls.add(calls(row, c));
            }
        }
        return calls;
    }

    /// Who can make some call to the workload.
    public CallerSet callers(String workload) {
        return callers(row(workload).passing());
    }

    /// How far the harm goes if the source is taken over: the workloads that it can call in some way, for certain.
    public List<String> reachedBy(Optional<Spiffe> source) {
        int number = number(source);
        Map<ReachRow, Boolean> known = new IdentityHashMap<>();
        List<String> reached = new ArrayList<>();
        for (int w = 0; w < rows.length; w++) {
            boolean reaches = known.computeIfAbsent(rows[w], row -> row.accesses().stream().anyMatch(access -> access.passing().has(number)));
            if (reaches) {
                reached.add(places.names().get(w));
            }
        }
        return reached;
    }

    /// What a source can do to one workload, and what it perhaps can.
    public record Reached(String workload, List<OperationClass> calls, List<OperationClass> uncertain) {}

    /// As `reachedBy`, with the calls, and with workloads that it perhaps can call.
    public List<Reached> radius(Optional<Spiffe> source) {
        return places.names().stream()
                .map(name -> new Reached(name, allowed(source, name), uncertain(source, name)))
                .filter(reached -> !reached.calls().isEmpty() || !reached.uncertain().isEmpty())
                .toList();
    }

    /// Identities that the policies name in full as sources; by an alias, or by cluster.local, the mesh's own are meant.
    public static Set<Spiffe> named(MeshSettings mesh, Collection<AuthorizationPolicy> policies) {
        TrustDomains domains = mesh.trustDomains();
        return policies.stream()
                .flatMap(policy -> policy.rules().stream())
                .flatMap(rule -> rule.from().stream())
                .map(source -> source.get(SourceField.PRINCIPALS))
                .flatMap(values -> Stream.concat(values.any().stream(), values.none().stream()))
                .filter(value -> !value.contains("*"))
                .flatMap(value -> Spiffe.parse(value).stream())
                .map(named -> named.trustDomain().equals("cluster.local") || domains.bundle().contains(named.trustDomain())
                        ? new Spiffe(domains.trustDomain(), named.namespace(), named.serviceAccount()) : named)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /// How many pairs of source and workload there are of which some call passes; anyone else counts as one source.
    public long pairs() {
        return count(row -> row.passing().size());
    }

    /// How many triples of source, workload and class of calls pass.
    public long accesses() {
        return count(row -> row.accesses().stream().mapToLong(access -> access.passing().size()).sum());
    }

    /// How many triples of source, workload and class of calls were decided, or told to be uncertain.
    public long decided() {
        return count(row -> (long) row.accesses().size() * (sources().size() + 1));
    }

    private long count(java.util.function.ToLongFunction<ReachRow> of) {
        Map<ReachRow, Long> known = new IdentityHashMap<>();
        long count = 0;
        for (ReachRow row : rows) {
            count += known.computeIfAbsent(row, of::applyAsLong);
        }
        return count;
    }

    /// Sentences about what is not decided, with the first workload of each; none where all is proven.
    public List<String> doubts() {
        Set<ReachRow> seen = java.util.Collections.newSetFromMap(new IdentityHashMap<>());
        Set<String> doubts = new LinkedHashSet<>();
        for (int w = 0; w < rows.length; w++) {
            if (seen.add(rows[w])) {
                String name = places.names().get(w);
                rows[w].doubts().forEach(doubt -> doubts.add(name + ": " + doubt));
            }
        }
        return List.copyOf(doubts);
    }

    /// The policy in the place of the one with its namespace and name, or beside the others.
    public Step with(AuthorizationPolicy policy) {
        StandingPolicy fresh = new StandingPolicy(policy, reading);
        return step(policy.metadata().namespace(), policy.metadata().name(), fresh);
    }

    /// Without the policy of that name; the same if there is none.
    public Step without(String namespace, String name) {
        return step(namespace, name, null);
    }

    private Step step(String namespace, String name, @Nullable StandingPolicy after) {
        StandingPolicy before = policies.getOrDefault(namespace, Map.of()).get(name);
        Map<String, StandingPolicy> own = new LinkedHashMap<>(policies.getOrDefault(namespace, Map.of()));
        if (after == null) {
            own.remove(name);
        } else {
            own.put(name, after);
        }
        Map<String, Map<String, StandingPolicy>> standing = new HashMap<>(policies);
        standing.put(namespace, own);
        Map<Moved, List<Integer>> moved = new LinkedHashMap<>();
        int[] near = namespace.equals(mesh.rootNamespace())
                ? IntStream.range(0, rows.length).toArray()
                : places.within().getOrDefault(namespace, new int[0]);
        for (int w : near) {
            Workload workload = places.workloads().get(w);
            boolean leaves = before != null && ReachRow.decides(before.policy()) && attaches(mesh, before.policy(), workload);
            boolean comes = after != null && ReachRow.decides(after.policy()) && attaches(mesh, after.policy(), workload);
            if (leaves || comes) {
                moved.computeIfAbsent(new Moved(rows[w], leaves ? before : null, comes ? after : null), one -> new ArrayList<>(1)).add(w);
            }
        }
        ReachRow[] fresh = rows.clone();
        List<ReachDelta.Change> changes = new ArrayList<>();
        List<Map.Entry<Moved, List<Integer>>> all = List.copyOf(moved.entrySet());
        // A thread more costs more than a few rows do.
        (all.size() > 16 ? all.parallelStream() : all.stream())
                .map(one -> Map.entry(one.getKey().row().change(one.getKey().standing(), reading), one.getValue()))
                .toList()
                .forEach(change -> {
                    ReachRow row = change.getKey().getKey();
                    change.getValue().forEach(w -> fresh[w] = row);
                    List<String> names = change.getValue().stream().map(places.names()::get).toList();
                    tell(change.getKey().getValue(), names, !row.ztunnel(), changes);
                });
        return new Step(new MeshReach(mesh, reading, places, standing, fresh), new ReachDelta(changes));
    }

    /// What a policy that leaves and one that comes make of a row. Rows and policies are told apart by being other objects.
    private record Moved(ReachRow row, @Nullable StandingPolicy before, @Nullable StandingPolicy after) {
        List<StandingPolicy> standing() {
            List<StandingPolicy> standing = new ArrayList<>(row.standing());
            standing.remove(before);
            if (after != null) {
                standing.add(-java.util.Collections.binarySearch(standing, after, ORDER) - 1, after);
            }
            return List.copyOf(standing);
        }
    }

    private void tell(ReachRow.Difference difference, List<String> workloads, boolean http, List<ReachDelta.Change> changes) {
        for (ReachRow.Changed one : difference.changes()) {
            ReachRow.Access was = one.before();
            ReachRow.Access is = one.after();
            changes.add(new ReachDelta.Change(
                    workloads,
                    new OperationClass(difference.classes(), one.one(), http),
                    callers(is.passing().minus(was.passing())),
                    callers(was.passing().minus(is.passing())),
                    callers(difference.classes().entangled() ? is.uncertain() : is.uncertain().minus(was.uncertain())),
                    callers(was.uncertain().minus(is.uncertain())),
                    difference.classes().proven()));
        }
    }

    /// All of it in bytes: equal meshes have equal ones, however they came to be.
    public byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Map<ReachRow, byte[]> known = new IdentityHashMap<>();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(sources().size());
            for (Spiffe source : sources()) {
                out.writeUTF(source.principal());
            }
            out.writeInt(rows.length);
            for (int w = 0; w < rows.length; w++) {
                out.writeUTF(places.names().get(w));
                out.write(known.computeIfAbsent(rows[w], MeshReach::bytes));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return bytes.toByteArray();
    }

    private static byte[] bytes(ReachRow row) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            row.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return bytes.toByteArray();
    }

    ReachRow row(String workload) {
        Integer number = places.numbers().get(workload);
        if (number == null) {
            throw new IllegalArgumentException("no workload " + workload + " in this mesh");
        }
        return rows[number];
    }

    private int number(Optional<Spiffe> source) {
        return reading.sources().number(source)
                .orElseThrow(() -> new IllegalArgumentException("no source " + source.get() + " in this mesh"));
    }

    private OperationClass calls(ReachRow row, int number) {
        return new OperationClass(row.classes(), row.classes().classes().get(number), !row.ztunnel());
    }

    private CallerSet callers(SourceSet of) {
        return new CallerSet(reading.sources(), of);
    }
}
