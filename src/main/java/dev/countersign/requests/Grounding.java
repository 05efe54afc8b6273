package dev.countersign.requests;

import dev.countersign.catalog.CallingWorkload;
import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.ClusterMesh;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.identity.TeamName;
import dev.countersign.policy.compile.TargetWorkload;
import dev.countersign.policy.model.MeshSettings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/// Holds an Ask against the mesh: what it names has to exist, in namespaces of the tenant. A namespace of another tenant is
/// refused in the words for one that does not exist.
@Component
class Grounding {
    private final MeshCatalog catalog;

    Grounding(MeshCatalog catalog) {
        this.catalog = catalog;
    }

    /// What was found.
    ///
    /// - `grounds`: one for each cluster where the target exists.
    /// - `owners`, `beneficiaries`: teams, by slug, each once.
    record Found(List<Ground> grounds, List<FieldProblem> problems, List<TeamName> owners, List<TeamName> beneficiaries) {
        List<Place> places() {
            return grounds.stream().map(Ground::place).toList();
        }
    }

    /// The Ask in one cluster: its target, and what runs as each caller (empty for callers that are no single account).
    record Ground(ClusterMesh in, CatalogWorkload target, Map<AskSource, List<CallingWorkload>> callers) {
        ClusterRef cluster() {
            return in.cluster();
        }

        MeshSettings mesh() {
            return in.settings();
        }

        Place place() {
            return new Place(cluster(), mesh().trustDomains().trustDomain(),
                    new TargetWorkload(target.namespace(), target.name(), target.selectorLabels()));
        }
    }

    Found find(Ask ask) {
        return switch (ask) {
            case ServiceAccess access -> new Search(access).found();
        };
    }

    private final class Search {
        private final ServiceAccess ask;
        private final List<FieldProblem> problems = new ArrayList<>();
        private final List<Ground> grounds = new ArrayList<>();
        /// The teams of workloads that run as an account that is named, and of those that a pattern covers.
        private final Set<TeamName> calling = new LinkedHashSet<>();
        private final Set<TeamName> covering = new LinkedHashSet<>();

        Search(ServiceAccess ask) {
            this.ask = ask;
        }

        Found found() {
            Map<String, ClusterMesh> meshes = catalog.meshes(ask.clusters()).stream()
                    .collect(Collectors.toMap(mesh -> mesh.cluster().name(), Function.identity()));
            ask.clusters().forEach(name -> Optional.ofNullable(meshes.get(name)).ifPresentOrElse(this::cluster, () -> refuse("/ask/clusters",
                    "There is no cluster " + name + ". Choose one of " + names() + ".")));
            List<TeamName> owners = owners();
            return new Found(List.copyOf(grounds), List.copyOf(problems), owners, beneficiaries(owners));
        }

        private void cluster(ClusterMesh mesh) {
            ClusterRef cluster = mesh.cluster();
            List<String> namespaces = mesh.namespaces();
            Map<AskSource, List<CallingWorkload>> callers = new LinkedHashMap<>();
            for (int i = 0; i < ask.from().size(); i++) {
                AskSource source = ask.from().get(i);
                callers.put(source, caller(cluster, namespaces, source, "/ask/from/" + i));
            }
            callers.forEach((source, workloads) -> workloads.stream().flatMap(workload -> workload.owner().stream())
                    .forEach((source instanceof AskSource.Account ? calling : covering)::add));
            target(cluster, namespaces).ifPresent(target -> grounds.add(new Ground(mesh, target, callers)));
        }

        private List<CallingWorkload> caller(ClusterRef cluster, List<String> namespaces, AskSource source, String pointer) {
            return switch (source) {
                case AskSource.AnyIdentity() -> catalog.callers(cluster.id(), namespaces);
                case AskSource.WholeNamespace(String namespace) -> {
                    if (unknown(cluster, namespaces, namespace, pointer)) {
                        yield List.of();
                    }
                    yield catalog.callers(cluster.id(), List.of(namespace));
                }
                case AskSource.Account(String namespace, String account) -> {
                    if (unknown(cluster, namespaces, namespace, pointer)) {
                        yield List.of();
                    }
                    Optional<List<CallingWorkload>> running = catalog.callers(cluster.id(), namespace, account);
                    if (running.isEmpty()) {
                        refuse(pointer + "/serviceAccount", "There is no service account " + account + " in " + namespace
                                + " of " + cluster.name() + ". Choose a service from the list, or deploy its service account first.");
                    }
                    yield running.orElse(List.of());
                }
            };
        }

        private Optional<CatalogWorkload> target(ClusterRef cluster, List<String> namespaces) {
            String namespace = ask.to().namespace();
            if (unknown(cluster, namespaces, namespace, "/ask/to")) {
                return Optional.empty();
            }
            Optional<CatalogWorkload> target = catalog.workload(new WorkloadKey(cluster.id(), namespace, ask.workload()));
            if (target.isEmpty()) {
                refuse("/ask/to/workload", "There is no workload " + ask.workload() + " in " + namespace + " of " + cluster.name()
                        + ". Choose a service from the list, or deploy it first.");
            } else if (target.get().selectorLabels().isEmpty()) {
                refuse("/ask/to/workload", ask.workload() + " selects its pods by no plain label, so no policy can be put on it"
                        + " alone. Give its selector matchLabels.");
                return Optional.empty();
            }
            return target;
        }

        private boolean unknown(ClusterRef cluster, List<String> namespaces, String namespace, String pointer) {
            if (namespaces.contains(namespace)) {
                return false;
            }
            refuse(pointer + "/namespace", "There is no namespace " + namespace + " in " + cluster.name()
                    + ". Choose a service from the list; an administrator adds namespaces to the tenant.");
            return true;
        }

        /// The one owner of the target. Where clusters disagree, one owner would decide for the other's service.
        private List<TeamName> owners() {
            Map<Optional<TeamName>, String> byTeam = new LinkedHashMap<>();
            grounds.forEach(ground -> byTeam.putIfAbsent(ground.target().owner(), ground.cluster().name()));
            if (byTeam.size() > 1) {
                refuse("/ask/clusters", ask.workload() + " does not have the same owner in all clusters (" + String.join(", ",
                        byTeam.entrySet().stream().map(entry -> entry.getKey().map(TeamName::name).orElse("nobody") + " in "
                                + entry.getValue()).toList()) + "). Ask for each cluster in a request of its own.");
            }
            return byTeam.keySet().stream().flatMap(Optional::stream).toList();
        }

        /// The teams behind the callers. A caller that is a pattern covers the target's own team as well, which gains nothing by
        /// it and is asked as the owner; for a caller named by account no such exception is made.
        private List<TeamName> beneficiaries(List<TeamName> owners) {
            Set<TeamName> teams = new LinkedHashSet<>(calling);
            covering.stream().filter(team -> !owners.contains(team)).forEach(teams::add);
            return teams.stream().sorted(Comparator.comparing(TeamName::slug)).toList();
        }

        private String names() {
            List<String> names = catalog.clusters().stream().map(ClusterRef::name).limit(20).toList();
            return names.isEmpty() ? "none: an administrator registers clusters first" : String.join(", ", names);
        }

        private void refuse(String pointer, String message) {
            problems.add(new FieldProblem(pointer, message));
        }
    }
}
