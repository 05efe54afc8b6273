package dev.countersign.workbench;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.web.Words;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/// Finds what a person named: services and callers, by as many parts of their name as they wrote. A name that means
/// several is asked back; what another tenant owns is as if it did not exist.
@Component
class Places {
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");
    private static final Pattern TRUST_DOMAIN = Pattern.compile("[A-Za-z0-9][-A-Za-z0-9._]{0,254}");

    private final MeshCatalog catalog;

    Places(MeshCatalog catalog) {
        this.catalog = catalog;
    }

    sealed interface Found<T> {
        record One<T>(T value) implements Found<T> {}

        /// Nothing, or more than one; `reason` says what to write instead.
        record Unclear<T>(String reason) implements Found<T> {}
    }

    /// Who calls: an identity, and the workload that runs as it where one is known.
    record Caller(Spiffe identity, String name, Optional<CatalogWorkload> workload) {}

    Found<CatalogWorkload> service(String typed) {
        List<CatalogWorkload> found = services(typed);
        if (found.size() == 1) {
            return new Found.One<>(found.getFirst());
        }
        return new Found.Unclear<>(found.isEmpty()
                ? "There is no service " + typed + ". Choose one from the list, or write namespace/service."
                : typed + " is the name of several services. Write "
                        + Words.join(found.stream().limit(4).map(Places::words).toList(), "or") + ".");
    }

    /// Seen from `target`: a bare name means its namespace, a name without a cluster its cluster. A workload goes before a
    /// service account of its name; `namespace/sa/account` means the account.
    Found<Caller> caller(String typed, CatalogWorkload target) {
        Optional<Spiffe> whole = Spiffe.parse(typed.startsWith("spiffe://") ? typed.substring(9) : typed);
        if (whole.isPresent()) {
            return identity(whole.get());
        }
        String[] parts = typed.split("/", -1);
        boolean account = parts.length == 3 && parts[1].equals("sa");
        ClusterRef cluster = parts.length == 3 && !account ? catalog.cluster(parts[0]).orElse(null) : target.cluster();
        String namespace = parts.length == 1 ? target.namespace() : account ? parts[0] : parts[parts.length - 2];
        String name = parts[parts.length - 1];
        if (cluster == null || parts.length > 3 || !NAME.matcher(namespace).matches() || !NAME.matcher(name).matches()) {
            return noCaller(typed);
        }
        String domain = catalog.mesh(cluster.id()).trustDomains().trustDomain();
        Optional<CatalogWorkload> workload =
                account ? Optional.empty() : catalog.workload(new WorkloadKey(cluster.id(), namespace, name));
        if (workload.isPresent()) {
            return new Found.One<>(new Caller(workload.get().identity(domain), name, workload));
        }
        if (!catalog.namespaces(cluster.id()).contains(namespace) || !catalog.serviceAccountExists(cluster.id(), namespace, name)) {
            return noCaller(typed);
        }
        return new Found.One<>(new Caller(new Spiffe(domain, namespace, name), name,
                catalog.runningAs(cluster.id(), namespace, name).stream().findFirst()));
    }

    private static Found<Caller> identity(Spiffe spiffe) {
        boolean plain = TRUST_DOMAIN.matcher(spiffe.trustDomain()).matches() && NAME.matcher(spiffe.namespace()).matches()
                && NAME.matcher(spiffe.serviceAccount()).matches();
        return plain
                ? new Found.One<>(new Caller(spiffe, spiffe.serviceAccount() + " of " + spiffe.namespace(), Optional.empty()))
                : noCaller(spiffe.principal());
    }

    private static Found<Caller> noCaller(String typed) {
        return new Found.Unclear<>("There is no service or service account " + typed
                + " among yours. Choose one from the list, or write a whole identity: cluster.local/ns/NAMESPACE/sa/ACCOUNT.");
    }

    private List<CatalogWorkload> services(String typed) {
        String[] parts = typed.split("/", -1);
        return switch (parts.length) {
            case 1 -> catalog.search(typed, Optional.empty(), Optional.empty(), 100).stream()
                    .filter(workload -> workload.name().equals(typed))
                    .toList();
            case 2 -> catalog.clusters().stream()
                    .flatMap(cluster -> catalog.workload(new WorkloadKey(cluster.id(), parts[0], parts[1])).stream())
                    .toList();
            case 3 -> catalog.cluster(parts[0])
                    .flatMap(cluster -> catalog.workload(new WorkloadKey(cluster.id(), parts[1], parts[2])))
                    .stream()
                    .toList();
            default -> List.of();
        };
    }

    static String words(CatalogWorkload workload) {
        return workload.cluster().name() + "/" + workload.namespace() + "/" + workload.name();
    }
}
