package dev.countersign.workbench;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.policy.check.CheckContext;
import dev.countersign.policy.check.PolicyCheck;
import dev.countersign.policy.eval.MutualTls;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.PeerAuthentication;
import dev.countersign.policy.model.TlsMode;
import dev.countersign.policy.yaml.Document;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.Reading;
import dev.countersign.policy.yaml.YamlLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/// Checks pasted text and, for a cluster that is named, tells what its AuthorizationPolicies would change there. Keeps
/// nothing of it.
@Component
class Checker {
    static final int MOST_BYTES = 1024 * 1024;
    private static final YamlLimits LIMITS = new YamlLimits(MOST_BYTES, YamlLimits.DEFAULT.depth(), YamlLimits.DEFAULT.nodes(), 200);

    private final MeshCatalog catalog;
    private final Changes changes;

    Checker(MeshCatalog catalog, Changes changes) {
        this.catalog = catalog;
        this.changes = changes;
    }

    sealed interface Outcome {
        record Checked(List<CheckedDocument> documents, Optional<Changes.Told> changes) implements Outcome {
            public long refused() {
                return documents.stream().filter(CheckedDocument::refused).count();
            }
        }

        /// The text is not read at all; `line` is 0 where it is about the whole.
        record Unreadable(int line, int column, String reason, String advice, String quoted) implements Outcome {}
    }

    @Transactional(readOnly = true)
    public Outcome check(String text, Optional<ClusterRef> cluster) {
        if (text.isBlank()) {
            return new Outcome.Unreadable(0, 0, "There is no text", "Paste one or more manifests, with --- between them.", "");
        }
        List<String> lines = text.lines().toList();
        return switch (PolicyReader.read(text, LIMITS)) {
            case Reading.Refused(int line, int column, String reason, String advice) ->
                new Outcome.Unreadable(line, column, sentence(reason), advice, CheckedDocument.quoted(lines, line));
            case Reading.Read(List<Document> documents) when documents.isEmpty() ->
                new Outcome.Unreadable(0, 0, "There is no object in this text", "Paste one or more manifests, with --- between them.", "");
            case Reading.Read(List<Document> documents) -> new Outcome.Checked(
                    documents.stream()
                            .map(document -> CheckedDocument.of(document, PolicyCheck.check(document, context(document, cluster)), lines))
                            .toList(),
                    cluster.map(one -> changes.of(one, documents)));
        };
    }

    private static String sentence(String reason) {
        return reason.isEmpty() ? reason : reason.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + reason.substring(1);
    }

    /// Workloads are known of the tenant's own namespaces only: of others nothing is said.
    private CheckContext context(Document document, Optional<ClusterRef> cluster) {
        Optional<String> namespace = document.tree().get("metadata") instanceof Map<?, ?> metadata
                        && metadata.get("namespace") instanceof String name
                ? Optional.of(name)
                : Optional.empty();
        if (cluster.isEmpty() || namespace.isEmpty() || !catalog.namespaces(cluster.get().id()).contains(namespace.get())) {
            return CheckContext.NOTHING_KNOWN;
        }
        MeshSettings mesh = catalog.mesh(cluster.get().id());
        List<PeerAuthentication> modes = catalog.peerAuthentications(cluster.get().id(), namespace.get());
        List<CheckContext.KnownWorkload> workloads = new ArrayList<>();
        // A policy of the root namespace concerns all of them.
        List<String> concerned = namespace.get().equals(mesh.rootNamespace()) ? catalog.namespaces(cluster.get().id()) : List.of(namespace.get());
        for (CatalogWorkload workload : concerned.stream().flatMap(one -> catalog.workloads(cluster.get().id(), one).stream()).toList()) {
            workloads.add(CheckContext.KnownWorkload.of(workload.asPoliciesSeeIt(), workload.ports().stream()
                    .collect(Collectors.toMap(CatalogWorkload.Port::number, port -> !QuestionReader.STREAMS.contains(port.protocol()), (a, b) -> a || b)),
                    strict(workload, mesh, modes)));
        }
        return new CheckContext(Optional.empty(), Optional.of(workloads), Optional.empty(), mesh.rootNamespace(),
                Optional.of(mesh.trustDomains()));
    }

    /// Whether every port, known or not, demands mutual TLS.
    private static boolean strict(CatalogWorkload workload, MeshSettings mesh, List<PeerAuthentication> modes) {
        boolean inMesh = workload.membership() == CatalogWorkload.Membership.SIDECAR || workload.membership() == CatalogWorkload.Membership.AMBIENT;
        return inMesh && Stream.concat(Stream.of(0), workload.ports().stream().map(CatalogWorkload.Port::number))
                .allMatch(port -> MutualTls.effective(mesh.rootNamespace(), modes, workload.namespace(), workload.podLabels(), port).mode() == TlsMode.STRICT);
    }
}
