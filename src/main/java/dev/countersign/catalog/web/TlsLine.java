package dev.countersign.catalog.web;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.policy.eval.MutualTls;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.PeerAuthentication;
import java.util.List;
import java.util.stream.Stream;

/// What a port demands of callers, and whose word it is.
public record TlsLine(String port, String protocol, String mode, String source) {
    static List<TlsLine> of(CatalogWorkload workload, MeshSettings mesh, List<PeerAuthentication> policies) {
        Stream<CatalogWorkload.Port> ports = workload.ports().isEmpty()
                ? Stream.of(new CatalogWorkload.Port(0, "", "unknown"))
                : workload.ports().stream();
        return ports.map(port -> {
                    MutualTls tls = MutualTls.effective(mesh.rootNamespace(), policies, workload.namespace(), workload.podLabels(), port.number());
                    String source = tls.policy().map(policy -> "PeerAuthentication " + policy.metadata().key()).orElse("Istio's default");
                    return new TlsLine(port.number() == 0 ? "every port" : Integer.toString(port.number()), port.protocol(), tls.mode().name(), source);
                })
                .toList();
    }
}
