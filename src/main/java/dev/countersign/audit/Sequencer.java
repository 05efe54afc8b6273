package dev.countersign.audit;

import dev.countersign.audit.proof.Checkpoint;
import dev.countersign.audit.proof.Merkle;
import dev.countersign.audit.proof.SealedEntry;
import dev.countersign.audit.proof.VerifierKey;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.TenantId;
import dev.countersign.tenancy.Tenants;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// Takes new entries into the tree and signs checkpoints. One replica at a time per tenant, by the row lock on `audit_tree`; tree,
/// tiles and checkpoint change in one transaction, so a replica that dies leaves nothing half done. A checkpoint is signed
/// only over an extension of the last one: otherwise `RecordBroken`.
@Component
class Sequencer {
    static final int BATCH = 5_000;

    private final JdbcClient jdbc;
    private final Tenants tenants;
    private final StoredTree tree;
    private final Checkpoints checkpoints;
    private final RecordKey key;
    private final AuditLog audit;
    /// Of each tenant the last note that this replica signed. To check its own signature would cost as much as the rest of a sealing.
    private final Map<TenantId, Own> own = new ConcurrentHashMap<>();

    private record Own(String note, VerifierKey key, Checkpoint checkpoint) {}

    Sequencer(JdbcClient jdbc, Tenants tenants, StoredTree tree, Checkpoints checkpoints, RecordKey key, AuditLog audit) {
        this.jdbc = jdbc;
        this.tenants = tenants;
        this.tree = tree;
        this.checkpoints = checkpoints;
        this.key = key;
        this.audit = audit;
    }

    enum Sealed {
        ALL,
        /// There was more than a batch.
        MORE_WAITS,
        BY_ANOTHER
    }

    Sealed seal(Tenant tenant) {
        return tenants.inTenant(tenant.id(), () -> tree.lock().map(edge -> extend(tenant, edge)).orElse(Sealed.BY_ANOTHER));
    }

    private Sealed extend(Tenant tenant, StoredTree.Edge edge) {
        StoredTree.Found found = tree.read(tenant, edge);
        long signed = checkStillThere(tenant, edge, found);
        VerifierKey mine = key.verifierKey(tenant);
        if (!found.keys().contains(mine) && checkpoints.remember(mine) && signed > 0) {
            audit.append(new AuditEvent("record.key-changed", Actor.system("record"), new Subject("record", tenant.slug()),
                    "signs checkpoints with another key from here on", Map.of("key", mine.toString())));
        }
        List<SealedEntry> entries = after(tenant, edge.size());
        Tiles tiles = found.tiles();
        long size = edge.size();
        byte[] previous = edge.digest();
        for (SealedEntry entry : entries) {
            checkLink(entry, size + 1, previous);
            tiles.append(size, Merkle.leaf(entry.digest()));
            previous = entry.digest();
            size++;
        }
        if (size > signed) {
            Checkpoint checkpoint = new Checkpoint(RecordKey.origin(tenant), size, Merkle.root(size, tiles));
            String note = checkpoint.sign(key.key());
            tree.extend(new StoredTree.Edge(size, previous), tiles.grown(), note);
            own.put(tenant.id(), new Own(note, mine, checkpoint));
        }
        return entries.size() == BATCH ? Sealed.MORE_WAITS : Sealed.ALL;
    }

    /// Entry, chain and order, as they were when the entry was appended.
    static void checkLink(SealedEntry entry, long expected, byte[] previous) {
        if (entry.seq() != expected) {
            throw new RecordBroken(expected, "an entry is missing");
        }
        if (!Arrays.equals(entry.previous(), previous)) {
            throw new RecordBroken(expected, "the entry does not carry the digest of the one before");
        }
        if (!Arrays.equals(entry.computedDigest(), entry.digest())) {
            throw new RecordBroken(expected, "the entry is not what its digest covers");
        }
    }

    /// That the log still ends where or after the tree ends, with the same entry there, and that the tree continues the last
    /// checkpoint. Returns that checkpoint's size.
    private long checkStillThere(Tenant tenant, StoredTree.Edge edge, StoredTree.Found found) {
        if (edge.size() > 0) {
            byte[] digest = found.digest()
                    .orElseThrow(() -> new RecordBroken(lastEntry(tenant) + 1, "entries are missing: " + edge.size() + " were sealed"));
            if (!Arrays.equals(digest, edge.digest())) {
                throw new RecordBroken(edge.size(), "the entry is not the one that was sealed, nor may those before it be");
            }
        }
        if (found.last().isEmpty()) {
            if (edge.size() > 0) {
                throw new RecordBroken(1, "the checkpoints are missing");
            }
            return 0;
        }
        Checkpoints.Signed last = found.last().get();
        continues(tenant, open(tenant, last.note(), found.keys()), edge.size(), found.tiles());
        return last.size();
    }

    /// Throws unless the tree of `size` leaves contains what the note says.
    void continues(Tenant tenant, String note, long size) {
        continues(tenant, open(tenant, note, checkpoints.keys(tenant)), size, new Tiles(jdbc));
    }

    private static void continues(Tenant tenant, Checkpoint checkpoint, long size, Tiles tiles) {
        if (!checkpoint.origin().equals(RecordKey.origin(tenant))) {
            throw new RecordBroken(1, "it cannot be compared with what was sealed: the checkpoint is of another record");
        }
        if (checkpoint.size() > size) {
            throw new RecordBroken(size + 1, "entries are missing: a checkpoint was signed over " + checkpoint.size());
        }
        if (!Arrays.equals(Merkle.root(checkpoint.size(), tiles), checkpoint.root())) {
            throw new RecordBroken(1, "the entries up to " + checkpoint.size() + " are not the ones that were sealed");
        }
    }

    private Checkpoint open(Tenant tenant, String note, List<VerifierKey> keys) {
        Own mine = own.get(tenant.id());
        if (mine != null && mine.note().equals(note) && keys.contains(mine.key())) {
            return mine.checkpoint();
        }
        try {
            return Checkpoint.open(note, keys);
        } catch (IllegalArgumentException e) {
            throw new RecordBroken(1, "it cannot be compared with what was sealed: " + e.getMessage());
        }
    }

    private long lastEntry(Tenant tenant) {
        return jdbc.sql("select coalesce(max(seq), 0) from audit_entry where tenant_id = ?").param(tenant.id().value()).query(Long.class).single();
    }

    private List<SealedEntry> after(Tenant tenant, long seq) {
        return jdbc.sql("select seq, at, previous_digest, digest, content from audit_entry where tenant_id = ? and seq > ? order by seq limit ?")
                .params(tenant.id().value(), seq, BATCH)
                .query((row, number) -> SealedEntries.read(row))
                .list();
    }
}
