package dev.countersign.audit;

import dev.countersign.audit.proof.Merkle;
import dev.countersign.tenancy.CurrentTenant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The hash tiles of the current tenant (C2SP tlog-tiles, height 8) as seen by one transaction: read where a node is asked for,
/// grown at the right edge, for whoever writes the `grown` ones.
final class Tiles implements Merkle.Nodes {
    static final int HEIGHT = 8;
    static final int WIDTH = 1 << HEIGHT;

    record Key(int level, long number) {}

    private final JdbcClient jdbc;
    private final Map<Key, byte[]> known = new HashMap<>();
    private final Map<Key, byte[]> grown = new HashMap<>();

    Tiles(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// Throws `RecordBroken` where the tile is not there, or too short.
    @Override
    public byte[] at(int height, long index) {
        int level = height / HEIGHT;
        int within = height % HEIGHT;
        long first = index << within;
        Key key = new Key(level, first >> HEIGHT);
        byte[] tile = tile(key).orElse(new byte[0]);
        int from = (int) (first & (WIDTH - 1));
        if (tile.length < (from + (1 << within)) * Merkle.HASH) {
            throw new RecordBroken(Math.max(1, (first << (level * HEIGHT)) + 1), "a part of its tree is missing");
        }
        return fold(tile, from, 1 << within);
    }

    private static byte[] fold(byte[] tile, int from, int count) {
        if (count == 1) {
            return Arrays.copyOfRange(tile, from * Merkle.HASH, (from + 1) * Merkle.HASH);
        }
        return Merkle.node(fold(tile, from, count / 2), fold(tile, from + count / 2, count / 2));
    }

    Optional<byte[]> tile(Key key) {
        byte[] tile = known.get(key);
        if (tile == null) {
            tile = jdbc.sql("select hashes from audit_tile where tenant_id = ? and level = ? and number = ?")
                    .params(CurrentTenant.require().value(), key.level(), key.number())
                    .query(byte[].class)
                    .optional()
                    .orElse(new byte[0]);
            known.put(key, tile);
        }
        return tile.length == 0 ? Optional.empty() : Optional.of(tile);
    }

    /// The leaf with this index, from 0, which must be the next.
    void append(long index, byte[] leaf) {
        append(0, index, leaf);
    }

    private void append(int level, long index, byte[] hash) {
        Key key = new Key(level, index >> HEIGHT);
        byte[] tile = tile(key).orElse(new byte[0]);
        int filled = (int) (index & (WIDTH - 1)) * Merkle.HASH;
        if (tile.length < filled) {
            throw new RecordBroken((index << (level * HEIGHT)) + 1, "a part of its tree is missing");
        }
        byte[] longer = Arrays.copyOf(tile, filled + Merkle.HASH);
        System.arraycopy(hash, 0, longer, filled, Merkle.HASH);
        known.put(key, longer);
        grown.put(key, longer);
        if (longer.length == WIDTH * Merkle.HASH) {
            append(level + 1, index >> HEIGHT, fold(longer, 0, WIDTH));
        }
    }

    /// What has grown, for the transaction to write.
    Map<Key, byte[]> grown() {
        return grown;
    }

    /// Those that a tree of `size` leaves ends in: its root and its next leaf need no other.
    static List<Key> edge(long size) {
        List<Key> keys = new ArrayList<>();
        for (long rest = size; rest > 0; ) {
            rest >>= HEIGHT;
            keys.add(new Key(keys.size(), rest));
        }
        return keys;
    }

    /// What is stored of each, or null.
    void know(List<Key> keys, byte[][] hashes) {
        for (int i = 0; i < hashes.length; i++) {
            known.put(keys.get(i), hashes[i] == null ? new byte[0] : hashes[i]);
        }
    }
}
