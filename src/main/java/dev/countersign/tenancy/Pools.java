package dev.countersign.tenancy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/// The connections of this replica to its database, a pool for each lane. How long a statement may wait for one lock, take by
/// itself, and a transaction last is a setting of the connection. PostgreSQL counts each wait for a lock anew, and a statement that
/// stands in a queue for a row waits twice: the bound of the lock alone bounds no request.
///
/// Throws `SQLTransientConnectionException` without a cause where all connections of the lane are taken, with one where the
/// database cannot be reached.
final class Pools implements AutoCloseable {
    private static final int ADMINISTRATION = 3;
    /// Two of them only listen.
    private static final int BACKGROUND_AT_LEAST = 4;
    private static final int LISTENING = 2;
    private static final int FEWEST = 10;
    private static final int VALID_SECONDS = 1;

    private static final String HURRIED = "select set_config('lock_timeout', '5s', false), set_config('statement_timeout', '8s', false), set_config('transaction_timeout', '15s', false)";
    private static final String UNHURRIED = "select set_config('lock_timeout', '10s', false)";

    private final Map<Lane, HikariDataSource> pools = new EnumMap<>(Lane.class);
    private final Map<Lane, TenantShares> shares = new EnumMap<>(Lane.class);

    /// `settings`: `maximumPoolSize` is that of all lanes together, `connectionTimeout` what a request waits for a connection.
    Pools(HikariConfig settings) {
        int all = settings.getMaximumPoolSize();
        if (all < FEWEST) {
            throw new IllegalArgumentException("spring.datasource.hikari.maximum-pool-size must be at least " + FEWEST + ", it is " + all);
        }
        int background = Math.max(BACKGROUND_AT_LEAST, all * 7 / 20);
        open(Lane.ADMINISTRATION, settings, ADMINISTRATION, ADMINISTRATION);
        open(Lane.BACKGROUND, settings, background, background - LISTENING);
        open(Lane.REQUESTS, settings, all - ADMINISTRATION - background, all - ADMINISTRATION - background);
    }

    private void open(Lane lane, HikariConfig settings, int connections, int shared) {
        HikariDataSource pool = new HikariDataSource();
        settings.copyStateTo(pool);
        pool.setPoolName(lane.name());
        pool.setMaximumPoolSize(connections);
        pool.setMinimumIdle(connections);
        pool.setConnectionTimeout(settings.getConnectionTimeout() * (lane == Lane.BACKGROUND ? 10 : 1));
        pool.setConnectionInitSql(lane == Lane.BACKGROUND ? UNHURRIED : HURRIED);
        // Else it would follow from what a request waits.
        pool.addDataSourceProperty("loginTimeout", "3");
        pools.put(lane, pool);
        shares.put(lane, new TenantShares(shared));
    }

    TenantShares shares(Lane lane) {
        return shares.get(lane);
    }

    Duration patience(Lane lane) {
        return Duration.ofMillis(pools.get(lane).getConnectionTimeout());
    }

    /// One of the lane of this piece of work.
    Connection connection() throws SQLException {
        Turn turn = Turn.current();
        if (turn.isOver()) {
            throw new SQLTransientConnectionException("there was no connection a moment ago");
        }
        try {
            return pools.get(turn.lane()).getConnection();
        } catch (SQLTransientConnectionException none) {
            turn.end();
            throw none;
        }
    }

    /// Whether it has a connection that works, or all of them are at work. Where one is found dead, none of its age is trusted.
    boolean answers(Lane lane) {
        HikariDataSource pool = pools.get(lane);
        try (Connection connection = pool.getConnection()) {
            boolean answers = connection.isValid(VALID_SECONDS);
            if (!answers) {
                pool.getHikariPoolMXBean().softEvictConnections();
            }
            return answers;
        } catch (SQLException none) {
            HikariPoolMXBean now = pool.getHikariPoolMXBean();
            return now != null && now.getActiveConnections() == pool.getMaximumPoolSize();
        }
    }

    @Override
    public void close() {
        pools.values().forEach(HikariDataSource::close);
    }
}
