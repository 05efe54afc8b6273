package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// An asynchronous standby of a PostgreSQL server on this machine: a copy of its directory, which follows it until it is cut off and
/// can be made a server of its own.
final class Standby implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Set<String> LEFT_OUT = Set.of("postmaster.pid", "postmaster.opts", "ballast");

    final int port;
    private final Path directory;
    private final Process process;

    private Standby(int port, Path directory, Process process) {
        this.port = port;
        this.directory = directory;
        this.process = process;
    }

    /// `primary`: its directory; `superuser`: a connection to it; `command`: how it was started.
    static Standby of(Path primary, int primaryPort, Connection superuser, List<String> command) throws Exception {
        Path directory = Files.createTempDirectory("standby").resolve("data");
        String label;
        try (Statement statement = superuser.createStatement()) {
            statement.execute("select pg_backup_start('standby', true)");
            copy(primary, directory);
            try (ResultSet stopped = statement.executeQuery("select labelfile from pg_backup_stop(false)")) {
                stopped.next();
                label = stopped.getString(1);
            }
        }
        Files.writeString(directory.resolve("backup_label"), label);
        Files.createFile(directory.resolve("standby.signal"));
        Files.writeString(directory.resolve("postgresql.auto.conf"), "primary_conninfo = 'host=127.0.0.1 port=" + primaryPort + " user=postgres'\n");
        int port = FreePort.any();
        List<String> mine = new ArrayList<>(command);
        mine.replaceAll(word -> word.equals(primary.toString()) ? directory.toString() : word.equals(Integer.toString(primaryPort)) ? Integer.toString(port) : word);
        Path log = directory.resolveSibling("log");
        Process process = new ProcessBuilder(mine).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        Standby standby = new Standby(port, directory, process);
        standby.await("select pg_is_in_recovery() and exists (select from pg_stat_wal_receiver where status = 'streaming')");
        return standby;
    }

    /// Files that go away meanwhile belong to no copy; those that change are mended by the log.
    private static void copy(Path from, Path to) throws IOException, InterruptedException {
        Files.createDirectories(to);
        // Ends with 1 where a file went away.
        new ProcessBuilder("cp", "-a", from + "/.", to.toString()).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
        for (String name : LEFT_OUT) {
            Files.deleteIfExists(to.resolve(name));
        }
    }

    /// Until it has all that the primary has written so far.
    void catchUp(Connection superuser) throws Exception {
        String end;
        try (Statement statement = superuser.createStatement(); ResultSet row = statement.executeQuery("select pg_current_wal_flush_lsn()::text")) {
            row.next();
            end = row.getString(1);
        }
        await("select pg_last_wal_replay_lsn() >= '" + end + "'::pg_lsn");
    }

    /// It hears nothing more of the primary.
    void cutOff() throws Exception {
        execute("alter system set primary_conninfo = ''");
        execute("select pg_reload_conf()");
        await("select not exists (select from pg_stat_wal_receiver)");
    }

    void promote() throws Exception {
        execute("select pg_promote(true, 30)");
        await("select not pg_is_in_recovery()");
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres", "postgres", "");
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = connect(); Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void await(String condition) throws Exception {
        for (long end = System.nanoTime() + PATIENCE.toNanos(); !holds(condition); Thread.sleep(50)) {
            assertThat(process.isAlive()).as(Files.readString(directory.resolveSibling("log"))).isTrue();
            assertThat(System.nanoTime()).as("%s does not come about: %s", condition, Files.readString(directory.resolveSibling("log"))).isLessThan(end);
        }
    }

    private boolean holds(String condition) {
        try (Connection connection = connect(); Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(condition)) {
            return row.next() && row.getBoolean(1);
        } catch (SQLException starting) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        process.onExit().join();
        try (var files = Files.walk(directory.getParent())) {
            files.sorted(java.util.Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
