package dev.countersign.catalog.web;

import dev.countersign.catalog.CatalogWorkload;

/// One answer to a typeahead, as `layout/_field :: options` reads it.
public record ServiceOption(String value, String words, String under) {
    static ServiceOption of(CatalogWorkload workload) {
        return new ServiceOption(
                workload.cluster().name() + "/" + workload.namespace() + "/" + workload.name(),
                workload.name(),
                workload.cluster().name() + " · " + workload.namespace() + workload.owner().map(team -> " · team " + team.name()).orElse(""));
    }
}
