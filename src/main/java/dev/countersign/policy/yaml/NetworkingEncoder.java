package dev.countersign.policy.yaml;

import dev.countersign.policy.model.DestinationRule;
import dev.countersign.policy.model.EnvoyFilter;
import dev.countersign.policy.model.Sidecar;
import java.util.Map;

/// The specs of DestinationRules, EnvoyFilters and Sidecars.
final class NetworkingEncoder {
    private NetworkingEncoder() {}

    static Map<String, Object> destinationRule(DestinationRule rule) {
        Encoder policy = new Encoder();
        rule.connectionPool().ifPresent(pool -> {
            Encoder tcp = new Encoder();
            tcp.optional("maxConnections", pool.maxConnections());
            tcp.optional("connectTimeout", pool.connectTimeout());
            Encoder http = new Encoder();
            http.optional("http1MaxPendingRequests", pool.http1MaxPendingRequests());
            http.optional("http2MaxRequests", pool.http2MaxRequests());
            http.optional("maxRequestsPerConnection", pool.maxRequestsPerConnection());
            http.optional("maxRetries", pool.maxRetries());
            http.optional("idleTimeout", pool.idleTimeout());
            Encoder both = new Encoder();
            both.map("tcp", tcp.map());
            both.map("http", http.map());
            policy.map("connectionPool", both.map());
        });
        rule.outlierDetection().ifPresent(outliers -> {
            Encoder inner = new Encoder();
            inner.optional("consecutive5xxErrors", outliers.consecutive5xxErrors());
            inner.optional("consecutiveGatewayErrors", outliers.consecutiveGatewayErrors());
            inner.optional("interval", outliers.interval());
            inner.optional("baseEjectionTime", outliers.baseEjectionTime());
            inner.optional("maxEjectionPercent", outliers.maxEjectionPercent());
            inner.optional("minHealthPercent", outliers.minHealthPercent());
            policy.put("outlierDetection", inner.map()); // empty means: with Istio's defaults
        });
        Encoder spec = new Encoder();
        spec.put("host", rule.host());
        spec.map("trafficPolicy", policy.map());
        return spec.map();
    }

    static Map<String, Object> envoyFilter(EnvoyFilter filter) {
        Encoder spec = new Encoder();
        MetadataEncoder.target(spec, filter.target(), "workloadSelector", "labels");
        spec.list(
                "configPatches",
                filter.patches().stream().map(NetworkingEncoder::patch).toList());
        return spec.map();
    }

    private static Map<String, Object> patch(EnvoyFilter.Patch patch) {
        Encoder body = new Encoder();
        body.text("operation", patch.operation());
        body.map("value", patch.value());
        Encoder encoder = new Encoder();
        encoder.text("applyTo", patch.applyTo());
        encoder.map("match", patch.match());
        encoder.map("patch", body.map());
        return encoder.map();
    }

    static Map<String, Object> sidecar(Sidecar sidecar) {
        Encoder spec = new Encoder();
        MetadataEncoder.target(spec, sidecar.target(), "workloadSelector", "labels");
        sidecar.settings().forEach(spec::put);
        return spec.map();
    }
}
