package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.demo.database.EmbeddedDatabase;
import dev.countersign.faults.Boundary.Moment;
import dev.countersign.portal.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// F9: two replicas start at the same time on an empty database. The one that migrates it is killed (SIGKILL) at a boundary of the migration,
/// the other one, which waited for it, goes on with what is half done and is killed too, and a third comes to the end. Then the
/// history is valid, nothing differs from a database that was migrated in peace, and the first operator is there once.
/// `-Dfaults.migrations=100` for more kills, `-Dfaults.seed=N` for others.
class KilledMigrationTests {
    private static final int KILLS = Integer.getInteger("faults.migrations", 2);
    private static final long SEED = Long.getLong("faults.seed", 20261127);
    private static final int OF_A_DATABASE = 2;
    /// How far after a statement that is known by its text it is struck: there are its commit, and what the history is told.
    private static final int FOLLOWING = 5;

    @TempDir
    Path folder;

    /// One that starts, with its own way to the database.
    private record Starting(Replica replica, FaultProxy proxy, Boundary boundary) implements AutoCloseable {
        @Override
        public void close() {
            replica.close();
            proxy.close();
        }
    }

    @Test
    void anotherComesToTheEndAndNothingIsMissing() throws Exception {
        SplittableRandom random = new SplittableRandom(SEED);
        EmbeddedDatabase server = TestDatabase.server();
        String sound = "migrated_in_peace_" + SEED;
        server.createDatabase(sound);
        Image image = Image.pack(settings(TestDatabase.fresh().replaceAll(".*/", ""), server.port()));
        List<String> statements;
        try (Starting peaceful = start(image, sound)) {
            peaceful.boundary().watch();
            peaceful.replica().ready();
            statements = once(peaceful.boundary().seen());
        }
        List<String> schema = schema(sound);
        assertThat(statements).as("statements of the migrations").anyMatch(statement -> statement.startsWith("create table access_grant")).hasSizeGreaterThan(100);
        int kills = 0;
        int databases = 0;
        long began = System.nanoTime();
        while (kills < KILLS) {
            String database = "migrated_with_kills_" + SEED + "_" + ++databases;
            server.createDatabase(database);
            kills += migrate(image, database, statements, random);
            Flyway.configure().dataSource(server.url(database), EmbeddedDatabase.OWNER, "").locations("classpath:db/migration")
                    .placeholders(Map.of("appRole", EmbeddedDatabase.APP)).load().validate();
            assertThat(schema(database)).as("seed %d, database %d", SEED, databases).isEqualTo(schema);
            assertThat(databases).as("databases for %d kills", kills).isLessThanOrEqualTo(2 * KILLS);
        }
        String last = "migrated_with_kills_" + SEED + "_" + databases;
        try (Connection superuser = server.connect(last)) {
            superuser.createStatement().execute("alter table access_grant no force row level security");
        }
        assertThat(schema(last)).as("a difference would be seen").isNotEqualTo(schema);
        System.out.printf("F9: %d kills in the migrations of %d databases, %d statements; each came to the same schema, history and first rows; %.1f s a kill%n", kills, databases,
                statements.size(), (System.nanoTime() - began) / 1e9 / kills);
    }

    /// Answers how many were killed.
    private int migrate(Image image, String database, List<String> statements, SplittableRandom random) throws Exception {
        int[] where = random.ints(OF_A_DATABASE, 0, statements.size()).sorted().toArray();
        AtomicInteger killed = new AtomicInteger();
        List<Starting> all = new ArrayList<>();
        try {
            for (int i = 0; i < OF_A_DATABASE; i++) {
                Starting one = start(image, database);
                all.add(one);
                Moment moment = Moment.values()[random.nextInt(Moment.values().length)];
                one.boundary().arm(after(statements, where, random.nextInt(FOLLOWING), killed), moment, () -> {
                    one.replica().kill();
                    killed.incrementAndGet();
                });
            }
            Starting last = start(image, database);
            all.add(last);
            last.replica().ready();
            for (Starting one : all) {
                if (one.boundary().struck().isEmpty()) {
                    one.replica().ready();
                } else {
                    one.replica().awaitDeath();
                }
            }
            return killed.get();
        } finally {
            all.forEach(Starting::close);
        }
    }

    /// So many exchanges after the statement whose turn it is, by how many were killed before; of one connection, for the others only wait
    /// for the lock or are not open yet.
    private static Predicate<String> after(List<String> statements, int[] where, int following, AtomicInteger killed) {
        int[] left = {-1};
        return question -> {
            if (left[0] < 0 && killed.get() < where.length && question.equals(statements.get(where[killed.get()]))) {
                left[0] = following;
            }
            return left[0] >= 0 && left[0]-- == 0;
        };
    }

    /// Those that are said once.
    private static List<String> once(List<String> seen) {
        Map<String, Integer> times = new LinkedHashMap<>();
        seen.forEach(question -> times.merge(question, 1, Integer::sum));
        return seen.stream().filter(question -> times.get(question) == 1 && question.matches("(?i)(create|alter|comment|grant|do|call|insert) .*")).toList();
    }

    private Starting start(Image image, String database) {
        Boundary boundary = new Boundary();
        FaultProxy proxy = new FaultProxy(TestDatabase.server().port(), boundary::line);
        return new Starting(Replica.start(image, folder, settings(database, proxy.port())), proxy, boundary);
    }

    private static Map<String, String> settings(String database, int port) {
        String url = "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?prepareThreshold=0&ApplicationName=replica";
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("spring.datasource.url", url);
        settings.put("spring.datasource.username", EmbeddedDatabase.APP);
        settings.put("spring.datasource.hikari.maximum-pool-size", "10");
        settings.put("spring.flyway.url", url);
        settings.put("spring.flyway.user", EmbeddedDatabase.OWNER);
        settings.put("countersign.operator.username", "operator");
        settings.put("countersign.operator.password-hash", "{bcrypt}$2a$04$TuGA34h9D7sZvCb2Cg207O9PVWxJLS5uysKIGTTz.nGgHk1VTHb0y");
        settings.put("countersign.secrets.key", "8DENqAjXFd0V94caYyN/vm6MBdiZj7SNpgOdXRIoB0s=");
        settings.put("countersign.record.key", "C6XRLGN5ImVDjSL0Wq+eCsW7ThDUOOgHBNk4mVXq3uY=");
        settings.put("countersign.passwords.bcrypt-strength", "4");
        return settings;
    }

    /// Everything that the catalog says of the schema, the history, and how many rows each table has.
    private static List<String> schema(String database) throws SQLException {
        List<String> all = new ArrayList<>();
        try (Connection superuser = TestDatabase.server().connect(database)) {
            read(superuser, all, """
                    select 'relation ' || c.relname || ' ' || c.relkind::text || ' ' || c.relrowsecurity || c.relforcerowsecurity || ' ' || r.rolname || ' ' || coalesce(c.relacl::text, '')
                               || ' ' || coalesce(obj_description(c.oid, 'pg_class'), '') || ' ' || coalesce(c.reloptions::text, '')
                    from pg_class c
                    join pg_roles r on r.oid = c.relowner
                    where c.relnamespace = 'public'::regnamespace""");
            read(superuser, all, """
                    select 'column ' || c.relname || ' ' || a.attnum || ' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull || ' ' || a.attgenerated::text
                               || a.attidentity::text || ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '') || ' ' || coalesce(a.attacl::text, '') || ' ' || coalesce(col_description(c.oid, a.attnum), '')
                    from pg_attribute a
                    join pg_class c on c.oid = a.attrelid and c.relnamespace = 'public'::regnamespace
                    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
                    where a.attnum > 0""");
            read(superuser, all, "select 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || convalidated from pg_constraint where connamespace = 'public'::regnamespace");
            read(superuser, all, "select 'index ' || indexrelid::regclass || ' ' || pg_get_indexdef(indexrelid) || indisvalid from pg_index where indrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)");
            read(superuser, all, "select 'policy ' || polrelid::regclass || ' ' || polname || polcmd::text || polroles::text || pg_get_expr(polqual, polrelid) || coalesce(pg_get_expr(polwithcheck, polrelid), '') from pg_policy");
            read(superuser, all, "select 'routine ' || pg_get_functiondef(oid) || coalesce(proacl::text, '') from pg_proc where pronamespace = 'public'::regnamespace and prokind in ('f', 'p')");
            read(superuser, all, "select 'trigger ' || pg_get_triggerdef(oid) || tgenabled::text from pg_trigger where not tgisinternal");
            read(superuser, all, "select 'type ' || typname || typtype::text from pg_type where typnamespace = 'public'::regnamespace");
            read(superuser, all, "select 'extension ' || extname from pg_extension");
            read(superuser, all, "select 'history ' || installed_rank || ' ' || coalesce(version, '') || ' ' || script || ' ' || coalesce(checksum, 0) || ' ' || installed_by || ' ' || success from flyway_schema_history");
            read(superuser, all, """
                    select 'rows ' || c.relname || ' ' || (xpath('/row/n/text()', query_to_xml('select count(*) as n from ' || c.oid::regclass, false, true, '')))[1]
                    from pg_class c
                    where c.relnamespace = 'public'::regnamespace
                      and c.relkind in ('r', 'p')""");
        }
        Collections.sort(all);
        return all;
    }

    private static void read(Connection superuser, List<String> all, String sql) throws SQLException {
        try (ResultSet rows = superuser.createStatement().executeQuery(sql)) {
            while (rows.next()) {
                all.add(String.valueOf(rows.getString(1)));
            }
        }
    }
}
