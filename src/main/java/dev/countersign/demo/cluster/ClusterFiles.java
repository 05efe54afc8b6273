package dev.countersign.demo.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What a cluster keeps in its state directory: `identity.json` (keys, tokens, port; readable by the owner only) and
/// `objects.ndjson`, a journal with one line for each change, written before the change is answered. A killed program
/// loses nothing that was answered; a machine that loses power may lose the last changes, for nothing is synced to
/// disk.
/// The journal is rewritten, atomically, at each start and when it has grown to several times what it says.
final class ClusterFiles implements AutoCloseable {
    private static final int SLACK = 2_000;

    private final Path directory;
    private final ObjectStoreReader reader;
    private OutputStream journal = OutputStream.nullOutputStream();
    private long lines;
    private long slack = SLACK;

    /// Who is asked for everything when the journal is rewritten.
    interface ObjectStoreReader {
        Map<ApiKind, ObjectStore.Listing> everything();
    }

    ClusterFiles(Path directory, ObjectStoreReader reader) {
        this.directory = directory;
        this.reader = reader;
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Map<String, Object> identity() {
        try {
            var file = directory.resolve("identity.json");
            return Files.exists(file) ? Wire.object(Files.readAllBytes(file), "application/json") : new TreeMap<>();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void identity(Map<String, Object> identity) {
        replace("identity.json", List.of(Wire.write(identity)));
    }

    void loadInto(ObjectStore store) {
        var file = directory.resolve("objects.ndjson");
        if (!Files.exists(file)) {
            return;
        }
        try (var all = Files.lines(file)) {
            all.forEach(line -> {
                try {
                    load(
                            Wire.object(line.getBytes(java.nio.charset.StandardCharsets.UTF_8), "application/json"),
                            store);
                } catch (Refused torn) {
                    // The last line of a killed program may be half written: its change was never answered.
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Begins a new journal that says how things are now.
    void compact() {
        var fresh = new ArrayList<byte[]>();
        long newest = 0;
        for (var listing : reader.everything().values()) {
            newest = Math.max(newest, listing.revision());
            listing.objects().forEach(o -> fresh.add(line(o.revision(), o.kind(), o.namespace(), o.name(), o.tree())));
        }
        fresh.add(Wire.write(Tree.of("revision", newest)));
        try {
            journal.close();
            replace("objects.ndjson", fresh);
            journal = Files.newOutputStream(directory.resolve("objects.ndjson"), StandardOpenOption.APPEND);
            lines = 0;
            slack = Math.max(SLACK, 3L * fresh.size());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Called under the store's lock.
    void record(ObjectStore.Change change) {
        var last = change.last();
        try {
            if (lines++ > slack) {
                compact();
            }
            journal.write(line(
                    change.revision(),
                    last.kind(),
                    last.namespace(),
                    last.name(),
                    change.after() == null ? null : last.tree()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            journal.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void load(Map<String, Object> line, ObjectStore store) {
        var revision = ((Number) line.getOrDefault("revision", 0L)).longValue();
        if (!line.containsKey("resource")) {
            store.restoreRevision(revision);
            return;
        }
        ApiKinds.ofGroupResource(String.valueOf(line.get("resource")))
                .ifPresent(kind -> store.restore(
                        kind,
                        String.valueOf(line.get("namespace")),
                        String.valueOf(line.get("name")),
                        revision,
                        line.get("object") == null ? null : Tree.map(line.get("object"))));
    }

    private static byte[] line(
            long revision,
            ApiKind kind,
            String namespace,
            String name,
            @org.jspecify.annotations.Nullable Map<String, Object> tree) {
        var json = Wire.write(Tree.of(
                "revision",
                revision,
                "resource",
                kind.groupResource(),
                "namespace",
                namespace,
                "name",
                name,
                "object",
                tree));
        var line = java.util.Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        return line;
    }

    private void replace(String name, List<byte[]> content) {
        try {
            var draft = Files.createTempFile(directory, name, ".new"); // readable by the owner only
            try (var out = new java.io.BufferedOutputStream(Files.newOutputStream(draft))) {
                for (var piece : content) {
                    out.write(piece);
                }
                out.write('\n');
            }
            if (Files.getFileStore(draft).supportsFileAttributeView("posix")) {
                Files.setPosixFilePermissions(
                        draft, Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
            }
            Files.move(
                    draft,
                    directory.resolve(name),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
