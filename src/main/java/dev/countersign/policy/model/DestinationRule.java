package dev.countersign.policy.model;

import java.time.Duration;
import java.util.Optional;

/// An Istio DestinationRule (networking.istio.io/v1), as far as Countersign writes it: the circuit breaker that clients
/// of `host` keep. Limits hold per client proxy. An absent value leaves Istio's default.
public record DestinationRule(
        ObjectMeta metadata,
        String host,
        Optional<ConnectionPool> connectionPool,
        Optional<OutlierDetection> outlierDetection)
        implements IstioObject {
    public DestinationRule {
        if (host.isEmpty()) {
            throw new IllegalArgumentException(metadata.key() + ": a DestinationRule needs a host");
        }
    }

    /// How much a client may have open at once. At least one limit: an empty pool says nothing.
    public record ConnectionPool(
            Optional<Integer> maxConnections,
            Optional<Duration> connectTimeout,
            Optional<Integer> http1MaxPendingRequests,
            Optional<Integer> http2MaxRequests,
            Optional<Integer> maxRequestsPerConnection,
            Optional<Integer> maxRetries,
            Optional<Duration> idleTimeout) {
        public ConnectionPool {
            if (maxConnections.isEmpty()
                    && connectTimeout.isEmpty()
                    && http1MaxPendingRequests.isEmpty()
                    && http2MaxRequests.isEmpty()
                    && maxRequestsPerConnection.isEmpty()
                    && maxRetries.isEmpty()
                    && idleTimeout.isEmpty()) {
                throw new IllegalArgumentException("a connection pool needs at least one limit");
            }
        }
    }

    /// When a client stops sending to an endpoint that fails, and for how long.
    public record OutlierDetection(
            Optional<Integer> consecutive5xxErrors,
            Optional<Integer> consecutiveGatewayErrors,
            Optional<Duration> interval,
            Optional<Duration> baseEjectionTime,
            Optional<Integer> maxEjectionPercent,
            Optional<Integer> minHealthPercent) {}
}
