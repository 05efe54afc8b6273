package dev.countersign.audit;

import dev.countersign.audit.proof.Merkle;
import dev.countersign.audit.proof.Receipt;
import dev.countersign.audit.proof.SealedEntry;
import dev.countersign.audit.proof.VerifierKey;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.Tenants;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Transactional;

/// What of the current tenant's record a stranger can check: checkpoints, proofs, tiles, receipts, and the whole as one file.
/// An entry is sealed within a second after it was appended; before that there is no proof of it.
@Service
public class RecordProofs {
    private final JdbcClient jdbc;
    private final DataSource source;
    private final Tenants tenants;
    private final Checkpoints checkpoints;

    RecordProofs(JdbcClient jdbc, DataSource source, Tenants tenants, Checkpoints checkpoints) {
        this.jdbc = jdbc;
        this.source = source;
        this.tenants = tenants;
        this.checkpoints = checkpoints;
    }

    /// A signed note and how many entries it covers.
    public record Signed(long size, String note) {}

    /// `leaf` is the leaf's hash; `path` goes from the leaf upwards.
    public record Inclusion(long entry, long size, byte[] leaf, byte[] root, List<byte[]> path) {}

    public record Consistency(long from, long to, byte[] fromRoot, byte[] toRoot, List<byte[]> path) {}

    @Transactional(readOnly = true)
    public Optional<Signed> checkpoint() {
        return checkpoints.latest().map(signed -> new Signed(signed.size(), signed.note()));
    }

    /// Every key that signed, oldest first, as C2SP writes verifier keys.
    @Transactional(readOnly = true)
    public List<String> keys() {
        return verifierKeys().stream().map(VerifierKey::toString).toList();
    }

    private List<VerifierKey> verifierKeys() {
        return checkpoints.keys(tenant());
    }

    /// Empty where the entry is not among the first `size`, or so many are not sealed.
    @Transactional(readOnly = true)
    public Optional<Inclusion> inclusion(long entry, long size) {
        if (entry < 1 || entry > size || size > sealed()) {
            return Optional.empty();
        }
        Tiles tiles = new Tiles(jdbc);
        return Optional.of(new Inclusion(entry, size, tiles.at(0, entry - 1), Merkle.root(size, tiles), Merkle.inclusion(entry - 1, size, tiles)));
    }

    @Transactional(readOnly = true)
    public Optional<Consistency> consistency(long from, long to) {
        if (from < 0 || from > to || to > sealed()) {
            return Optional.empty();
        }
        Tiles tiles = new Tiles(jdbc);
        return Optional.of(new Consistency(from, to, Merkle.root(from, tiles), Merkle.root(to, tiles), Merkle.consistency(from, to, tiles)));
    }

    /// A file that shows, offline, that the entry is in the record: see docs/record.md. Empty while it is not sealed.
    @Transactional(readOnly = true)
    public Optional<String> receipt(long seq) {
        Optional<Checkpoints.Signed> signed = checkpoints.covering(seq);
        Optional<SealedEntry> entry = jdbc.sql("select seq, at, previous_digest, digest, content from audit_entry where tenant_id = ? and seq = ?")
                .params(CurrentTenant.require().value(), seq)
                .query((row, number) -> SealedEntries.read(row))
                .optional();
        if (signed.isEmpty() || entry.isEmpty()) {
            return Optional.empty();
        }
        List<byte[]> path = Merkle.inclusion(seq - 1, signed.get().size(), new Tiles(jdbc));
        return Optional.of(Receipt.text(RecordKey.origin(tenant()), verifierKeys(), entry.get(), path, signed.get().note()));
    }

    /// The first `width` hashes of a tile of C2SP tlog-tiles; 256 for a full one. Empty where there are not so many.
    @Transactional(readOnly = true)
    public Optional<byte[]> tile(int level, long number, int width) {
        return new Tiles(jdbc).tile(new Tiles.Key(level, number))
                .filter(hashes -> hashes.length >= width * Merkle.HASH)
                .map(hashes -> Arrays.copyOf(hashes, width * Merkle.HASH));
    }

    /// An entry bundle of C2SP tlog-tiles: `width` log entries, each the 32 bytes of an entry's digest after their length.
    @Transactional(readOnly = true)
    public Optional<byte[]> bundle(long number, int width) {
        long size = sealed();
        // Divided, not multiplied: the place of a bundle may be a number whose first entry no long can hold.
        if (width > size || number > (size - width) / Tiles.WIDTH) {
            return Optional.empty();
        }
        long first = number * Tiles.WIDTH;
        ByteArrayOutputStream bundle = new ByteArrayOutputStream(width * 34);
        jdbc.sql("select digest from audit_entry where tenant_id = ? and seq > ? and seq <= ? order by seq")
                .params(CurrentTenant.require().value(), first, first + width)
                .query(byte[].class)
                .list()
                .forEach(digest -> {
                    bundle.write(0);
                    bundle.write(Merkle.HASH);
                    bundle.writeBytes(digest);
                });
        return Optional.of(bundle.toByteArray());
    }

    /// The whole record up to the last checkpoint, as stored, with every checkpoint at its place: one consistent reading that
    /// does not grow in memory.
    @Transactional(readOnly = true, isolation = Isolation.REPEATABLE_READ)
    public void export(OutputStream out) {
        Export.mayTakeLong(jdbc);
        Tenant tenant = tenant();
        write(out, "countersign record v1\norigin " + RecordKey.origin(tenant) + "\n");
        keys().forEach(key -> write(out, "key " + key + "\n"));
        long end = checkpoints.latest().map(Checkpoints.Signed::size).orElse(0L);
        Notes notes = new Notes(tenant);
        SealedEntries.each(source, tenant.id(), end, entry -> {
            write(out, entry.line());
            notes.after(entry.seq()).ifPresent(note -> write(out, "checkpoint\n" + note + "\n"));
        });
    }

    /// The checkpoints in order, some at a time.
    private final class Notes {
        private final Tenant tenant;
        private final Deque<Checkpoints.Signed> next = new ArrayDeque<>();
        private long last;

        Notes(Tenant tenant) {
            this.tenant = tenant;
        }

        Optional<String> after(long seq) {
            while (!next.isEmpty() && next.peekFirst().size() < seq) {
                next.removeFirst();
            }
            if (next.isEmpty() && last < seq) {
                next.addAll(jdbc.sql("select size, note from audit_checkpoint where tenant_id = ? and size >= ? order by size limit 500")
                        .params(tenant.id().value(), seq)
                        .query(Checkpoints.Signed.class)
                        .list());
                last = next.isEmpty() ? Long.MAX_VALUE : next.peekLast().size();
            }
            return next.isEmpty() || next.peekFirst().size() != seq ? Optional.empty() : Optional.of(next.peekFirst().note());
        }
    }

    private long sealed() {
        return checkpoints.latest().map(Checkpoints.Signed::size).orElse(0L);
    }

    private Tenant tenant() {
        return tenants.byId(CurrentTenant.require()).orElseThrow(() -> new IllegalStateException("the tenant is not known"));
    }

    private static void write(OutputStream out, String text) {
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
