package dev.countersign.demo.database;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A real PostgreSQL 18 server that belongs to this process and listens on loopback only. It trusts loopback, so it is for the
/// demo and for tests. `durable` keeps the data directory and writes as a production server does (fsync on).
///
/// The roles are the ones of production: `countersign_owner` owns the schema and runs the migrations, `countersign_app` is
/// the connection pool, owns nothing and cannot bypass row-level security.
public final class EmbeddedDatabase implements AutoCloseable {
    public static final String OWNER = "countersign_owner";
    public static final String APP = "countersign_app";

    private final EmbeddedPostgres server;

    private EmbeddedDatabase(EmbeddedPostgres server) {
        this.server = server;
    }

    /// Starts on `directory`, keeping what is there. A server that an earlier, killed process left running on the same
    /// directory is stopped first.
    public static EmbeddedDatabase durable(Path directory) {
        stopOrphan(directory);
        return start(EmbeddedPostgres.builder()
                .setDataDirectory(directory)
                .setCleanDataDirectory(false)
                .setServerConfig("max_connections", "200")
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on"));
    }

    /// Starts on a temporary directory, fast and forgetful. Whoever starts it closes it.
    public static EmbeddedDatabase temporary() {
        return start(EmbeddedPostgres.builder().setRegisterShutdownHook(false).setServerConfig("fsync", "off").setServerConfig("synchronous_commit", "off")
                .setServerConfig("max_connections", "500"));
    }

    private static EmbeddedDatabase start(EmbeddedPostgres.Builder builder) {
        try {
            EmbeddedDatabase database = new EmbeddedDatabase(builder.setPGStartupWait(Duration.ofSeconds(30))
                    .setServerConfig("listen_addresses", "127.0.0.1")
                    .setServerConfig("timezone", "UTC")
                    .start());
            database.createRoles();
            return database;
        } catch (IOException e) {
            throw new UncheckedIOException("the embedded PostgreSQL did not start", e);
        }
    }

    /// `kill -9` of the program leaves the server behind: its number is the first line of `postmaster.pid`.
    private static void stopOrphan(Path directory) {
        Path pidFile = directory.resolve("postmaster.pid");
        if (!Files.exists(pidFile)) {
            return;
        }
        try {
            List<String> lines = Files.readAllLines(pidFile);
            long pid = Long.parseLong(lines.getFirst().strip());
            Optional<ProcessHandle> orphan = ProcessHandle.of(pid)
                    .filter(process -> process.info().command().map(command -> command.contains("postgres")).orElse(false));
            if (orphan.isPresent()) {
                orphan.get().destroy();
                orphan.get().onExit().get(20, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new IllegalStateException("could not stop the PostgreSQL server that an earlier run left on " + directory, e);
        }
    }

    private void createRoles() {
        try (Connection connection = connect("postgres"); var statement = connection.createStatement()) {
            statement.execute("""
                    do $$
                    begin
                        if not exists (select from pg_roles where rolname = 'countersign_owner') then
                            create role countersign_owner login nosuperuser nobypassrls;
                        end if;
                        if not exists (select from pg_roles where rolname = 'countersign_app') then
                            create role countersign_app login nosuperuser nobypassrls;
                        end if;
                    end
                    $$""");
        } catch (SQLException e) {
            throw new IllegalStateException("could not create the roles of the embedded PostgreSQL", e);
        }
    }

    /// Creates the database unless it exists, owned by the owner role.
    public void createDatabase(String name) {
        createDatabase(name, "template1");
    }

    /// As `createDatabase`, as a copy of another one (22-41 ms for an empty schema).
    public void createDatabase(String name, String template) {
        try (Connection connection = connect("postgres"); var exists = connection.prepareStatement("select 1 from pg_database where datname = ?")) {
            exists.setString(1, name);
            if (!exists.executeQuery().next()) {
                String create = "create database " + connection.createStatement().enquoteIdentifier(name, true)
                        + " owner countersign_owner template " + connection.createStatement().enquoteIdentifier(template, true);
                connection.createStatement().execute(create);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("could not create database " + name, e);
        }
    }

    public String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/" + database;
    }

    public int port() {
        return server.getPort();
    }

    /// A connection of the superuser, for setting up and for tests that play the outsider.
    public Connection connect(String database) throws SQLException {
        return java.sql.DriverManager.getConnection(url(database), "postgres", "");
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
