package dev.countersign.audit;

import dev.countersign.audit.proof.Merkle;
import dev.countersign.audit.proof.SealedEntry;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.Tenants;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// Reads the stored record over and over, a stretch at a time: every entry must be what its digest covers, be in the tree as it
/// was sealed, and say the same in its columns, which the pages show, as in its content.
@Component
class Rounds {
    private final JdbcClient jdbc;
    private final Tenants tenants;
    private final Map<Tenant, Long> reached = new ConcurrentHashMap<>();

    Rounds(JdbcClient jdbc, Tenants tenants) {
        this.jdbc = jdbc;
        this.tenants = tenants;
    }

    /// `saysTheSame`: false too where the content cannot be read.
    private record Read(SealedEntry entry, boolean saysTheSame) {}

    /// The next `most` entries of the tenant; after the last from the first again. Throws `RecordBroken`, and then begins at the
    /// same place the next time.
    void walk(Tenant tenant, int most) {
        tenants.doInTenant(tenant.id(), () -> {
            long from = reached.getOrDefault(tenant, 0L);
            long sealed = jdbc.sql("select size from audit_tree where tenant_id = ?").param(tenant.id().value()).query(Long.class).optional().orElse(0L);
            List<Read> entries = jdbc.sql("""
                            select seq, at, previous_digest, digest, content,
                                   (says.it ->> 'kind', says.it ->> 'sentence', says.it #>> '{actor,kind}', says.it #>> '{actor,id}',
                                    says.it #>> '{actor,name}', says.it #>> '{subject,kind}', says.it #>> '{subject,id}')
                                   is not distinct from (e.kind, e.sentence, e.actor_kind, e.actor_id, e.actor_name, e.subject_kind, e.subject_id) as same
                            from audit_entry e
                            cross join lateral (select case when pg_input_is_valid(e.content, 'jsonb') then e.content::jsonb end offset 0) as says (it)
                            where tenant_id = ?
                              and seq > ?
                              and seq <= ?
                            order by seq
                            limit ?""")
                    .params(tenant.id().value(), from, sealed, most)
                    .query((row, number) -> new Read(SealedEntries.read(row), row.getBoolean("same")))
                    .list();
            check(entries, from, Math.min(from + most, sealed));
            long end = from + entries.size();
            reached.put(tenant, end >= sealed ? 0L : end);
        });
    }

    private void check(List<Read> entries, long from, long to) {
        Tiles tiles = new Tiles(jdbc);
        long next = from + 1;
        byte[] previous = entries.isEmpty() || from == 0 ? new byte[Merkle.HASH] : entries.getFirst().entry().previous();
        for (Read read : entries) {
            Sequencer.checkLink(read.entry(), next, previous);
            if (!Arrays.equals(Merkle.leaf(read.entry().digest()), tiles.at(0, next - 1))) {
                throw new RecordBroken(next, "the entry is not the one that was sealed");
            }
            if (!read.saysTheSame()) {
                throw new RecordBroken(next, "the entry's columns say something else than its content");
            }
            previous = read.entry().digest();
            next++;
        }
        if (next <= to) {
            throw new RecordBroken(next, "an entry is missing");
        }
    }
}
