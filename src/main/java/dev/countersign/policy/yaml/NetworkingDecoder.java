package dev.countersign.policy.yaml;

import dev.countersign.policy.model.DestinationRule;
import dev.countersign.policy.model.DestinationRule.ConnectionPool;
import dev.countersign.policy.model.DestinationRule.OutlierDetection;
import dev.countersign.policy.model.EnvoyFilter;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Sidecar;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.yaml.Fields.Notes;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Trees to DestinationRules, EnvoyFilters and Sidecars, as far as Countersign knows them.
final class NetworkingDecoder {
    private NetworkingDecoder() {}

    static Optional<DestinationRule> destinationRule(ObjectMeta metadata, Fields spec, Notes notes) {
        String host = spec.text("host").orElse("");
        if (host.isEmpty()) {
            spec.problem("host", "a DestinationRule needs a host");
        }
        Optional<Fields> policy = spec.object("trafficPolicy");
        Optional<ConnectionPool> pool =
                policy.flatMap(fields -> fields.object("connectionPool")).flatMap(NetworkingDecoder::connectionPool);
        Optional<OutlierDetection> outliers =
                policy.flatMap(fields -> fields.object("outlierDetection")).map(NetworkingDecoder::outlierDetection);
        policy.ifPresent(Fields::done);
        spec.done();
        return notes.problems().isEmpty()
                ? Optional.of(new DestinationRule(metadata, host, pool, outliers))
                : Optional.empty();
    }

    private static Optional<ConnectionPool> connectionPool(Fields pool) {
        Optional<Fields> tcp = pool.object("tcp");
        Optional<Fields> http = pool.object("http");
        pool.done();
        Optional<Integer> connections = tcp.flatMap(fields -> fields.whole("maxConnections"));
        Optional<Duration> timeout = tcp.flatMap(fields -> fields.duration("connectTimeout"));
        Optional<Integer> pending = http.flatMap(fields -> fields.whole("http1MaxPendingRequests"));
        Optional<Integer> requests = http.flatMap(fields -> fields.whole("http2MaxRequests"));
        Optional<Integer> perConnection = http.flatMap(fields -> fields.whole("maxRequestsPerConnection"));
        Optional<Integer> retries = http.flatMap(fields -> fields.whole("maxRetries"));
        Optional<Duration> idle = http.flatMap(fields -> fields.duration("idleTimeout"));
        tcp.ifPresent(Fields::done);
        http.ifPresent(Fields::done);
        if (List.of(connections, timeout, pending, requests, perConnection, retries, idle).stream()
                .allMatch(Optional::isEmpty)) {
            return Optional.empty();
        }
        return Optional.of(new ConnectionPool(connections, timeout, pending, requests, perConnection, retries, idle));
    }

    private static OutlierDetection outlierDetection(Fields outliers) {
        OutlierDetection decoded = new OutlierDetection(
                outliers.whole("consecutive5xxErrors"),
                outliers.whole("consecutiveGatewayErrors"),
                outliers.duration("interval"),
                outliers.duration("baseEjectionTime"),
                outliers.whole("maxEjectionPercent"),
                outliers.whole("minHealthPercent"));
        outliers.done();
        return decoded;
    }

    static Optional<EnvoyFilter> envoyFilter(ObjectMeta metadata, Fields spec, Notes notes) {
        Target target = MetadataDecoder.workloads(spec, notes);
        List<EnvoyFilter.Patch> patches = spec.objects("configPatches", (patch, _) -> {
            Optional<Fields> body = patch.object("patch");
            EnvoyFilter.Patch decoded = new EnvoyFilter.Patch(
                    patch.text("applyTo").orElse(""),
                    patch.tree("match"),
                    body.flatMap(fields -> fields.text("operation")).orElse(""),
                    body.map(fields -> fields.tree("value")).orElse(Map.of()));
            body.ifPresent(Fields::done);
            patch.done();
            return Optional.of(decoded);
        });
        spec.done();
        return notes.problems().isEmpty() ? Optional.of(new EnvoyFilter(metadata, target, patches)) : Optional.empty();
    }

    static Optional<Sidecar> sidecar(ObjectMeta metadata, Fields spec, Map<String, Object> tree, Notes notes) {
        Target target = MetadataDecoder.workloads(spec, notes);
        Map<String, Object> settings = new LinkedHashMap<>(tree);
        List.of("workloadSelector", "selector", "targetRef", "targetRefs").forEach(settings::remove);
        return notes.problems().isEmpty() ? Optional.of(new Sidecar(metadata, target, settings)) : Optional.empty();
    }
}
