package dev.countersign.policy.model;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What policies select: a namespace, pod labels, the kind of proxy in front, and (for a waypoint) the Services called.
public record Workload(String namespace, Map<String, String> labels, DataPlane dataPlane, List<CalledService> services) {
    public static final String GATEWAY_NAME = "gateway.networking.k8s.io/gateway-name";

    public Workload {
        labels = Collections.unmodifiableMap(new TreeMap<>(labels));
        services = List.copyOf(services);
    }

    public static Workload sidecar(String namespace, Map<String, String> labels) {
        return new Workload(namespace, labels, DataPlane.SIDECAR, List.of());
    }

    /// A Service (or ServiceEntry, when `external`) that a waypoint forwards to.
    public record CalledService(String namespace, String name, boolean external) {}
}
