package dev.countersign.api;

import dev.countersign.api.Parameters.Name;
import dev.countersign.api.ServiceDocument.ServiceListDocument;
import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.identity.Scope;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/// The inventory. A search answers the best finds once; without words everything is listed by cluster, namespace and name.
@RestController
class ServicesApi {
    private final MeshCatalog catalog;
    private final SignedText signed;

    ServicesApi(MeshCatalog catalog, SignedText signed) {
        this.catalog = catalog;
        this.signed = signed;
    }

    @Endpoint(summary = "Workloads with identities, owners, ports and mesh membership", scope = Scope.READ, answer = ServiceListDocument.class,
            query = {"q", "cluster", "namespace", "limit", "cursor"}, refusals = 422,
            description = "With q: typo-tolerant, the best first, one page of at most 100. Without: all, by cluster, namespace and name.")
    @GetMapping(path = "/api/v1/services", produces = "application/json")
    ResponseEntity<byte[]> list(HttpServletRequest request) {
        Parameters wanted = Parameters.of(request, Name.q, Name.cluster, Name.namespace, Name.limit, Name.cursor);
        Optional<String> words = wanted.text(Name.q);
        Optional<String> cluster = wanted.text(Name.cluster);
        Optional<String> namespace = wanted.text(Name.namespace);
        int limit = wanted.limit();
        Optional<String> after = wanted.position(signed);
        if (words.isPresent() && wanted.has(Name.cursor)) {
            wanted.refuse("cursor", "A search has one page. Leave the cursor out, or q.");
        }
        wanted.check();
        List<CatalogWorkload> found = words
                .map(text -> catalog.search(text, cluster, namespace, limit))
                .orElseGet(() -> all(cluster, namespace, after, limit + 1));
        Optional<String> next = words.isEmpty() && found.size() > limit
                ? Optional.of(wanted.cursor(signed, position(found.get(limit - 1))))
                : Optional.empty();
        List<ServiceDocument> items = found.stream().limit(limit).map(ServiceDocument::of).toList();
        return Listing.answer(request, wanted, new ServiceListDocument(items, next), next);
    }

    private List<CatalogWorkload> all(Optional<String> cluster, Optional<String> namespace, Optional<String> after, int most) {
        List<CatalogWorkload> found = new ArrayList<>();
        for (ClusterRef one : catalog.clusters()) {
            if (cluster.isPresent() && !cluster.get().equals(one.name())) {
                continue;
            }
            for (String space : catalog.namespaces(one.id())) {
                // Behind the whole namespace: the cursor begins with a greater one.
                boolean passed = after.isPresent() && (one.name() + "/" + space + "0").compareTo(after.get()) <= 0;
                if (passed || namespace.isPresent() && !namespace.get().equals(space)) {
                    continue;
                }
                catalog.workloads(one.id(), space).stream()
                        .filter(workload -> after.isEmpty() || position(workload).compareTo(after.get()) > 0)
                        .sorted(Comparator.comparing(ServicesApi::position))
                        .limit(most - found.size())
                        .forEach(found::add);
                if (found.size() >= most) {
                    return found;
                }
            }
        }
        return found;
    }

    private static String position(CatalogWorkload workload) {
        return String.join("/", workload.cluster().name(), workload.namespace(), workload.name(), workload.kind());
    }
}
