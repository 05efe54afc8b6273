package dev.countersign.clusters;

import dev.countersign.clusters.ClusterTrouble.Unreachable;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One watch as its lines come in.
final class Watching {
    private final ApiResource resource;
    private final String from;
    private final Consumer<WatchEvent> each;
    private volatile String reached;
    private volatile @Nullable WatchOutcome said;

    Watching(ApiResource resource, String from, Consumer<WatchEvent> each) {
        this.resource = resource;
        this.from = from;
        this.reached = from;
        this.each = each;
    }

    void line(String line) {
        Map<String, Object> event = Json.object(line).orElseThrow(() -> new IllegalArgumentException("a line of the watch is not JSON"));
        Map<String, Object> tree = JsonTree.map(event, "object");
        ClusterObject object = new ClusterObject(tree);
        switch (JsonTree.text(event, "type").orElse("")) {
            case "ADDED", "MODIFIED" -> tell(new WatchEvent.Put(object), object);
            case "DELETED" -> tell(new WatchEvent.Gone(object), object);
            case "BOOKMARK" -> tell(new WatchEvent.Bookmark(object.resourceVersion()), object);
            case "ERROR" -> said = Answers.watchError(tree);
            default -> throw new IllegalArgumentException("the watch of " + resource.plural() + " tells something unknown");
        }
    }

    private void tell(WatchEvent event, ClusterObject object) {
        if (object.resourceVersion().isEmpty()) {
            throw new IllegalArgumentException("the watch of " + resource.plural() + " tells of an object without a version");
        }
        each.accept(event);
        reached = object.resourceVersion();
    }

    boolean expired() {
        return said instanceof WatchOutcome.Expired;
    }

    /// How far it came; empty where nothing new was told.
    Optional<String> reached() {
        return reached.equals(from) ? Optional.empty() : Optional.of(reached);
    }

    WatchOutcome outcome() {
        WatchOutcome error = said;
        return switch (error) {
            case Unreachable _ when reached().isPresent() -> new WatchOutcome.Ended(reached);
            case null -> new WatchOutcome.Ended(reached);
            default -> error;
        };
    }
}
