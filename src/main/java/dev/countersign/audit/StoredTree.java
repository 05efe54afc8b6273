package dev.countersign.audit;

import dev.countersign.audit.proof.Merkle;
import dev.countersign.audit.proof.VerifierKey;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenant;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// The tree of the current tenant as it is stored: locked, read and extended by one statement each, since on a busy machine each waits for
/// its turn.
@Repository
class StoredTree {
    private final JdbcClient jdbc;

    StoredTree(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// How many entries are in the tree, and the digest of the last of them.
    record Edge(long size, byte[] digest) {}

    /// What must agree with the edge: the digest of the entry of that number, the last checkpoint, the keys that have signed, oldest first;
    /// `tiles` knows those at the edge already.
    record Found(Optional<byte[]> digest, Optional<Checkpoints.Signed> last, List<VerifierKey> keys, Tiles tiles) {}

    /// Makes this transaction the only one that seals the tenant, from the first time on; empty where another is.
    ///
    /// Reads the locked row alone: that is its newest version, but whatever else this statement read would be as of before the lock, when
    /// the sequencer before had perhaps not committed.
    Optional<Edge> lock() {
        return jdbc.sql("select size, digest from audit_tree where tenant_id = ? for update skip locked")
                .param(CurrentTenant.require().value())
                .query(Edge.class)
                .optional()
                .or(this::begin);
    }

    private Optional<Edge> begin() {
        Edge none = new Edge(0, new byte[Merkle.HASH]);
        int made = jdbc.sql("insert into audit_tree (tenant_id, size, digest) values (?, ?, ?) on conflict do nothing")
                .params(CurrentTenant.require().value(), none.size(), none.digest())
                .update();
        return made == 1 ? Optional.of(none) : Optional.empty();
    }

    /// After `lock`, so that it sees what the sequencer before has committed.
    Found read(Tenant tenant, Edge edge) {
        List<Tiles.Key> keys = Tiles.edge(edge.size());
        return jdbc.sql("""
                        select (select digest from audit_entry where tenant_id = :tenant and seq = :size) as digest,
                               last.size,
                               last.note,
                               array(select public_key from audit_key where tenant_id = :tenant order by since, public_key) as keys,
                               array(select (select hashes from audit_tile t where t.tenant_id = :tenant and t.level = wanted.level and t.number = wanted.number)
                                     from unnest(:levels::smallint[], :numbers::bigint[]) with ordinality as wanted (level, number, place)
                                     order by wanted.place) as tiles
                        from (values (1)) as always
                        left join lateral (select size, note
                                           from audit_checkpoint
                                           where tenant_id = :tenant
                                           order by size desc
                                           limit 1) as last on true""")
                .param("tenant", tenant.id().value())
                .param("size", edge.size())
                .param("levels", keys.stream().mapToInt(Tiles.Key::level).toArray())
                .param("numbers", keys.stream().mapToLong(Tiles.Key::number).toArray())
                .query((row, number) -> found(tenant, row, keys))
                .single();
    }

    private Found found(Tenant tenant, ResultSet row, List<Tiles.Key> edge) throws SQLException {
        Tiles tiles = new Tiles(jdbc);
        tiles.know(edge, bytes(row, "tiles"));
        String note = row.getString("note");
        return new Found(
                Optional.ofNullable(row.getBytes("digest")),
                note == null ? Optional.empty() : Optional.of(new Checkpoints.Signed(row.getLong("size"), note)),
                Stream.of(bytes(row, "keys")).map(key -> new VerifierKey(RecordKey.origin(tenant), key)).toList(),
                tiles);
    }

    private static byte[][] bytes(ResultSet row, String column) throws SQLException {
        Array array = row.getArray(column);
        return (byte[][]) array.getArray();
    }

    /// Tiles, end of the tree and the checkpoint over all of it.
    void extend(Edge edge, Map<Tiles.Key, byte[]> grown, String note) {
        List<Tiles.Key> keys = new ArrayList<>(grown.keySet());
        jdbc.sql("""
                        with grown as (
                            insert into audit_tile (tenant_id, level, number, hashes)
                            select :tenant, level, number, hashes
                            from unnest(:levels::smallint[], :numbers::bigint[], :hashes::bytea[]) as tile (level, number, hashes)
                            on conflict (tenant_id, level, number) do update set hashes = excluded.hashes),
                        ended as (
                            update audit_tree
                            set size = :size,
                                digest = :digest
                            where tenant_id = :tenant)
                        insert into audit_checkpoint (tenant_id, size, note)
                        values (:tenant, :size, :note)""")
                .param("tenant", CurrentTenant.require().value())
                .param("levels", keys.stream().mapToInt(Tiles.Key::level).toArray())
                .param("numbers", keys.stream().mapToLong(Tiles.Key::number).toArray())
                .param("hashes", keys.stream().map(grown::get).toArray(byte[][]::new))
                .param("size", edge.size())
                .param("digest", edge.digest())
                .param("note", note)
                .update();
    }
}
