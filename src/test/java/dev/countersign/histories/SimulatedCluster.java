package dev.countersign.histories;

import dev.countersign.clusters.ApplyOutcome;
import dev.countersign.clusters.ClusterObject;
import dev.countersign.clusters.ClusterTrouble;
import dev.countersign.clusters.ObjectVersion;
import dev.countersign.clusters.ReadOutcome;
import dev.countersign.policy.model.Tree;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// One API server as server-side apply makes it look: objects by namespace and name, the owners of their fields, resource versions
/// that rise with every change and generations that rise with every change of the spec.
///
/// - A field is one entry of the spec, or the labels and annotations together.
/// - Apply without force conflicts where it would change what another manager owns; a field that nobody owns any more goes.
/// - An update (another hand's edit) takes the fields that it changes from whoever owned them.
/// - `metadata.uid` and `metadata.resourceVersion` in a body are preconditions: 409 where they do not hold, also where nothing is.
final class SimulatedCluster {
    static final String PORTAL = "countersign";
    private static final String CREATION = PORTAL + "-creation-";
    private static final String META = "metadata";

    /// How it answers.
    enum Mood {
        WELL,
        DOWN,
        THROTTLING,
        REFUSING,
        UNAUTHORIZED
    }

    /// An object as it was at one moment.
    record State(String uid, long version, long generation, Map<String, String> labels, Map<String, String> annotations, Map<String, Object> spec,
            Map<String, Set<String>> owners) {
        Set<String> managersOfSpec() {
            Set<String> managers = new TreeSet<>();
            owners.forEach((field, who) -> {
                if (!field.equals(META)) {
                    managers.addAll(who);
                }
            });
            return managers;
        }
    }

    /// What became of an object: `after` is null where it is gone.
    record Change(long at, String by, String key, State before, State after) {}

    /// Told of every change that is stored.
    interface Ear {
        void changed(SimulatedCluster cluster, Change change);
    }

    final String name;
    Mood mood = Mood.WELL;
    boolean namespaceGone;
    /// Another cluster answers in its place.
    boolean replaced;
    private final Ear ear;
    private Map<String, State> objects = new HashMap<>();
    private Map<String, State> strangers = new HashMap<>();
    private long version = 100;
    private long uids;
    private long creations;

    SimulatedCluster(String name, Ear ear) {
        this.name = name;
        this.ear = ear;
    }

    String identity() {
        return replaced ? name + "-stranger" : name;
    }

    State state(String key) {
        return objects.get(key);
    }

    Set<String> keys() {
        return new TreeSet<>(objects.keySet());
    }

    private Map<String, State> shown() {
        return replaced ? strangers : objects;
    }

    Optional<ClusterTrouble> trouble(boolean write) {
        return switch (mood) {
            case WELL -> Optional.empty();
            case DOWN -> Optional.of(new ClusterTrouble.Unreachable("connection refused", Optional.empty()));
            case THROTTLING -> Optional.of(new ClusterTrouble.Unreachable("429: later", Optional.of(Duration.ofSeconds(3))));
            case REFUSING -> write ? Optional.of(new ClusterTrouble.Rejected(422, "admission webhook says no", List.of())) : Optional.empty();
            case UNAUTHORIZED -> Optional.of(new ClusterTrouble.Forbidden(401, "credentials are not accepted"));
        };
    }

    ReadOutcome read(String key) {
        Optional<ClusterTrouble> trouble = trouble(false);
        if (trouble.isPresent()) {
            return trouble.get();
        }
        State state = shown().get(key);
        return state == null ? new ReadOutcome.Absent() : new ReadOutcome.Found(new ClusterObject(tree(key, state)));
    }

    /// By a manager of its own.
    ApplyOutcome create(long now, Map<String, Object> tree) {
        return patch(now, tree, CREATION + ++creations, Optional.empty(), false);
    }

    ApplyOutcome patch(long now, Map<String, Object> tree, Optional<ObjectVersion> expected, boolean force) {
        return patch(now, tree, PORTAL, expected, force);
    }

    /// What creations own is the portal's, in exactly that state.
    ApplyOutcome settle(long now, ClusterObject made) {
        Optional<ClusterTrouble> trouble = trouble(true);
        if (trouble.isPresent()) {
            return trouble.get();
        }
        String key = made.namespace() + "/" + made.name();
        State before = shown().get(key);
        if (isOther(before, made.version())) {
            return new ApplyOutcome.Stale("the object has been modified");
        }
        Map<String, Set<String>> owners = new TreeMap<>();
        before.owners().forEach((field, who) -> owners.put(field, new TreeSet<>(who.stream().map(SimulatedCluster::known).toList())));
        State after = new State(before.uid(), before.version(), before.generation(), before.labels(), before.annotations(), before.spec(), owners);
        if (!after.equals(before)) {
            after = versioned(before, after, ++version);
            shown().put(key, after);
            ear.changed(this, new Change(now, PORTAL, key, before, after));
        }
        return new ApplyOutcome.Applied(new ClusterObject(tree(key, after)), !after.equals(before));
    }

    private static boolean isOther(State live, ObjectVersion expected) {
        return live == null || !live.uid().equals(expected.uid()) || !Long.toString(live.version()).equals(expected.resourceVersion());
    }

    private static String known(String manager) {
        return manager.startsWith(CREATION) ? PORTAL : manager;
    }

    private ApplyOutcome patch(long now, Map<String, Object> tree, String manager, Optional<ObjectVersion> expected, boolean force) {
        Optional<ClusterTrouble> trouble = trouble(true);
        if (trouble.isPresent()) {
            return trouble.get();
        }
        ClusterObject wanted = new ClusterObject(tree);
        String key = wanted.namespace() + "/" + wanted.name();
        if (namespaceGone) {
            return new ClusterTrouble.Rejected(404, "namespaces not found", List.of());
        }
        State before = shown().get(key);
        if (expected.isPresent() && isOther(before, expected.get())) {
            return new ApplyOutcome.Stale("the object has been modified");
        }
        List<ApplyOutcome.FieldConflict> conflicts = before == null || force ? List.of() : conflicts(before, tree, manager);
        if (!conflicts.isEmpty()) {
            return new ApplyOutcome.Conflicted(conflicts, "conflict with " + conflicts.getFirst().manager());
        }
        State after = applied(before, tree, manager);
        boolean same = after.equals(before);
        if (!same) {
            after = versioned(before, after, ++version);
            shown().put(key, after);
            ear.changed(this, new Change(now, PORTAL, key, before, after));
        }
        return new ApplyOutcome.Applied(new ClusterObject(tree(key, after)), !same);
    }

    private static List<ApplyOutcome.FieldConflict> conflicts(State before, Map<String, Object> tree, String applier) {
        List<ApplyOutcome.FieldConflict> conflicts = new ArrayList<>();
        map(tree.get("spec")).forEach((field, value) -> {
            if (before.spec().containsKey(field) && !Objects.equals(before.spec().get(field), value)) {
                others(before, field, applier).forEach(manager -> conflicts.add(new ApplyOutcome.FieldConflict(known(manager), ".spec." + field)));
            }
        });
        Map<String, Object> metadata = map(tree.get(META));
        if (!text(metadata.get("labels")).equals(before.labels()) || !text(metadata.get("annotations")).equals(before.annotations())) {
            others(before, META, applier).forEach(manager -> conflicts.add(new ApplyOutcome.FieldConflict(known(manager), ".metadata")));
        }
        return conflicts;
    }

    private static List<String> others(State state, String field, String applier) {
        return state.owners().getOrDefault(field, Set.of()).stream().filter(manager -> !manager.equals(applier)).sorted().toList();
    }

    private State applied(State before, Map<String, Object> tree, String manager) {
        Map<String, Object> wanted = map(tree.get("spec"));
        Map<String, Object> spec = new TreeMap<>(before == null ? Map.of() : before.spec());
        Map<String, Set<String>> owners = new TreeMap<>();
        if (before != null) {
            before.owners().forEach((field, who) -> owners.put(field, new TreeSet<>(who)));
        }
        wanted.forEach((field, value) -> own(owners, field, manager, !Objects.equals(spec.put(field, value), value)));
        for (String field : List.copyOf(owners.keySet())) {
            if (!field.equals(META) && !wanted.containsKey(field) && owners.get(field).remove(manager) && owners.get(field).isEmpty()) {
                owners.remove(field);
                spec.remove(field);
            }
        }
        Map<String, Object> metadata = map(tree.get(META));
        Map<String, String> labels = text(metadata.get("labels"));
        Map<String, String> annotations = text(metadata.get("annotations"));
        own(owners, META, manager, before == null || !labels.equals(before.labels()) || !annotations.equals(before.annotations()));
        return new State(before == null ? name + "-" + ++uids : before.uid(), before == null ? version + 1 : before.version(), before == null ? 1 : before.generation(),
                labels, annotations, spec, owners);
    }

    private static void own(Map<String, Set<String>> owners, String field, String manager, boolean changed) {
        Set<String> who = owners.computeIfAbsent(field, key -> new TreeSet<>());
        if (changed) {
            who.clear();
        }
        who.add(manager);
    }

    private static State versioned(State before, State after, long version) {
        boolean rises = before != null && !before.spec().equals(after.spec());
        return new State(after.uid(), version, after.generation() + (rises ? 1 : 0), after.labels(), after.annotations(), after.spec(), after.owners());
    }

    /// Another hand changes the rules of what is there.
    void edit(long now, String hand, String key, Object rules) {
        State before = objects.get(key);
        if (before == null || replaced) {
            return;
        }
        Map<String, Object> spec = new TreeMap<>(before.spec());
        spec.put("rules", rules);
        Map<String, Set<String>> owners = new TreeMap<>(before.owners());
        owners.put("rules", new TreeSet<>(Set.of(hand)));
        store(now, hand, key, versioned(before, new State(before.uid(), 0, before.generation(), before.labels(), before.annotations(), spec, owners), ++version));
    }

    /// Another hand touches nothing that matters: only the resource version rises.
    void touch(long now, String hand, String key) {
        State before = objects.get(key);
        if (before != null && !replaced) {
            store(now, hand, key, versioned(before, before, ++version));
        }
    }

    /// Another hand makes an object of that name first.
    void make(long now, String hand, String key, Object rules) {
        if (objects.containsKey(key) || namespaceGone || replaced) {
            return;
        }
        Map<String, Object> spec = new TreeMap<>(Map.of("rules", rules, "selector", Map.of("matchLabels", Map.of("app", "made-by-hand"))));
        Map<String, Set<String>> owners = new TreeMap<>(Map.of("rules", new TreeSet<>(Set.of(hand)), "selector", new TreeSet<>(Set.of(hand))));
        store(now, hand, key, new State(name + "-" + ++uids, ++version, 1, Map.of(), Map.of(), spec, owners));
    }

    /// What the portal made for a tenant that this namespace belonged to before.
    void leave(long now, String key, String tenant) {
        store(now, "the past", key, new State(name + "-" + ++uids, ++version, 1, Map.of("app.kubernetes.io/managed-by", PORTAL, "countersign.dev/tenant", tenant), Map.of(),
                new TreeMap<>(Map.of("action", "ALLOW", "selector", Map.of("matchLabels", Map.of("app", "of-another")))),
                new TreeMap<>(Map.of("action", Set.of(PORTAL), "selector", Set.of(PORTAL), META, Set.of(PORTAL)))));
    }

    void delete(long now, String hand, String key) {
        if (objects.containsKey(key) && !replaced) {
            version++;
            store(now, hand, key, null);
        }
    }

    void loseNamespace(long now, String hand) {
        namespaceGone = true;
        keys().forEach(key -> delete(now, hand, key));
    }

    private void store(long now, String hand, String key, State after) {
        State before = after == null ? objects.remove(key) : objects.put(key, after);
        ear.changed(this, new Change(now, hand, key, before, after));
    }

    /// As the API server shows it.
    static Map<String, Object> tree(String key, State state) {
        int slash = key.indexOf('/');
        List<Object> managedFields = new ArrayList<>();
        Set<String> all = new TreeSet<>(state.managersOfSpec());
        all.addAll(state.owners().getOrDefault(META, Set.of()));
        for (String manager : all) {
            managedFields.add(Map.of("manager", manager, "operation", known(manager).equals(PORTAL) ? "Apply" : "Update", "fieldsV1", state.managersOfSpec().contains(manager) ? Map.of("f:spec", Map.of()) : Map.of("f:metadata", Map.of())));
        }
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("namespace", key.substring(0, slash));
        metadata.put("name", key.substring(slash + 1));
        metadata.put("uid", state.uid());
        metadata.put("resourceVersion", Long.toString(state.version()));
        metadata.put("generation", state.generation());
        metadata.put("labels", state.labels());
        metadata.put("annotations", state.annotations());
        metadata.put("managedFields", managedFields);
        return Tree.map("apiVersion", "security.istio.io/v1", "kind", "AuthorizationPolicy", META, metadata, "spec", state.spec());
    }

    /// The paths that the rules of a spec let pass, with who may call them: `principal path`.
    static Set<String> lets(Map<String, Object> spec) {
        Set<String> lets = new HashSet<>();
        for (Object rule : list(spec.get("rules"))) {
            for (Object from : list(map(rule).get("from"))) {
                for (Object principal : list(map(map(from).get("source")).get("principals"))) {
                    for (Object to : list(map(rule).get("to"))) {
                        list(map(map(to).get("operation")).get("paths")).forEach(path -> lets.add(principal + " " + path));
                    }
                }
            }
        }
        return lets;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    private static List<?> list(Object value) {
        return value instanceof List<?> list ? list : List.of();
    }

    private static Map<String, String> text(Object value) {
        Map<String, String> text = new TreeMap<>();
        map(value).forEach((key, one) -> text.put(key, (String) one));
        return text;
    }
}
