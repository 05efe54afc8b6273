package dev.countersign.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.audit.proof.Checkpoint;
import dev.countersign.audit.proof.Ed25519;
import dev.countersign.audit.proof.Merkle;
import dev.countersign.audit.proof.RecordVerifier;
import dev.countersign.audit.proof.Verdict;
import dev.countersign.audit.proof.VerifierKey;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.PortalTest;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.Tenants;
import dev.countersign.web.Problem;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.Repository;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The sequencer, the walk and the witness over a real database, against a superuser who can do everything but sign.
@PortalTest
class SealingTests {
    @Autowired
    Fixtures fixtures;

    @Autowired
    Tenants tenants;

    @Autowired
    AuditLog audit;

    @Autowired
    Sequencer sequencer;

    @Autowired
    StoredTree tree;

    @Autowired
    Checkpoints checkpoints;

    @Autowired
    RecordProofs proofs;

    @Autowired
    SealingLoop loop;

    @Autowired
    RecordState state;

    @Autowired
    RecordComparison comparison;

    @Autowired
    JdbcClient jdbc;

    @Value("${spring.datasource.url}")
    String url;

    private Tenant tenant(int entries) {
        Tenant tenant = fixtures.tenant().tenant();
        append(tenant, entries);
        return tenant;
    }

    private void append(Tenant tenant, int entries) {
        for (int i = 0; i < entries; i++) {
            String word = "\u00fc " + i;
            tenants.doInTenant(tenant.id(), () -> audit.append(
                    new AuditEvent("test.happened", Actor.system("test"), new Subject("test", word), "did " + word, Map.of("word", word))));
        }
    }

    private void sealed(Tenant tenant) {
        for (int i = 0; i < 200; i++) {
            if (sequencer.seal(tenant) == Sequencer.Sealed.ALL) {
                return;
            }
        }
        throw new AssertionError("never sealed");
    }

    private List<VerifierKey> keys(Tenant tenant) {
        return tenants.inTenant(tenant.id(), proofs::keys).stream().map(VerifierKey::parse).toList();
    }

    private String why(Tenant tenant) {
        return tenants.inTenant(tenant.id(), () -> state.stopped().orElse(""));
    }

    private void superuser(Tenant tenant, String... statements) throws Exception {
        try (Connection connection = DriverManager.getConnection(url, "postgres", "")) {
            connection.createStatement().execute("set session_replication_role = replica");
            // All at once: the portal goes on sealing meanwhile.
            connection.setAutoCommit(false);
            for (String statement : statements) {
                connection.createStatement().execute(statement.replace("$T", "tenant_id = '" + tenant.id() + "'"));
            }
            connection.commit();
        }
    }

    @Test
    void everySealedEntryIsProvedAndTheExportVerifiesOffline() throws Exception {
        Tenant tenant = tenant(300);
        sealed(tenant);
        append(tenant, 40);
        sealed(tenant);
        RecordProofs.Signed last = tenants.inTenant(tenant.id(), proofs::checkpoint).orElseThrow();
        var keys = keys(tenant);
        Checkpoint checkpoint = Checkpoint.open(last.note(), keys);
        assertThat(checkpoint.size()).isEqualTo(last.size()).isGreaterThan(340);
        for (long entry : new long[] {1, 2, 255, 256, 257, 299, 300, last.size()}) {
            RecordProofs.Inclusion proof = tenants.inTenant(tenant.id(), () -> proofs.inclusion(entry, last.size())).orElseThrow();
            assertThat(Merkle.verifyInclusion(proof.leaf(), entry - 1, last.size(), proof.path(), checkpoint.root())).as("entry " + entry).isTrue();
            RecordProofs.Consistency extension = tenants.inTenant(tenant.id(), () -> proofs.consistency(entry, last.size())).orElseThrow();
            assertThat(Merkle.verifyConsistency(entry, last.size(), extension.path(), extension.fromRoot(), checkpoint.root())).isTrue();
            String receipt = tenants.inTenant(tenant.id(), () -> proofs.receipt(entry)).orElseThrow();
            assertThat(new RecordVerifier(keys, List.of(last.note())).verify(new ByteArrayInputStream(receipt.getBytes(StandardCharsets.UTF_8))))
                    .isInstanceOf(Verdict.Good.class);
        }
        assertThat(tenants.inTenant(tenant.id(), () -> proofs.inclusion(last.size() + 1, last.size() + 1))).isEmpty();
        assertThat(tenants.inTenant(tenant.id(), () -> proofs.tile(0, 0, 256)).orElseThrow()).hasSize(8192);
        assertThat(tenants.inTenant(tenant.id(), () -> proofs.tile(1, 0, 1)).orElseThrow()).hasSize(32);
        assertThat(tenants.inTenant(tenant.id(), () -> proofs.bundle(0, 256)).orElseThrow()).hasSize(256 * 34);
        ByteArrayOutputStream export = new ByteArrayOutputStream();
        tenants.doInTenant(tenant.id(), () -> proofs.export(export));
        assertThat(new RecordVerifier(keys, List.of(last.note())).verify(new ByteArrayInputStream(export.toByteArray())))
                .isEqualTo(new Verdict.Good(RecordKey.origin(tenant), last.size(), last.size()));
    }

    @Test
    void replicasThatRaceNeverFork() throws Exception {
        Tenant tenant = tenant(1);
        CountDownLatch appending = new CountDownLatch(2);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var runs = IntStream.range(0, 6).mapToObj(i -> threads.submit(() -> {
                if (i < 2) {
                    for (int round = 0; round < 40; round++) {
                        append(tenant, 3);
                    }
                    appending.countDown();
                } else {
                    for (int round = 0; round < 10_000 && appending.getCount() > 0; round++) {
                        sequencer.seal(tenant);
                    }
                }
            })).toList();
            for (var run : runs) {
                run.get();
            }
        }
        sealed(tenant);
        var keys = keys(tenant);
        List<Checkpoint> all = tenants.inTenant(tenant.id(), () -> jdbc.sql("select note from audit_checkpoint order by size").query(String.class).list())
                .stream().map(note -> Checkpoint.open(note, keys)).toList();
        assertThat(all).hasSizeGreaterThan(2);
        Checkpoint last = all.getLast();
        for (Checkpoint one : all) {
            RecordProofs.Consistency proof = tenants.inTenant(tenant.id(), () -> proofs.consistency(one.size(), last.size())).orElseThrow();
            assertThat(Merkle.verifyConsistency(one.size(), last.size(), proof.path(), one.root(), last.root())).isTrue();
        }
    }

    /// The checkpoint over its next entry waits for somebody's transaction, which stays open.
    @Test
    void aRecordThatCannotBeSealedKeepsNoOtherWaiting() throws Exception {
        Tenant stuck = tenant(1);
        Tenant other = tenant(1);
        sealed(stuck);
        sealed(other);
        long next = size(stuck) + 1;
        try (Connection connection = DriverManager.getConnection(url, "postgres", "")) {
            connection.setAutoCommit(false);
            try (var insert = connection.prepareStatement("insert into audit_checkpoint (tenant_id, size, note) values (?, ?, '-')")) {
                insert.setObject(1, stuck.id().value());
                insert.setLong(2, next);
                insert.executeUpdate();
            }
            append(stuck, 1);
            for (int i = 0; i < 3; i++) {
                append(other, 1);
                long last = tenants.inTenant(other.id(), () -> jdbc.sql("select max(seq) from audit_entry").query(Long.class).single());
                long start = System.nanoTime();
                while (size(other) < last) {
                    assertThat(System.nanoTime() - start).as("the loop seals it").isLessThan(5_000_000_000L);
                    Thread.sleep(10);
                }
            }
            assertThat(size(stuck)).as("it waits still").isLessThan(next);
            connection.rollback();
        }
        sealed(stuck);
        assertThat(size(stuck)).isGreaterThanOrEqualTo(next);
    }

    private long size(Tenant tenant) {
        return tenants.inTenant(tenant.id(), proofs::checkpoint).orElseThrow().size();
    }

    @Test
    void aRotatedKeyIsRecordedAndOldCheckpointsStayGood() throws Exception {
        Tenant tenant = tenant(5);
        sealed(tenant);
        byte[] seed = Merkle.sha256("another".getBytes(StandardCharsets.US_ASCII));
        Sequencer rotated = new Sequencer(jdbc, tenants, tree, checkpoints, new RecordKey(Base64.getEncoder().encodeToString(seed)), audit);
        append(tenant, 1);
        for (int i = 0; i < 200 && rotated.seal(tenant) != Sequencer.Sealed.ALL; i++) {
            Thread.onSpinWait();
        }
        var keys = keys(tenant);
        assertThat(keys).hasSize(2).last().isEqualTo(new VerifierKey(RecordKey.origin(tenant), Ed25519.ofSeed(seed).publicKey()));
        assertThat(tenants.inTenant(tenant.id(), () -> jdbc.sql("select count(*) from audit_entry where kind = 'record.key-changed'").query(Long.class).single())).isEqualTo(1);
        ByteArrayOutputStream export = new ByteArrayOutputStream();
        tenants.doInTenant(tenant.id(), () -> proofs.export(export));
        assertThat(new RecordVerifier(keys, List.of()).verify(new ByteArrayInputStream(export.toByteArray()))).isInstanceOf(Verdict.Good.class);
    }

    /// Each of them as a superuser does it, then healed; what is named is the first entry that is wrong.
    @Test
    void whatASuperuserDoesToTheRecordStopsDecisionsAndDeliveriesUntilItIsWholeAgain() throws Exception {
        record Deed(String what, long named, String... statements) {}
        List<Deed> deeds = List.of(
                new Deed("bit flip", 27, "update audit_entry set content = replace(content, 'did', 'dad') where $T and seq = 27"),
                new Deed("columns", 27, "update audit_entry set sentence = 'did nothing' where $T and seq = 27"),
                new Deed("actor", 29, "update audit_entry set actor_name = 'owner@acme' where $T and seq = 29"),
                new Deed("delete", 26, "delete from audit_entry where $T and seq = 26"),
                new Deed("truncate", 28, "delete from audit_entry where $T and seq >= 28"),
                new Deed("swap", 24, "update audit_entry set seq = 99 where $T and seq = 24", "update audit_entry set seq = 24 where $T and seq = 25",
                        "update audit_entry set seq = 25 where $T and seq = 99"),
                new Deed("back-date", 25, "update audit_entry set at = at - interval '1 day' where $T and seq = 25"),
                new Deed("content that is no JSON", 26, "update audit_entry set content = 'nothing' where $T and seq = 26"),
                new Deed("content that the database cannot read", 27, "update audit_entry set content = '{\"kind\": \"\\u0000\"}' where $T and seq = 27"),
                new Deed("forged signature", 1, "update audit_checkpoint set note = overlay(note placing 'AAAA' from length(note) - 40 for 4) where $T"),
                new Deed("checkpoints gone", 1, "delete from audit_checkpoint where $T"),
                new Deed("older checkpoint beyond the tree", 24,
                        "delete from audit_entry where $T and seq > 23", "update audit_tree set size = 23, digest = (select digest from audit_entry where $T and seq = 23) where $T"),
                new Deed("re-chain", 28, """
                        do $$
                        declare e record; p bytea := decode(repeat('00', 32), 'hex'); d bytea;
                        begin
                            for e in select * from audit_entry where $T order by seq loop
                                d := sha256(p || int8send(e.seq) || int8send((extract(epoch from e.at) * 1000000)::bigint)
                                            || convert_to(case when e.seq = 28 then replace(e.content, 'did', 'dad') else e.content end, 'UTF8'));
                                update audit_entry set content = case when e.seq = 28 then replace(e.content, 'did', 'dad') else e.content end, previous_digest = p, digest = d
                                    where $T and seq = e.seq;
                                p := d;
                            end loop;
                        end $$"""));
        for (Deed deed : deeds) {
            Tenant tenant = fixtures.tenant().tenant();
            long before = tenants.inTenant(tenant.id(), () -> jdbc.sql("select count(*) from audit_entry").query(Long.class).single());
            append(tenant, (int) (30 - before));
            sealed(tenant);
            loop.look(tenant, true);
            assertThat(why(tenant)).as("before: " + deed.what()).isEmpty();
            superuser(tenant, "drop schema if exists saved cascade", "create schema saved", "create table saved.e as select * from audit_entry where $T",
                    "create table saved.c as select * from audit_checkpoint where $T", "create table saved.t as select * from audit_tree where $T");
            superuser(tenant, deed.statements());
            loop.look(tenant, true);
            assertThat(why(tenant)).as(deed.what()).startsWith("from entry " + deed.named() + " on");
            assertThatThrownBy(() -> append(tenant, 1)).isInstanceOf(Problem.Unavailable.class).hasMessageContaining("the record is not whole");
            superuser(tenant, "delete from audit_entry where $T", "delete from audit_checkpoint where $T", "delete from audit_tree where $T",
                    "insert into audit_entry (tenant_id, seq, at, kind, actor_kind, actor_id, actor_name, subject_kind, subject_id, sentence, content, previous_digest, digest)"
                            + " select tenant_id, seq, at, kind, actor_kind, actor_id, actor_name, subject_kind, subject_id, sentence, content, previous_digest, digest from saved.e",
                    "insert into audit_checkpoint select * from saved.c", "insert into audit_tree select * from saved.t");
            loop.look(tenant, true);
            assertThat(why(tenant)).as("healed: " + deed.what()).isEmpty();
            append(tenant, 1);
        }
    }

    /// Where publishing fails the record is sealed and walked all the same; what was found stays found until all can be compared.
    @Test
    void aPlaceThatCannotBePublishedToHidesNothing(@TempDir Path folder, @Autowired Rounds rounds) throws Exception {
        Tenant tenant = tenant(4);
        Witness broken = new Witness(Files.createFile(folder.resolve("a file")).resolve("below").toString(), comparison);
        RecordState mine = new RecordState();
        SealingLoop looking = new SealingLoop(tenants, sequencer, rounds, broken, mine);
        looking.look(tenant, true);
        long sealed = tenants.inTenant(tenant.id(), proofs::checkpoint).orElseThrow().size();
        assertThat(sealed).isGreaterThanOrEqualTo(4);
        assertThat(tenants.inTenant(tenant.id(), mine::stopped)).isEmpty();
        superuser(tenant, "update audit_entry set content = replace(content, 'did', 'dad') where $T and seq = " + sealed);
        looking.look(tenant, true);
        assertThat(tenants.inTenant(tenant.id(), mine::stopped)).as("the walk is not kept from finding it").isPresent();
        superuser(tenant, "update audit_entry set content = replace(content, 'dad', 'did') where $T and seq = " + sealed);
        looking.look(tenant, true);
        assertThat(tenants.inTenant(tenant.id(), mine::stopped)).as("not compared with what was published, so not cleared").isPresent();
        new SealingLoop(tenants, sequencer, rounds, new Witness("", comparison), mine).look(tenant, true);
        assertThat(tenants.inTenant(tenant.id(), mine::stopped)).isEmpty();
    }

    /// F28: the whole database of yesterday, in harmony with itself: only the published checkpoint knows.
    @Test
    void anOldBackupIsFoundByWhatWasPublished(@TempDir Path published, @TempDir Path git) throws Exception {
        Tenant tenant = tenant(4);
        sealed(tenant);
        Witness witness = new Witness(published.toString(), comparison);
        witness.compareAndPublish(tenant);
        try (Repository bare = new FileRepository(git.toFile())) {
            bare.create(true);
        }
        GitPlace repository = new GitPlace(GitSetting.remote(git.toString(), "checkpoints", "", ""));
        repository.exchange(List.of(tenant), comparison);
        superuser(tenant, "drop schema if exists backup cascade", "create schema backup", "create table backup.t as select * from audit_tree where $T",
                "create table backup.i as select * from audit_tile where $T");
        long old = tenants.inTenant(tenant.id(), proofs::checkpoint).orElseThrow().size();
        append(tenant, 3);
        sealed(tenant);
        witness.compareAndPublish(tenant);
        repository.exchange(List.of(tenant), comparison);
        Path file = published.resolve(tenant.id() + ".checkpoint");
        assertThat(Files.readString(file)).isEqualTo(tenants.inTenant(tenant.id(), proofs::checkpoint).orElseThrow().note());
        superuser(tenant, "delete from audit_entry where $T and seq > " + old, "delete from audit_checkpoint where $T and size > " + old, "delete from audit_tree where $T",
                "insert into audit_tree select * from backup.t", "delete from audit_tile where $T", "insert into audit_tile select * from backup.i");
        sealed(tenant);
        assertThatThrownBy(() -> witness.compareAndPublish(tenant)).isInstanceOf(RecordBroken.class)
                .hasMessage("from entry " + (old + 1) + " on, entries are missing: a checkpoint was signed over " + (old + 3));
        assertThatThrownBy(() -> repository.exchange(List.of(tenant), comparison)).isInstanceOf(RecordBroken.class)
                .hasMessage("from entry " + (old + 1) + " on, entries are missing: a checkpoint was signed over " + (old + 3));
        // Nor does writing on hide it: other entries are no continuation.
        append(tenant, 5);
        sealed(tenant);
        assertThatThrownBy(() -> witness.compareAndPublish(tenant)).isInstanceOf(RecordBroken.class).hasMessageContaining("are not the ones that were sealed");
        assertThatThrownBy(() -> repository.exchange(List.of(tenant), comparison)).isInstanceOf(RecordBroken.class)
                .hasMessageContaining("are not the ones that were sealed");
    }
}
