package dev.countersign.api;

import dev.countersign.catalog.CatalogWorkload;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A workload as last seen in its cluster. `labels` are what a policy for it selects; `owner` is null until an administrator
/// says who owns it.
record ServiceDocument(
        String cluster, String namespace, String name, String kind, String serviceAccount, Map<String, String> labels, List<PortDocument> ports,
        List<String> services, CatalogWorkload.Membership membership, Optional<TeamDocument> owner) {
    record PortDocument(int number, String name, String protocol) {}

    record ServiceListDocument(List<ServiceDocument> items, Optional<String> next) {}

    static ServiceDocument of(CatalogWorkload workload) {
        return new ServiceDocument(workload.cluster().name(), workload.namespace(), workload.name(), workload.kind(),
                workload.serviceAccount().isEmpty() ? "default" : workload.serviceAccount(), workload.selectorLabels(),
                workload.ports().stream().map(port -> new PortDocument(port.number(), port.name(), port.protocol())).toList(), workload.services(),
                workload.membership(), workload.owner().map(TeamDocument::of));
    }
}
