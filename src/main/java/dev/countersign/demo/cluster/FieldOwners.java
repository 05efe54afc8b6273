package dev.countersign.demo.cluster;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Who owns which field of one object: the `managedFields` of its metadata, read, changed and written back. An object that
/// has none is not tracked: an update of it leaves it so, and the first apply gives all it holds to `BEFORE_FIRST_APPLY`.
final class FieldOwners {
    static final String BEFORE_FIRST_APPLY = "before-first-apply";

    /// One entry. An apply and an update under the same name are two owners.
    private record Owner(
            String manager,
            String operation,
            String apiVersion,
            String subresource,
            @Nullable String time,
            Set<List<String>> fields) {

        boolean is(String manager, String operation, String subresource) {
            return this.manager.equals(manager)
                    && this.operation.equals(operation)
                    && this.subresource.equals(subresource);
        }

        Owner with(Set<List<String>> fields, @Nullable String time, String apiVersion) {
            return new Owner(manager, operation, apiVersion, subresource, time, fields);
        }

        String described() {
            var text =
                    "\"" + manager + "\"" + (subresource.isEmpty() ? "" : " with subresource \"" + subresource + "\"");
            return operation.equals("Update") ? text + " using " + apiVersion : text;
        }
    }

    /// Fields that another manager owns and the applier would change.
    record Conflict(String owner, List<String> path) {}

    private final List<Owner> owners = new ArrayList<>();

    static FieldOwners of(Map<String, Object> object) {
        var read = new FieldOwners();
        for (var entry : Tree.list(Tree.at(object, "metadata", "managedFields").orElse(null))) {
            var fields = Tree.map(entry);
            read.owners.add(new Owner(
                    Tree.text(fields, "manager").orElse(""),
                    Tree.text(fields, "operation").orElse(""),
                    Tree.text(fields, "apiVersion").orElse(""),
                    Tree.text(fields, "subresource").orElse(""),
                    Tree.text(fields, "time").orElse(null),
                    Fields.fromFieldsV1(Tree.mapAt(fields, "fieldsV1"))));
        }
        return read;
    }

    /// Whether an entry of `managedFields` says whose it is and what.
    static boolean isReadable(Object entry) {
        var fields = Tree.map(entry);
        return Set.of("Apply", "Update").contains(Tree.text(fields, "operation").orElse(""))
                && Tree.text(fields, "fieldsType").orElse("").equals("FieldsV1")
                && fields.get("fieldsV1") instanceof Map;
    }

    boolean isEmpty() {
        return owners.isEmpty();
    }

    void writeTo(Map<String, Object> object) {
        var metadata = Tree.child(object, "metadata");
        owners.removeIf(owner -> owner.fields().isEmpty());
        owners.sort(Comparator.comparing(Owner::operation)
                .thenComparing(owner -> owner.time() == null ? "" : owner.time())
                .thenComparing(Owner::manager)
                .thenComparing(Owner::apiVersion)
                .thenComparing(Owner::subresource));
        if (owners.isEmpty()) {
            metadata.remove("managedFields");
            return;
        }
        metadata.put(
                "managedFields",
                new ArrayList<Object>(owners.stream().map(FieldOwners::entry).toList()));
    }

    /// What `manager` claimed when it last applied.
    Set<List<String>> applied(String manager, String subresource) {
        return owners.stream()
                .filter(owner -> owner.is(manager, "Apply", subresource))
                .map(Owner::fields)
                .findFirst()
                .orElseGet(Fields::none);
    }

    List<Conflict> conflicts(String manager, String subresource, Set<List<String>> changed) {
        return owners.stream()
                .filter(owner -> !owner.is(manager, "Apply", subresource))
                .flatMap(owner ->
                        owner.fields().stream().filter(changed::contains).map(p -> new Conflict(owner.described(), p)))
                .sorted(Comparator.comparing(Conflict::owner))
                .toList();
    }

    /// Whether anyone but the applier itself owns `path` or something inside it.
    boolean ownedByAnother(List<String> path, String manager, String subresource) {
        return owners.stream()
                .filter(owner -> !owner.is(manager, "Apply", subresource))
                .anyMatch(owner -> owner.fields().stream()
                        .anyMatch(f -> f.size() >= path.size()
                                && f.subList(0, path.size()).equals(path)));
    }

    /// The applier owns `claimed` from now on; everyone else has lost `taken`. `now` is null where the object stays as it
    /// is: then no entry gets a time.
    void apply(
            String manager,
            String subresource,
            String apiVersion,
            @Nullable String now,
            Set<List<String>> claimed,
            Set<List<String>> taken) {
        loseAll(taken, manager, "Apply", subresource);
        replace(manager, "Apply", subresource, apiVersion, now, claimed);
    }

    /// The updater owns what it changed; everyone has lost what it removed.
    void update(String manager, String subresource, String apiVersion, String now, Fields.Difference difference) {
        if (difference.isEmpty()) {
            return;
        }
        loseAll(difference.changed(), manager, "Update", subresource);
        var mine = Fields.none();
        owners.stream()
                .filter(owner -> owner.is(manager, "Update", subresource))
                .forEach(owner -> mine.addAll(owner.fields()));
        mine.removeAll(difference.removed());
        mine.addAll(difference.changed());
        for (int i = 0; i < owners.size(); i++) {
            owners.set(i, without(owners.get(i), difference.removed()));
        }
        replace(manager, "Update", subresource, apiVersion, now, mine);
    }

    private void loseAll(Set<List<String>> taken, String manager, String operation, String subresource) {
        for (int i = 0; i < owners.size(); i++) {
            if (!owners.get(i).is(manager, operation, subresource)) {
                owners.set(i, without(owners.get(i), taken));
            }
        }
    }

    private void replace(
            String manager,
            String operation,
            String subresource,
            String apiVersion,
            @Nullable String now,
            Set<List<String>> fields) {
        for (int i = 0; i < owners.size(); i++) {
            var owner = owners.get(i);
            if (owner.is(manager, operation, subresource)) {
                owners.set(i, owner.with(fields, now == null ? owner.time() : now, apiVersion));
                return;
            }
        }
        owners.add(new Owner(manager, operation, apiVersion, subresource, now, fields));
    }

    private static Owner without(Owner owner, Set<List<String>> lost) {
        if (owner.fields().stream().noneMatch(lost::contains)) {
            return owner;
        }
        var kept = Fields.none();
        owner.fields().stream().filter(field -> !lost.contains(field)).forEach(kept::add);
        return owner.with(kept, owner.time(), owner.apiVersion());
    }

    private static Map<String, Object> entry(Owner owner) {
        var entry =
                Tree.of("manager", owner.manager(), "operation", owner.operation(), "apiVersion", owner.apiVersion());
        if (owner.time() != null) {
            entry.put("time", owner.time());
        }
        entry.put("fieldsType", "FieldsV1");
        entry.put("fieldsV1", Fields.toFieldsV1(owner.fields()));
        if (!owner.subresource().isEmpty()) {
            entry.put("subresource", owner.subresource());
        }
        return entry;
    }
}
