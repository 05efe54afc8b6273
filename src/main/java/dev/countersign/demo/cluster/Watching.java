package dev.countersign.demo.cluster;

import dev.countersign.demo.cluster.Faults.Effect;
import dev.countersign.demo.cluster.ObjectStore.Change;
import dev.countersign.demo.cluster.ObjectStore.News;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// Watch: every change of a kind after a version, as ADDED, MODIFIED or DELETED seen through the selectors, with
/// bookmarks where wanted, until the time is up. A version whose history is gone gets one ERROR event of 410.
final class Watching {
    private static final Duration LONGEST = Duration.ofMinutes(30);

    private final ObjectStore store;
    private final Reads reads;
    private final Duration bookmarkEvery;

    Watching(ObjectStore store, Reads reads, Duration bookmarkEvery) {
        this.store = store;
        this.reads = reads;
        this.bookmarkEvery = bookmarkEvery;
    }

    Answer watch(ApiCall call, Target target, Optional<Effect> fault) {
        // A client that prefers web sockets takes an answer other than 101 as the hint to watch by plain HTTP.
        if (call.header("Upgrade").equalsIgnoreCase("websocket")) {
            return Answer.text(200, "");
        }
        var fields = call.param("fieldSelector");
        if (!target.name().isEmpty()) {
            fields = (fields.isEmpty() ? "" : fields + ",") + "metadata.name=" + target.name();
        }
        var session =
                new Session(call, target, Selectors.of(call.param("labelSelector"), fields), fault, patience(call));
        return Answer.stream(session::run);
    }

    static long version(String text) {
        try {
            return text.isEmpty() ? 0 : Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw Refused.badRequest("Invalid value: \"%s\": resourceVersion must be a number".formatted(text));
        }
    }

    private static Duration patience(ApiCall call) {
        var seconds = version(call.param("timeoutSeconds"));
        return seconds > 0 ? Duration.ofSeconds(Math.min(seconds, LONGEST.toSeconds())) : LONGEST;
    }

    private final class Session {
        private final ApiCall call;
        private final Target target;
        private final Predicate<Map<String, Object>> selected;
        private final Optional<Effect> fault;
        private final Instant end;
        private final boolean bookmarks;
        private int sent;
        private Optional<Event> kept = Optional.empty();

        Session(
                ApiCall call,
                Target target,
                Predicate<Map<String, Object>> selected,
                Optional<Effect> fault,
                Duration patience) {
            this.call = call;
            this.target = target;
            this.selected = selected;
            this.fault = fault;
            this.end = Instant.now().plus(patience);
            this.bookmarks = call.flag("allowWatchBookmarks");
            version(call.param("resourceVersion"));
        }

        void run(OutputStream out) throws IOException, InterruptedException {
            if (fault.orElse(null) instanceof Effect.ExpireWatch) {
                tooOld(out, store.revision());
                return;
            }
            var seen = begin(out);
            out.flush();
            var nextBookmark = Instant.now().plus(bookmarkEvery);
            while (Instant.now().isBefore(end) && !isDropped() && !store.isClosed()) {
                var until = nextBookmark.isBefore(end) ? nextBookmark : end;
                switch (store.await(target.kind(), seen, Duration.between(Instant.now(), until))) {
                    case News.TooOld(var oldest) -> {
                        tooOld(out, oldest);
                        return;
                    }
                    case News.Changes(var changes) -> {
                        for (var change : changes) {
                            seen = change.revision();
                            if (isDropped()) {
                                return;
                            }
                            deliver(out, change);
                        }
                        if (changes.isEmpty() && !Instant.now().isBefore(nextBookmark)) {
                            if (bookmarks) {
                                bookmark(out, Math.max(seen, quietRevision(seen)), false);
                            }
                            nextBookmark = Instant.now().plus(bookmarkEvery);
                        }
                    }
                }
                out.flush();
            }
        }

        /// What exists already, where the client did not say from when; the revision to go on from.
        private long begin(OutputStream out) throws IOException {
            var from = version(call.param("resourceVersion"));
            var initial = call.flag("sendInitialEvents");
            if (from > 0 && !initial) {
                return from;
            }
            var listing = store.list(target.kind(), target.shelfNamespace());
            for (var object : listing.objects()) {
                if (selected.test(object.tree())) {
                    send(out, "ADDED", object.tree(), object.revision());
                }
            }
            if (initial && bookmarks) {
                bookmark(out, listing.revision(), true);
            }
            return listing.revision();
        }

        private void deliver(OutputStream out, Change change) throws IOException {
            if (fault.orElse(null) instanceof Effect.OnlyBookmarks) {
                if (bookmarks) {
                    bookmark(out, change.revision(), false);
                }
                return;
            }
            if (!target.shelfNamespace().isEmpty() && !change.last().namespace().equals(target.shelfNamespace())) {
                return;
            }
            var was = change.before() != null && selected.test(change.before().tree());
            var is = change.after() != null && selected.test(change.after().tree());
            if (!was && !is) {
                return;
            }
            var type = !was ? "ADDED" : is ? "MODIFIED" : "DELETED";
            var tree = change.last().tree();
            if (type.equals("DELETED") && change.before() != null && change.after() != null) {
                // It still exists but is no longer selected: shown as it was, under the new version.
                tree = Tree.copy(change.before().tree());
                Tree.child(tree, "metadata").put("resourceVersion", Long.toString(change.revision()));
            }
            if (fault.orElse(null) instanceof Effect.SwapEvents) {
                swap(out, new Event(type, tree, change.revision()));
                return;
            }
            for (int i = 0; i < (fault.orElse(null) instanceof Effect.RepeatEvents ? 2 : 1); i++) {
                send(out, type, tree, change.revision());
            }
        }

        private record Event(String type, Map<String, Object> tree, long revision) {}

        private void swap(OutputStream out, Event event) throws IOException {
            if (kept.isEmpty()) {
                kept = Optional.of(event);
                return;
            }
            var earlier = kept.get();
            kept = Optional.empty();
            send(out, event.type(), event.tree(), event.revision());
            send(out, earlier.type(), earlier.tree(), earlier.revision());
        }

        private void send(OutputStream out, String type, Map<String, Object> tree, long revision) throws IOException {
            write(out, type, reads.shown(call, target, tree, Tree.of("resourceVersion", Long.toString(revision))));
            sent++;
        }

        private void bookmark(OutputStream out, long revision, boolean initialEnd) throws IOException {
            var metadata = Tree.of("resourceVersion", Long.toString(revision), "creationTimestamp", null);
            if (initialEnd) {
                metadata.put("annotations", Map.of("k8s.io/initial-events-end", "true"));
            }
            write(
                    out,
                    "BOOKMARK",
                    Tree.of("kind", target.kind().kind(), "apiVersion", target.apiVersion(), "metadata", metadata));
        }

        private void tooOld(OutputStream out, long oldest) throws IOException {
            var message = "too old resource version: %s (%d)".formatted(call.param("resourceVersion"), oldest);
            write(out, "ERROR", Refused.gone(message).status());
            out.flush();
        }

        private void write(OutputStream out, String type, Map<String, Object> object) throws IOException {
            out.write(Wire.write(Tree.of("type", type, "object", object)));
            out.write('\n');
        }

        /// The newest revision, if nothing of this kind happened between `seen` and it.
        private long quietRevision(long seen) throws InterruptedException {
            return store.exclusively(() -> {
                try {
                    var now = store.revision();
                    return store.await(target.kind(), seen, Duration.ZERO) instanceof News.Changes(var c) && c.isEmpty()
                            ? now
                            : seen;
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return seen;
                }
            });
        }

        private boolean isDropped() {
            return fault.orElse(null) instanceof Effect.DropWatch(var after) && sent >= after;
        }
    }
}
