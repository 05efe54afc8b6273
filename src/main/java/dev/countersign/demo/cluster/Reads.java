package dev.countersign.demo.cluster;

import dev.countersign.demo.cluster.ObjectStore.Listing;
import dev.countersign.demo.cluster.ObjectStore.Stored;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Get and list, as objects, as tables, or as metadata alone. A list in pages is one consistent view: the rest of it is
/// kept under its continue token until 256 younger ones have come or the store is compacted; then the token is expired.
final class Reads {
    private static final int KEPT_CONTINUATIONS = 256;
    private static final String EXPIRED =
            "The provided continue parameter is too old to display a consistent list result. You can start a new list"
                + " without the continue parameter, or use the continue token in this response to retrieve the"
                + " remainder of the results. Continuing with the provided token results in an inconsistent list -"
                + " objects that were created, modified, or deleted between the time the first chunk was returned and"
                + " now may show up in the list.";

    private static final Pattern TOKEN = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private final ObjectStore store;
    private final Clock clock;
    private final Map<String, Listing> continuations = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Listing> eldest) {
            return size() > KEPT_CONTINUATIONS;
        }
    };

    Reads(ObjectStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    Answer get(ApiCall call, Target target, Map<ApiKind, Listing> stale) {
        var kind = target.kind();
        var found = stale.containsKey(kind)
                ? stale.get(kind).objects().stream()
                        .filter(o -> o.namespace().equals(target.shelfNamespace())
                                && o.name().equals(target.name()))
                        .findFirst()
                : store.find(kind, target.shelfNamespace(), target.name());
        var object = found.orElseThrow(() -> Refused.notFound(kind, target.name()));
        return Answer.json(
                200, shown(call, target, object.tree(), Tree.of("resourceVersion", Long.toString(object.revision()))));
    }

    Answer list(ApiCall call, Target target, Map<ApiKind, Listing> stale) {
        var selected = Selectors.of(call.param("labelSelector"), call.param("fieldSelector"));
        // The version 0 asks for whatever the server has at hand, and it has all of it.
        var limit = call.param("resourceVersion").equals("0") ? 0 : limit(call);
        var listing = call.param("continue").isEmpty()
                ? fresh(call, target, stale, selected)
                : continued(call);
        var page = limit > 0 && listing.objects().size() > limit
                ? listing.objects().subList(0, limit)
                : listing.objects();
        var rest = listing.objects().subList(page.size(), listing.objects().size());
        var meta = Tree.of("resourceVersion", Long.toString(listing.revision()), "continue", "");
        if (!rest.isEmpty()) {
            meta.put("continue", remember(new Listing(listing.revision(), rest)));
            if (call.param("labelSelector").isEmpty()
                    && call.param("fieldSelector").isEmpty()) {
                meta.put("remainingItemCount", (long) rest.size());
            }
        }
        var objects = page.stream().map(Stored::tree).toList();
        return Answer.json(
                200,
                switch (form(call)) {
                    case TABLE ->
                        Tables.table(
                                target.kind(),
                                objects(target, objects),
                                meta,
                                call.param("includeObject"),
                                clock.instant());
                    case METADATA ->
                        Tree.of(
                                "kind",
                                "PartialObjectMetadataList",
                                "apiVersion",
                                "meta.k8s.io/v1",
                                "metadata",
                                meta,
                                "items",
                                objects.stream().map(Tables::partial).toList());
                    case OBJECT ->
                        Tree.of(
                                "kind",
                                target.kind().kind() + "List",
                                "apiVersion",
                                target.apiVersion(),
                                "metadata",
                                meta,
                                "items",
                                objects(target, objects));
                });
    }

    /// One object in the form the client asked for; `meta` is what a table around it carries.
    Map<String, Object> shown(ApiCall call, Target target, Map<String, Object> tree, Map<String, Object> meta) {
        return switch (form(call)) {
            case TABLE ->
                Tables.table(
                        target.kind(),
                        List.of(inVersion(target, tree)),
                        meta,
                        call.param("includeObject"),
                        clock.instant());
            case METADATA -> Tables.partial(tree);
            case OBJECT -> inVersion(target, tree);
        };
    }

    /// The same object under the requested version of its group.
    static Map<String, Object> inVersion(Target target, Map<String, Object> tree) {
        if (target.apiVersion().equals(tree.get("apiVersion"))
                || !target.kind().kind().equals(tree.get("kind"))) {
            return tree;
        }
        var other = new LinkedHashMap<>(tree);
        other.put("apiVersion", target.apiVersion());
        return other;
    }

    void compact() {
        synchronized (continuations) {
            continuations.clear();
        }
    }

    private enum Form {
        OBJECT,
        TABLE,
        METADATA
    }

    private static Form form(ApiCall call) {
        var accept = call.header("Accept");
        var first = accept.split(",")[0];
        if (first.contains("as=Table")) {
            return Form.TABLE;
        }
        return first.contains("as=PartialObjectMetadata") ? Form.METADATA : Form.OBJECT;
    }

    private static List<Map<String, Object>> objects(Target target, List<Map<String, Object>> trees) {
        return trees.stream().map(tree -> inVersion(target, tree)).toList();
    }

    private Listing fresh(
            ApiCall call, Target target, Map<ApiKind, Listing> stale, Predicate<Map<String, Object>> selected) {
        var listing = stale.get(target.kind());
        if (listing == null) {
            listing = store.list(target.kind(), target.shelfNamespace());
        } else if (!target.shelfNamespace().isEmpty()) {
            listing = new Listing(
                    listing.revision(),
                    listing.objects().stream()
                            .filter(o -> o.namespace().equals(target.shelfNamespace()))
                            .toList());
        }
        var wanted = call.param("resourceVersion");
        if (!wanted.isEmpty() && Watching.version(wanted) > listing.revision() && stale.isEmpty()) {
            throw Refused.fault(
                    504,
                    "Timeout",
                    "Timeout: Too large resource version: %s, current: %d".formatted(wanted, listing.revision()),
                    1);
        }
        return new Listing(
                listing.revision(),
                listing.objects().stream().filter(o -> selected.test(o.tree())).toList());
    }

    private Listing continued(ApiCall call) {
        var token = call.param("continue");
        if (!Set.of("", "0").contains(call.param("resourceVersion"))) {
            throw Refused.badRequest("specifying resource version is not allowed when using continue");
        }
        if (!TOKEN.matcher(token).matches()) {
            throw Refused.badRequest("invalid continue token: continue key is not valid: " + token);
        }
        synchronized (continuations) {
            var rest = continuations.get(token);
            if (rest == null) {
                throw Refused.gone(EXPIRED);
            }
            return rest;
        }
    }

    private String remember(Listing rest) {
        var token = UUID.randomUUID().toString();
        synchronized (continuations) {
            continuations.put(token, rest);
        }
        return token;
    }

    private static int limit(ApiCall call) {
        try {
            return call.param("limit").isEmpty() ? 0 : Integer.parseInt(call.param("limit"));
        } catch (NumberFormatException e) {
            throw Refused.badRequest("limit must be a number, not " + call.param("limit"));
        }
    }
}
