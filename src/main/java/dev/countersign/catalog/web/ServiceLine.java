package dev.countersign.catalog.web;

import dev.countersign.catalog.CatalogWorkload;

/// A service in a list: the workload, and whether a proxy enforces policies for it.
public record ServiceLine(CatalogWorkload workload, String kind, String word, String owner) {
    static ServiceLine of(CatalogWorkload workload) {
        String owner = workload.owner().map(team -> "team " + team.name()).orElse("no owner");
        return switch (workload.membership()) {
            case SIDECAR -> new ServiceLine(workload, "done", "sidecar", owner);
            case AMBIENT -> new ServiceLine(workload, "done", "ambient", owner);
            case NONE -> new ServiceLine(workload, "fails", "not in the mesh", owner);
            case UNKNOWN -> new ServiceLine(workload, "unsure", "no pod runs", owner);
        };
    }
}
