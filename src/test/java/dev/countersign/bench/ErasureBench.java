package dev.countersign.bench;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditExport;
import dev.countersign.audit.RecordProofs;
import dev.countersign.audit.proof.RecordVerifier;
import dev.countersign.audit.proof.Verdict;
import dev.countersign.audit.proof.VerifierKey;
import dev.countersign.identity.Administering;
import dev.countersign.identity.Administration;
import dev.countersign.identity.ApiTokens;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.People;
import dev.countersign.identity.Scope;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.TestDatabase;
import dev.countersign.tenancy.Tenants;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/// L8: the erasure of many people, one after the other, each as an administrator does it. Before, everyone has been made, has
/// joined a team, has made a token and acted by it, has deactivated another, and is the requester of a row of
/// `access_request`. Afterwards no row of any table, and neither export, holds a name; and the record verifies to its end.
///
/// `-Dl8.people=10000`. Last line: `L8 rows and lines that still hold a name, entries that verify / entries, verdict`.
public final class ErasureBench {
    private static final int PEOPLE = Integer.getInteger("l8.people", Boolean.getBoolean("bench.quick") ? 200 : 10_000);
    /// All of the names, and nothing else, hold it.
    private static final String STEM = "zwentibold";

    private final BenchPortal portal;
    private final Fixtures.TestTenant tenant;
    private final Tenants tenants;
    private final String database;

    private ErasureBench(BenchPortal portal) {
        this.portal = portal;
        this.tenant = portal.bean(Fixtures.class).tenant();
        this.tenants = portal.bean(Tenants.class);
        String url = portal.property("spring.datasource.url").split("\\?")[0];
        this.database = url.substring(url.lastIndexOf('/') + 1);
    }

    public static void main(String[] arguments) throws Exception {
        try (BenchPortal portal = BenchPortal.start(Map.of())) {
            new ErasureBench(portal).run();
        }
        System.exit(0);
    }

    private void run() throws Exception {
        People people = portal.bean(People.class);
        Administration administration = portal.bean(Administration.class);
        CurrentPerson admin = portal.bean(Fixtures.class).current(tenant, "admin");
        long start = System.nanoTime();
        deeds(people);
        System.out.printf(Locale.ROOT, "%d people and what they did: %.1f s%n", PEOPLE, seconds(start));
        System.out.println("before: " + rows() + ", " + lines("csv") + " lines of the csv, " + lines("record") + " of the record");
        List<UUID> ids = new ArrayList<>();
        tenants.doInTenant(tenant.tenant().id(), () -> {
            for (int i = 0; i < PEOPLE; i++) {
                UUID id = people.byUsername(username(i)).orElseThrow();
                ids.add(id);
                people.deactivate(Actor.system("bench"), id);
            }
        });
        double[] each = new double[PEOPLE];
        start = System.nanoTime();
        for (int i = 0; i < PEOPLE; i++) {
            String username = username(i);
            long begun = System.nanoTime();
            Administering outcome = tenants.inTenant(tenant.tenant().id(), () -> administration.erase(admin, username, username, "Asked for in a letter."));
            each[i] = (System.nanoTime() - begun) / 1e6;
            if (!(outcome instanceof Administering.Done)) {
                throw new IllegalStateException(outcome.toString());
            }
        }
        double all = seconds(start);
        double[] sorted = each.clone();
        Arrays.sort(sorted);
        System.out.printf(Locale.ROOT, "erased %d people in %.1f s: p50 %.1f ms, p99 %.1f ms%n", PEOPLE, all, sorted[PEOPLE / 2], sorted[PEOPLE * 99 / 100]);
        Map<String, Long> rows = rows();
        long csv = lines("csv");
        long record = lines("record");
        System.out.println("after: " + rows + ", " + csv + " lines of the csv, " + record + " of the record");
        long left = rows.values().stream().mapToLong(Long::longValue).sum() + csv + record;
        double verified = verified();
        System.out.printf(Locale.ROOT, "L8 %d %.4f %s%n", left, verified, left == 0 && verified == 1 ? "pass" : "MISS");
    }

    private static String username(int i) {
        return STEM + i;
    }

    private void deeds(People people) throws Exception {
        ApiTokens tokens = portal.bean(ApiTokens.class);
        String slug = tenant.tenant().slug();
        List<UUID> ids = new ArrayList<>();
        for (int from = 0; from < PEOPLE; from += 500) {
            int begin = from;
            tenants.doInTenant(tenant.tenant().id(), () -> {
                for (int i = begin; i < Math.min(PEOPLE, begin + 500); i++) {
                    UUID id = people.create(Actor.system("bench"), username(i), "Quirin Zwentibold" + i, Optional.empty(), Set.of());
                    ids.add(id);
                    Actor self = new Actor(Actor.Kind.PERSON, id.toString(), username(i) + "@" + slug);
                    Actor byToken = new Actor(Actor.Kind.TOKEN, id.toString(), username(i) + "@" + slug + " by token laptop of " + username(i));
                    people.join(self, tenant.team("orders"), id);
                    ApiTokens.Issued token = tokens.issue(self, id, "laptop of " + username(i), Set.of(Scope.READ), Duration.ofDays(1));
                    tokens.revoke(byToken, token.id());
                    people.deactivate(self, people.create(byToken, "left" + i, "Left", Optional.empty(), Set.of()));
                }
            });
        }
        try (Connection connection = TestDatabase.server().connect(database); Statement statement = connection.createStatement()) {
            statement.execute("""
                    insert into access_request (tenant_id, id, number, state, version, digest, requester_id, requester_name, reason, kind, ask, places, sentence,
                                                target_namespace, namespaces, submitted_at, lapses_at)
                    select p.tenant_id, uuidv7(), row_number() over (), 'APPROVED', 1, 'sha256:' || repeat('0', 64), p.id, p.username || '@%s', 'A reason.', 'SERVICE_ACCESS',
                           '{}', '[]', 'asks', 'production', '{production}', now(), now() + interval '14 days'
                    from person p
                    where p.username like '%s%%'""".formatted(slug, STEM));
            statement.execute("analyze");
        }
    }

    /// How many rows of which table hold a name, in text or in the bytes of a column; tables without one are left out.
    private Map<String, Long> rows() throws Exception {
        Map<String, Long> found = new TreeMap<>();
        String hex = HexFormat.of().formatHex(STEM.getBytes(StandardCharsets.UTF_8));
        try (Connection connection = TestDatabase.server().connect(database); Statement statement = connection.createStatement()) {
            List<String> tables = new ArrayList<>();
            try (ResultSet names = statement.executeQuery("select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'm')")) {
                while (names.next()) {
                    tables.add(names.getString(1));
                }
            }
            for (String table : tables) {
                try (ResultSet count = statement.executeQuery("select count(*) from " + table + " t where t::text ilike '%" + STEM + "%' or t::text ilike '%"
                        + hex.substring(2) + "%'")) {
                    count.next();
                    if (count.getLong(1) > 0) {
                        found.put(table, count.getLong(1));
                    }
                }
            }
        }
        return found;
    }

    private long lines(String kind) throws Exception {
        Path file = file(kind);
        try (BufferedReader in = Files.newBufferedReader(file)) {
            return in.lines().filter(line -> line.toLowerCase(Locale.ROOT).contains(STEM)).count();
        } finally {
            Files.delete(file);
        }
    }

    private Path file(String kind) throws Exception {
        Path file = Files.createTempFile("l8-", "." + kind);
        if (kind.equals("csv")) {
            try (Writer out = Files.newBufferedWriter(file)) {
                tenants.doInTenant(tenant.tenant().id(), () -> portal.bean(AuditExport.class).csv(out));
            }
        } else {
            try (BufferedOutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
                tenants.doInTenant(tenant.tenant().id(), () -> portal.bean(RecordProofs.class).export(out));
            }
        }
        return file;
    }

    /// Which share of the entries the exported record proves, once the portal has sealed the last.
    private double verified() throws Exception {
        long entries = tenants.inTenant(tenant.tenant().id(), () -> portal.bean(org.springframework.jdbc.core.simple.JdbcClient.class)
                .sql("select count(*) from audit_entry").query(Long.class).single());
        RecordProofs proofs = portal.bean(RecordProofs.class);
        for (int i = 0; i < 600 && tenants.inTenant(tenant.tenant().id(), proofs::checkpoint).map(RecordProofs.Signed::size).orElse(0L) < entries; i++) {
            Thread.sleep(100);
        }
        List<VerifierKey> keys = tenants.inTenant(tenant.tenant().id(), proofs::keys).stream().map(VerifierKey::parse).toList();
        Path file = file("record");
        try (BufferedInputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            Verdict verdict = new RecordVerifier(keys, List.of()).verify(in);
            System.out.println("of " + entries + " entries: " + verdict);
            return verdict instanceof Verdict.Good good ? (double) good.size() / entries : 0;
        } finally {
            Files.delete(file);
        }
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
