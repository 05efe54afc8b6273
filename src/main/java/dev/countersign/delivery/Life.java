package dev.countersign.delivery;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// That this replica lives, as the others see it: a session lock under a number of its own, on a connection that is kept for it. Where
/// the process dies its connections end with it, PostgreSQL frees the lock in that moment, and others take over what was claimed under the
/// number without waiting for the lease.
///
/// - It only says who is dead. Who hangs, or is cut off, keeps its lock until the connection ends, and there the lease rules. Who is taken for
///   dead and lives is kept from writing and recording by the fence, as after its lease.
/// - A number is never used again: after its connection broke a replica lives under another, and what it holds under the old one may be taken.
/// - The lock belongs to a session. Behind a pooler that hands sessions from one client to another it says nothing: the replica then
///   claims without a number.
@Component
class Life {
    private static final Logger LOG = LoggerFactory.getLogger(Life.class);

    /// The first of the two keys of every such lock; nothing else of the portal uses two.
    private static final int LOCKS = 78;
    private static final String LIVING = """
            select objid::bigint::int
            from pg_locks
            where locktype = 'advisory'
              and classid = 78
              and objsubid = 2
              and granted
              and database = (select oid from pg_database where datname = current_database())""";

    private volatile Optional<Session> session = Optional.empty();
    private Set<Integer> seen = Set.of();

    /// By which connection, and under which number where there is one.
    private record Session(Connection by, Optional<Integer> number) {}

    /// Lives from now on, by this connection, until `end` or until the connection breaks.
    void begin(Connection connection) throws SQLException {
        Optional<Integer> number;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select life, pg_try_advisory_lock(" + LOCKS + ", life) from (select nextval('replica_life')::int as life offset 0) as drawn")) {
            row.next();
            number = row.getBoolean(2) ? Optional.of(row.getInt(1)) : Optional.empty();
        }
        session = Optional.of(new Session(connection, number));
        Set<Integer> living = living(connection);
        noticeLoss(living);
        // With the number that this replica had before, which is gone: the next look tells.
        seen = Stream.concat(seen.stream(), living.stream()).collect(Collectors.toUnmodifiableSet());
    }

    /// Whether a replica is gone since the last look.
    boolean someoneIsGone(Connection connection) throws SQLException {
        Set<Integer> now = living(connection);
        noticeLoss(now);
        boolean gone = !now.containsAll(seen);
        seen = now;
        return gone;
    }

    private void noticeLoss(Set<Integer> living) {
        session.filter(mine -> mine.number().isPresent() && !living.contains(mine.number().get())).ifPresent(mine -> {
            LOG.atWarn().addKeyValue("number", mine.number().get())
                    .log("The session of this replica was given to another: a pooler between portal and database must pool sessions. What this replica is at is found by its leases alone");
            session = Optional.of(new Session(mine.by(), Optional.empty()));
        });
    }

    private static Set<Integer> living(Connection connection) throws SQLException {
        Set<Integer> numbers = new HashSet<>();
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(LIVING)) {
            while (rows.next()) {
                numbers.add(rows.getInt(1));
            }
        }
        return numbers;
    }

    /// Nothing more is claimed by this connection; what is claimed others may take from now on.
    void end(Connection connection) throws SQLException {
        lose(connection);
        try (Statement statement = connection.createStatement()) {
            statement.execute("select pg_advisory_unlock_all()");
        }
    }

    /// The connection is gone, and the lock with it.
    void lose(Connection connection) {
        if (session.filter(mine -> mine.by() == connection).isPresent()) {
            session = Optional.empty();
        }
    }

    /// Whether anything may be claimed at present.
    boolean isBegun() {
        return session.isPresent();
    }

    /// The number that claims are made under; empty where only their leases count.
    Optional<Integer> number() {
        return session.flatMap(Session::number);
    }

    /// Those of the `holders` who live no more. Asked after the holders were read: whoever claimed had its lock before, so one whose lock is not
    /// there now had it and lost it.
    Set<Integer> gone(Collection<Integer> holders, JdbcClient jdbc) {
        return holders.isEmpty() ? Set.of() : gone(holders, Set.copyOf(jdbc.sql(LIVING).query(Integer.class).list()));
    }

    /// Whose claims may be taken before their leases end.
    static Set<Integer> gone(Collection<Integer> holders, Set<Integer> living) {
        return holders.stream().filter(holder -> !living.contains(holder)).collect(Collectors.toSet());
    }
}
