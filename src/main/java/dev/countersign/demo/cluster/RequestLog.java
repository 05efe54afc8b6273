package dev.countersign.demo.cluster;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// What the cluster was asked, newest last: the witness that shares no code with the one who asked. Bounded: the oldest
/// entries fall out. A watch is entered when it begins, everything else when it is answered.
public final class RequestLog {
    /// @param status the HTTP status sent; 0 where a fault cut the connection instead of answering
    /// @param stored whether the request changed the cluster, whatever became of its answer
    public record Entry(
            Instant at,
            String user,
            String method,
            String path,
            String query,
            String verb,
            String resource,
            String namespace,
            String name,
            String fieldManager,
            boolean dryRun,
            boolean force,
            int status,
            boolean stored) {

        /// Whether this was an attempt to write for real.
        public boolean isWrite() {
            return !dryRun
                    && List.of("create", "update", "patch", "delete", "deletecollection")
                            .contains(verb)
                    && !resource.endsWith("authorization.k8s.io");
        }
    }

    private final int limit;
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private long total;

    RequestLog(int limit) {
        this.limit = limit;
    }

    synchronized void add(Entry entry) {
        total++;
        entries.addLast(entry);
        if (entries.size() > limit) {
            entries.removeFirst();
        }
    }

    public synchronized List<Entry> entries() {
        return new ArrayList<>(entries);
    }

    /// The attempts to write for real.
    public List<Entry> writes() {
        return entries().stream().filter(Entry::isWrite).toList();
    }

    /// How many requests there were since the start or the last `clear`, those that fell out included.
    public synchronized long total() {
        return total;
    }

    public synchronized void clear() {
        entries.clear();
        total = 0;
    }
}
