package dev.countersign.policy.model;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// An Istio PeerAuthentication (security.istio.io/v1): whether connections to the selected workloads need mutual TLS.
/// `ports` are workload ports, not Service ports. Istio refuses `ports` without a selector, yet a cluster may hold such
/// an object from older days, where the section has no effect (istio.md 3): the value can say it.
public record PeerAuthentication(ObjectMeta metadata, Target target, TlsMode mode, Map<Integer, TlsMode> ports)
        implements IstioObject {
    public PeerAuthentication {
        if (target instanceof Target.References) {
            throw new IllegalArgumentException(
                    metadata.key() + ": a PeerAuthentication has a selector, not targetRefs");
        }
        ports.keySet().forEach(port -> {
            if (port < 0) {
                throw new IllegalArgumentException(metadata.key() + ": port " + port + " is negative");
            }
        });
        ports = Collections.unmodifiableMap(new TreeMap<>(ports));
    }

    public static PeerAuthentication of(ObjectMeta metadata, Target target, TlsMode mode) {
        return new PeerAuthentication(metadata, target, mode, Map.of());
    }
}
