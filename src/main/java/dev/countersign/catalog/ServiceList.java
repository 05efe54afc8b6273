package dev.countersign.catalog;

import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// The inventory in pages, by name. Never counts; a page costs the same wherever it lies.
@Service
public class ServiceList {
    private final JdbcClient jdbc;
    private final WorkloadRows workloads;

    ServiceList(JdbcClient jdbc, WorkloadRows workloads) {
        this.jdbc = jdbc;
        this.workloads = workloads;
    }

    /// Where a page begins: after this workload.
    public record After(String name, String namespace, String cluster, String kind) {
        /// Empty for what is no such place.
        public static Optional<After> of(String text) {
            String[] parts = text.split("/", -1);
            return parts.length == 4 && text.length() <= 600 ? Optional.of(new After(parts[0], parts[1], parts[2], parts[3])) : Optional.empty();
        }

        @Override
        public String toString() {
            return name + "/" + namespace + "/" + cluster + "/" + kind;
        }
    }

    public record Page(List<CatalogWorkload> rows, Optional<After> next) {}

    @Transactional(readOnly = true)
    public Page page(Optional<String> cluster, Optional<String> namespace, Optional<After> after, int size) {
        List<CatalogWorkload> found = workloads.query(jdbc.sql(WorkloadRows.SELECT + WorkloadRows.FROM + """
                          and (:cluster::text is null or c.name = :cluster::text)
                          and (:namespace::text is null or w.namespace = :namespace::text)
                          and (:after::text[] is null
                               or (w.name, w.namespace, c.name, w.kind) > ((:after::text[])[1], (:after::text[])[2], (:after::text[])[3], (:after::text[])[4]))
                        order by w.name, w.namespace, c.name, w.kind
                        limit :limit""")
                .param("cluster", cluster.map(StorableText::of).orElse(null))
                .param("namespace", namespace.map(StorableText::of).orElse(null))
                .param("after", after.map(place -> new String[] {
                            StorableText.of(place.name), StorableText.of(place.namespace), StorableText.of(place.cluster), StorableText.of(place.kind)
                        })
                        .orElse(null))
                .param("limit", size + 1));
        List<CatalogWorkload> rows = found.subList(0, Math.min(size, found.size()));
        return new Page(rows, found.size() > size
                ? Optional.of(rows.getLast()).map(last -> new After(last.name(), last.namespace(), last.cluster().name(), last.kind()))
                : Optional.empty());
    }
}
