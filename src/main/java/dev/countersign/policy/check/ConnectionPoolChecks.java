package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.D4;
import static dev.countersign.policy.check.FindingCode.D5;
import static dev.countersign.policy.check.FindingCode.D6;
import static dev.countersign.policy.check.FindingCode.D7;

import java.util.List;

/// D4 to D7: connection pools of DestinationRules and Sidecars.
final class ConnectionPoolChecks {
    private static final List<String> HTTP_COUNTS = List.of(
            "http1MaxPendingRequests",
            "http2MaxRequests",
            "maxRequestsPerConnection",
            "maxRetries",
            "maxConcurrentStreams");

    private ConnectionPoolChecks() {}

    static void check(Node pool, Findings findings) {
        if (!pool.isPresent()) {
            return;
        }
        Node http = pool.get("http");
        Node tcp = pool.get("tcp");
        if (!http.isPresent() && !tcp.isPresent()) {
            findings.add(D4, pool, "the connection pool has neither tcp nor http");
            return;
        }
        HTTP_COUNTS.forEach(count -> notNegative(http.get(count), findings));
        Durations.check(http.get("idleTimeout"), findings);
        if (http.get("h2UpgradePolicy").text().equals("UPGRADE")
                && http.get("useClientProtocol").isTrue()) {
            findings.add(D6, http, "h2UpgradePolicy UPGRADE and useClientProtocol contradict each other");
        }
        keepAlive(http.get("http2KeepAlive"), findings);
        notNegative(tcp.get("maxConnections"), findings);
        Durations.check(tcp.get("connectTimeout"), findings);
        Durations.check(tcp.get("maxConnectionDuration"), findings);
        Durations.checkUnlessZero(tcp.get("idleTimeout"), findings);
        Durations.check(tcp.get("tcpKeepalive").get("time"), findings);
        Durations.check(tcp.get("tcpKeepalive").get("interval"), findings);
    }

    private static void keepAlive(Node keepAlive, Findings findings) {
        if (!keepAlive.isPresent()) {
            return;
        }
        for (String key : List.of("interval", "timeout")) {
            if (keepAlive.get(key).isPresent()) {
                Durations.check(keepAlive.get(key), findings);
            } else {
                findings.add(D7, keepAlive, "the keepalive has no " + key);
            }
        }
    }

    private static void notNegative(Node count, Findings findings) {
        if (count.number() < 0) {
            findings.add(D5, count, count.value() + " is negative");
        }
    }
}
