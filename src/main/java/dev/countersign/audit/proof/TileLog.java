package dev.countersign.audit.proof;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The C2SP tlog-tiles log (height 8) that a record amounts to: gathered while the record is read, 34 bytes an entry, written once it was
/// found good. The bytes are those that the portal serves under `/api/v1/audit/log/`.
final class TileLog implements RecordVerifier.Follower {
    private static final int WIDTH = 256;
    private static final int ENTRY = 2 + Merkle.HASH;

    private final List<byte[]> bundles = new ArrayList<>();

    /// The one that is not full yet.
    private final ByteArrayOutputStream bundle = new ByteArrayOutputStream(WIDTH * ENTRY);
    private String note = "";
    private List<VerifierKey> keys = List.of();

    /// How much was written, and `key`, which signed the checkpoint.
    record Written(long entries, int bundles, int tiles, VerifierKey key) {
        @Override
        public String toString() {
            return count(entries, "entry", "entries") + " in " + count(bundles, "bundle", "bundles") + ", " + count(tiles, "tile", "tiles")
                    + ", the checkpoint; check it with the key " + key;
        }

        private static String count(long number, String one, String many) {
            return number + " " + (number == 1 ? one : many);
        }
    }

    @Override
    public void entry(SealedEntry entry) {
        bundle.write(0);
        bundle.write(Merkle.HASH);
        bundle.writeBytes(entry.digest());
        if (bundle.size() == WIDTH * ENTRY) {
            bundles.add(bundle.toByteArray());
            bundle.reset();
        }
    }

    @Override
    public void checkpoint(String note, List<VerifierKey> keys) {
        this.note = note;
        this.keys = keys;
    }

    /// Whether no checkpoint was seen: what was read is no record.
    boolean isEmpty() {
        return note.isEmpty();
    }

    /// Into a folder that is not there or empty. The checkpoint comes last: a folder that was not finished is not taken for a log.
    Written write(Path folder) throws IOException {
        Files.createDirectories(folder);
        List<byte[]> all = new ArrayList<>(bundles);
        if (bundle.size() > 0) {
            all.add(bundle.toByteArray());
        }
        long entries = 0;
        int tiles = 0;
        ByteArrayOutputStream roots = new ByteArrayOutputStream();
        for (int number = 0; number < all.size(); number++) {
            byte[] data = all.get(number);
            int width = data.length / ENTRY;
            put(folder, "tile/entries/" + place(number, width), data);
            roots.writeBytes(tile(folder, 0, number, leaves(data)));
            entries += width;
            tiles++;
        }
        for (int level = 1; roots.size() > 0; level++) {
            byte[] hashes = roots.toByteArray();
            roots.reset();
            int full = WIDTH * Merkle.HASH;
            for (int from = 0; from < hashes.length; from += full) {
                roots.writeBytes(tile(folder, level, from / full, Arrays.copyOfRange(hashes, from, Math.min(from + full, hashes.length))));
                tiles++;
            }
        }
        put(folder, "checkpoint", note.getBytes(StandardCharsets.UTF_8));
        return new Written(entries, all.size(), tiles, signer());
    }

    private static byte[] leaves(byte[] bundle) {
        ByteArrayOutputStream leaves = new ByteArrayOutputStream(WIDTH * Merkle.HASH);
        for (int at = 0; at < bundle.length; at += ENTRY) {
            leaves.writeBytes(Merkle.leaf(Arrays.copyOfRange(bundle, at + 2, at + ENTRY)));
        }
        return leaves.toByteArray();
    }

    /// Returns what the tile adds to the level above: its root where it is full, nothing else.
    private static byte[] tile(Path folder, int level, long number, byte[] hashes) throws IOException {
        int width = hashes.length / Merkle.HASH;
        put(folder, "tile/" + level + "/" + place(number, width), hashes);
        if (width < WIDTH) {
            return new byte[0];
        }
        Merkle.Growing tree = new Merkle.Growing();
        for (int at = 0; at < hashes.length; at += Merkle.HASH) {
            tree.add(Arrays.copyOfRange(hashes, at, at + Merkle.HASH));
        }
        return tree.root();
    }

    /// As C2SP writes it: groups of three digits, `x` before all but the last; with `.p/<width>` where it is not full.
    static String place(long number, int width) {
        StringBuilder place = new StringBuilder("%03d".formatted(number % 1000));
        for (long rest = number / 1000; rest > 0; rest /= 1000) {
            place.insert(0, "x%03d/".formatted(rest % 1000));
        }
        return width == WIDTH ? place.toString() : place.append(".p/").append(width).toString();
    }

    private static void put(Path folder, String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    private VerifierKey signer() {
        for (VerifierKey key : keys) {
            try {
                Checkpoint.open(note, List.of(key));
                return key;
            } catch (IllegalArgumentException e) {
                // Another one's signature: a record has been signed by each key that it names.
            }
        }
        throw new IllegalStateException("a checkpoint of no key was found good");
    }
}
