package dev.countersign.tenancy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import org.springframework.jdbc.datasource.AbstractDataSource;

/// What everybody takes connections from: those of the lane of the work that asks.
final class LaneDataSource extends AbstractDataSource {
    private final Pools pools;

    LaneDataSource(Pools pools) {
        this.pools = pools;
    }

    @Override
    public Connection getConnection() throws SQLException {
        return pools.connection();
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        throw new SQLFeatureNotSupportedException("the pools connect as one user");
    }
}
