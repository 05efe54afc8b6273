package dev.countersign.demo.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Every object of the cluster, its revisions, and the recent changes of each kind for those who watch. One lock orders
/// all writes; what it hands out is immutable by agreement. A change is on record (`journal`) before anyone sees it.
final class ObjectStore {
    /// An object as stored: `tree` carries its `resourceVersion` and the apiVersion it is stored in.
    record Stored(ApiKind kind, String namespace, String name, long revision, Map<String, Object> tree) {
        String uid() {
            return Tree.text(tree, "metadata", "uid").orElse("");
        }
    }

    /// A change at `revision`: `before` is null for a new object, `after` for a deleted one, never both. `last` of a
    /// deletion is the object as it was, under the revision of its end.
    record Change(
            long revision,
            @Nullable Stored before,
            @Nullable Stored after,
            Stored last) {}

    /// What a list saw: all objects in order of namespace and name, as of `revision`.
    record Listing(long revision, List<Stored> objects) {}

    /// The changes after a revision, or the news that they are no longer known.
    sealed interface News {
        record Changes(List<Change> changes) implements News {}

        record TooOld(long oldest) implements News {}
    }

    private static final class Shelf {
        final TreeMap<String, Stored> objects = new TreeMap<>();
        final ArrayList<Change> history = new ArrayList<>();
        /// Changes at or below this revision are forgotten.
        long forgotten;
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<ApiKind, Shelf> shelves = new IdentityHashMap<>();
    private final int historyLimit;
    private final Consumer<Change> journal;
    private long revision;
    private boolean closed;

    ObjectStore(int historyLimit, Consumer<Change> journal) {
        this.historyLimit = historyLimit;
        this.journal = journal;
        ApiKinds.ALL.forEach(kind -> shelves.put(kind, new Shelf()));
    }

    <T> T exclusively(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    long revision() {
        return exclusively(() -> revision);
    }

    Optional<Stored> find(ApiKind kind, String namespace, String name) {
        return exclusively(() -> Optional.ofNullable(shelf(kind).objects.get(key(namespace, name))));
    }

    /// Everything of a kind; an empty `namespace` means all of them.
    Listing list(ApiKind kind, String namespace) {
        return exclusively(() -> {
            var all = shelf(kind).objects;
            var chosen = namespace.isEmpty() ? all : all.subMap(namespace + "/", namespace + "0");
            return new Listing(revision, List.copyOf(chosen.values()));
        });
    }

    /// Everything there is, for a stale reader.
    Map<ApiKind, Listing> everything() {
        return exclusively(() -> {
            var all = new LinkedHashMap<ApiKind, Listing>();
            ApiKinds.ALL.forEach(kind -> all.put(kind, list(kind, "")));
            return all;
        });
    }

    /// Stores `tree`, which becomes the store's own, under the next revision.
    Stored put(ApiKind kind, String namespace, String name, Map<String, Object> tree) {
        return exclusively(() -> {
            var shelf = shelf(kind);
            var before = shelf.objects.get(key(namespace, name));
            var after = stored(kind, namespace, name, tree, revision + 1);
            record(shelf, new Change(revision + 1, before, after, after));
            return after;
        });
    }

    Stored remove(Stored object) {
        return exclusively(() -> {
            var shelf = shelf(object.kind());
            var last = stored(object.kind(), object.namespace(), object.name(), Tree.copy(object.tree()), revision + 1);
            record(shelf, new Change(revision + 1, object, null, last));
            return last;
        });
    }

    /// Puts an object back as it was when the journal was written.
    void restore(ApiKind kind, String namespace, String name, long at, @Nullable Map<String, Object> tree) {
        exclusively(() -> {
            if (tree == null) {
                shelf(kind).objects.remove(key(namespace, name));
            } else {
                shelf(kind).objects.put(key(namespace, name), new Stored(kind, namespace, name, at, tree));
            }
            restoreRevision(at);
            return null;
        });
    }

    void restoreRevision(long at) {
        exclusively(() -> {
            revision = Math.max(revision, at);
            shelves.values().forEach(shelf -> shelf.forgotten = revision);
            return null;
        });
    }

    /// Forgets all history, as a compaction of etcd does: every older watch and continue token is expired.
    void compact() {
        exclusively(() -> {
            shelves.values().forEach(shelf -> {
                shelf.history.clear();
                shelf.forgotten = revision;
            });
            changed.signalAll();
            return null;
        });
    }

    /// Waits at most `patience` for changes of `kind` after `seen`; an empty answer means none came.
    News await(ApiKind kind, long seen, Duration patience) throws InterruptedException {
        lock.lock();
        try {
            var shelf = shelf(kind);
            var nanos = patience.toNanos();
            while (true) {
                if (seen < shelf.forgotten) {
                    return new News.TooOld(shelf.forgotten);
                }
                var last = shelf.history.isEmpty() ? 0 : shelf.history.getLast().revision();
                if (last > seen) {
                    return new News.Changes(
                            List.copyOf(shelf.history.subList(firstAfter(shelf.history, seen), shelf.history.size())));
                }
                if (nanos <= 0 || closed) {
                    return new News.Changes(List.of());
                }
                nanos = changed.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        return exclusively(() -> closed);
    }

    void close() {
        exclusively(() -> {
            closed = true;
            changed.signalAll();
            return null;
        });
    }

    private void record(Shelf shelf, Change change) {
        journal.accept(change);
        revision = change.revision();
        var key = key(change.last().namespace(), change.last().name());
        if (change.after() == null) {
            shelf.objects.remove(key);
        } else {
            shelf.objects.put(key, change.after());
        }
        shelf.history.add(change);
        if (shelf.history.size() > historyLimit * 2) {
            var old = shelf.history.subList(0, shelf.history.size() - historyLimit);
            shelf.forgotten = old.getLast().revision();
            old.clear();
        }
        changed.signalAll();
    }

    private static Stored stored(ApiKind kind, String namespace, String name, Map<String, Object> tree, long revision) {
        Tree.child(tree, "metadata").put("resourceVersion", Long.toString(revision));
        return new Stored(kind, namespace, name, revision, tree);
    }

    private static int firstAfter(List<Change> history, long seen) {
        int low = 0;
        int high = history.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (history.get(middle).revision() > seen) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private Shelf shelf(ApiKind kind) {
        var shelf = shelves.get(kind);
        if (shelf == null) {
            throw new IllegalStateException("no shelf for " + kind.groupResource());
        }
        return shelf;
    }

    /// Ordered as etcd orders: by namespace, then name.
    private static String key(String namespace, String name) {
        return namespace + "/" + name;
    }
}
