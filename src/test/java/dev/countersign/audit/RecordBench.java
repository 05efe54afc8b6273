package dev.countersign.audit;

import dev.countersign.audit.proof.Merkle;
import dev.countersign.audit.proof.SealedEntry;
import dev.countersign.demo.database.EmbeddedDatabase;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.TenantId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.Executors;
import org.flywaydb.core.Flyway;
import org.postgresql.PGConnection;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/// L1, L3, L4 and L9 over a durable PostgreSQL of its own. Sizes: `l1.seconds` a round, `l3.entries`, `l4.entries`, `l9.entries`.
public final class RecordBench {
    private static final int CLIENTS = 32;
    private static final int ROUNDS = 5;
    private static final String CONTENT = "{\"actor\":{\"id\":\"0198f1c2-7c44-7e11-9a11-000000000001\",\"kind\":\"PERSON\",\"name\":\"owner@acme\"},\"content\":{\"digest\":\"sha256:"
            + "0".repeat(64) + "\",\"number\":42,\"review\":{\"comment\":\"" + "Fine as it is, for ninety days. ".repeat(8)
            + "\",\"decision\":\"APPROVE\",\"version\":1}},\"kind\":\"request.approved\",\"sentence\":\"approved request 42 as owner\",\"subject\":{\"id\":\"42\",\"kind\":\"request\"}}";

    private final String url;
    private final List<UUID> tenants = new ArrayList<>();

    private RecordBench(String url) throws Exception {
        this.url = url;
        try (Connection owner = DriverManager.getConnection(url, "postgres", "")) {
            owner.createStatement().execute("create table raw1 (tenant_id uuid not null, seq bigint not null, content text not null, primary key (tenant_id, seq))");
            owner.createStatement().execute("grant all on raw1 to " + EmbeddedDatabase.APP);
            for (int i = 0; i < CLIENTS; i++) {
                UUID id = UUID.randomUUID();
                tenants.add(id);
                try (PreparedStatement insert = owner.prepareStatement("insert into tenant (id, slug, name) values (?, ?, 'Bench')")) {
                    insert.setObject(1, id);
                    insert.setString(2, "bench" + i);
                    insert.execute();
                }
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createTempDirectory("record-bench");
        try (EmbeddedDatabase server = EmbeddedDatabase.durable(folder)) {
            server.createDatabase("bench");
            String url = server.url("bench");
            Flyway.configure().dataSource(url, EmbeddedDatabase.OWNER, "").locations("classpath:db/migration")
                    .placeholders(Map.of("appRole", EmbeddedDatabase.APP)).load().migrate();
            RecordBench bench = new RecordBench(url);
            switch (arguments[0]) {
                case "L1" -> bench.append();
                case "L3" -> bench.verify();
                case "L4" -> bench.prove();
                case "L9" -> bench.size();
                default -> throw new IllegalArgumentException(arguments[0]);
            }
        }
    }

    private Connection app(UUID tenant) throws Exception {
        Connection connection = DriverManager.getConnection(url, EmbeddedDatabase.APP, "");
        connection.createStatement().execute("set app.tenant = '" + tenant + "'");
        return connection;
    }

    // --- L1: append against a raw insert of the same bytes, a commit each, 32 clients of 32 tenants ---

    private void append() throws Exception {
        double[] ratios = new double[ROUNDS];
        double ours = 0;
        for (int round = -1; round < ROUNDS; round++) {
            double raw = rate(CLIENTS, "insert into raw1 (tenant_id, seq, content) values (?, ?, ?)", true);
            double appended = rate(CLIENTS, APPEND, false);
            System.out.printf(Locale.ROOT, "round %d: raw %.0f/s, append %.0f/s, %.2f%n", round, raw, appended, appended / raw);
            if (round >= 0) {
                ratios[round] = appended / raw;
                ours = Math.max(ours, appended);
            }
        }
        verdict("L1", ours, ratios, 0.7);
    }

    private static final String APPEND = "select append_audit_entry('request.approved', 'PERSON', 'p', 'owner@acme', 'request', '42', 'approved request 42 as owner', ?, '{}', '{}')";

    private double rate(int clients, String sql, boolean raw) throws Exception {
        long nanos = Long.getLong("l1.seconds", 5) * 1_000_000_000L;
        try (var threads = Executors.newFixedThreadPool(clients)) {
            var runs = new ArrayList<java.util.concurrent.Future<Long>>();
            for (int i = 0; i < clients; i++) {
                UUID tenant = tenants.get(i);
                runs.add(threads.submit(() -> {
                    try (Connection connection = app(tenant); PreparedStatement statement = connection.prepareStatement(sql)) {
                        long done = 0;
                        for (long end = System.nanoTime() + nanos; System.nanoTime() < end; done++) {
                            if (raw) {
                                statement.setObject(1, tenant);
                                statement.setLong(2, System.nanoTime());
                                statement.setString(3, CONTENT);
                            } else {
                                statement.setString(1, CONTENT);
                            }
                            statement.execute();
                        }
                        return done;
                    }
                }));
            }
            long all = 0;
            for (var run : runs) {
                all += run.get();
            }
            return all / (nanos / 1e9);
        }
    }

    // --- L3: reading and checking everything against COPY of the same bytes ---

    private void verify() throws Exception {
        int entries = Integer.getInteger("l3.entries", 200_000);
        UUID tenant = tenants.getFirst();
        fill(tenant, entries);
        String select = "select seq, at, previous_digest, digest, content from audit_entry where tenant_id = '" + tenant + "' order by seq";
        double[] ratios = new double[ROUNDS];
        double best = Double.MAX_VALUE;
        try (Connection connection = app(tenant)) {
            for (int round = -1; round < ROUNDS; round++) {
                long begin = System.nanoTime();
                long bytes = connection.unwrap(PGConnection.class).getCopyAPI().copyOut("copy (" + select + ") to stdout (format binary)", java.io.OutputStream.nullOutputStream());
                double copied = (System.nanoTime() - begin) / 1e9;
                begin = System.nanoTime();
                check(connection, tenant, entries);
                double checked = (System.nanoTime() - begin) / 1e9;
                System.out.printf(Locale.ROOT, "round %d: COPY %.2f s (%d rows), verify %.2f s, %.2f%n", round, copied, bytes, checked, copied / checked);
                if (round >= 0) {
                    ratios[round] = copied / checked;
                    best = Math.min(best, checked);
                }
            }
        }
        verdict("L3", entries / best, ratios, 0.5);
    }

    private static void check(Connection connection, UUID tenant, int entries) throws Exception {
        connection.setAutoCommit(false);
        Chain chain = new Chain();
        SealedEntries.each(new SingleConnectionDataSource(connection, true), new TenantId(tenant), entries, chain::add);
        connection.commit();
        connection.setAutoCommit(true);
        if (chain.tree.size() != entries || chain.tree.root().length != Merkle.HASH) {
            throw new IllegalStateException("not all entries were read");
        }
    }

    private static final class Chain {
        private final Merkle.Growing tree = new Merkle.Growing();
        private byte[] previous = new byte[Merkle.HASH];

        void add(SealedEntry entry) {
            Sequencer.checkLink(entry, tree.size() + 1, previous);
            previous = entry.digest();
            tree.add(Merkle.leaf(previous));
        }
    }

    private void fill(UUID tenant, int entries) throws Exception {
        try (Connection connection = app(tenant); PreparedStatement statement = connection.prepareStatement(APPEND)) {
            connection.setAutoCommit(false);
            statement.setString(1, CONTENT);
            for (int i = 0; i < entries; i++) {
                statement.execute();
                if (i % 10_000 == 9_999) {
                    connection.commit();
                }
            }
            connection.commit();
        }
        try (Connection owner = DriverManager.getConnection(url, "postgres", "")) {
            owner.createStatement().execute("vacuum analyze audit_entry");
        }
    }

    // --- L4: proofs from stored tiles, read cold each time, every one checked ---

    private void prove() throws Exception {
        long entries = Long.getLong("l4.entries", 300_000);
        int proofs = Integer.getInteger("l4.proofs", 2_000);
        UUID tenant = tenants.getFirst();
        try (Connection connection = app(tenant)) {
            JdbcClient jdbc = JdbcClient.create(new SingleConnectionDataSource(connection, true));
            CurrentTenant.call(new TenantId(tenant), () -> {
                seal(jdbc, tenant, entries);
                measure(jdbc, entries, proofs);
                return true;
            });
        }
    }

    private static byte[] leaf(long index) {
        return Merkle.leaf(java.nio.ByteBuffer.allocate(8).putLong(index).array());
    }

    private static void seal(JdbcClient jdbc, UUID tenant, long entries) {
        jdbc.sql("insert into audit_tree (tenant_id, size, digest) values (?, 0, ?)").params(tenant, new byte[32]).update();
        Tiles tiles = new Tiles(jdbc);
        for (long i = 0; i < entries; i++) {
            tiles.append(i, leaf(i));
            if (i % 65_536 == 65_535 || i == entries - 1) {
                tiles.grown().forEach((key, hashes) -> jdbc.sql("""
                                insert into audit_tile (tenant_id, level, number, hashes)
                                values (?, ?, ?, ?)
                                on conflict (tenant_id, level, number) do update set hashes = excluded.hashes""")
                        .params(tenant, key.level(), key.number(), hashes)
                        .update());
                tiles = new Tiles(jdbc);
            }
        }
    }

    private static void measure(JdbcClient jdbc, long entries, int proofs) {
        SplittableRandom random = new SplittableRandom(4);
        byte[] root = Merkle.root(entries, new Tiles(jdbc));
        double[] made = new double[2 * proofs];
        double[] checked = new double[2 * proofs];
        for (int i = -200; i < proofs; i++) {
            long index = random.nextLong(entries);
            long begin = System.nanoTime();
            List<byte[]> path = Merkle.inclusion(index, entries, new Tiles(jdbc));
            double making = (System.nanoTime() - begin) / 1e3;
            byte[] leaf = leaf(index);
            begin = System.nanoTime();
            boolean good = Merkle.verifyInclusion(leaf, index, entries, path, root);
            double checking = (System.nanoTime() - begin) / 1e3;
            byte[] oldRoot = Merkle.root(index + 1, new Tiles(jdbc));
            begin = System.nanoTime();
            List<byte[]> extension = Merkle.consistency(index + 1, entries, new Tiles(jdbc));
            double extending = (System.nanoTime() - begin) / 1e3;
            begin = System.nanoTime();
            good &= Merkle.verifyConsistency(index + 1, entries, extension, oldRoot, root);
            double comparing = (System.nanoTime() - begin) / 1e3;
            if (!good) {
                throw new IllegalStateException("a proof of " + index + " does not hold");
            }
            if (i >= 0) {
                made[2 * i] = making;
                made[2 * i + 1] = extending;
                checked[2 * i] = checking;
                checked[2 * i + 1] = comparing;
            }
        }
        Arrays.sort(made);
        Arrays.sort(checked);
        double median = made[made.length / 2];
        double check = checked[checked.length / 2];
        System.out.printf(Locale.ROOT, "%d entries, %d proofs, all hold: made p50 %.0f us p99 %.0f us; checked p50 %.1f us p99 %.1f us%n", entries, made.length, median,
                made[made.length * 99 / 100], check, checked[checked.length * 99 / 100]);
        System.out.printf(Locale.ROOT, "L4 %.0f %.1f %s%n", median, check, median <= 1_000 && check <= 20 ? "pass" : "MISS");
    }

    // --- L9: everything that is stored for the record against the bytes of the entries ---

    private void size() throws Exception {
        int entries = Integer.getInteger("l9.entries", 100_000);
        UUID tenant = tenants.getFirst();
        fill(tenant, entries);
        try (Connection connection = app(tenant)) {
            JdbcClient jdbc = JdbcClient.create(new SingleConnectionDataSource(connection, true));
            CurrentTenant.run(new TenantId(tenant), () -> seal(jdbc, tenant, entries));
            long content = jdbc.sql("select sum(octet_length(content)) from audit_entry").query(Long.class).single();
            long stored = 0;
            for (String table : List.of("audit_entry", "audit_mention", "audit_tree", "audit_tile", "audit_checkpoint", "audit_key")) {
                long bytes = jdbc.sql("select pg_total_relation_size(?::regclass)").param(table).query(Long.class).single();
                System.out.printf(Locale.ROOT, "%s %d bytes%n", table, bytes);
                stored += bytes;
            }
            double ratio = (double) stored / content;
            System.out.printf(Locale.ROOT, "L9 %d %.2f %s%n", stored, ratio, ratio <= 1.6 ? "pass" : "MISS");
        }
    }

    private static void verdict(String row, double value, double[] ratios, double target) {
        Arrays.sort(ratios);
        double ratio = ratios[ratios.length / 2];
        System.out.printf(Locale.ROOT, "ratios %.2f to %.2f%n", ratios[0], ratios[ratios.length - 1]);
        System.out.printf(Locale.ROOT, "%s %.0f %.2f %s%n", row, value, ratio, ratio >= target ? "pass" : "MISS");
    }
}
