package dev.countersign.demo.cluster;

import static dev.countersign.demo.cluster.ApiKind.Trait.CUSTOM;
import static dev.countersign.demo.cluster.ApiKind.Trait.GENERATION;
import static dev.countersign.demo.cluster.ApiKind.Trait.READ_ONLY;
import static dev.countersign.demo.cluster.ApiKind.Trait.STATUS;

import dev.countersign.demo.cluster.ApiKind.Column;
import dev.countersign.demo.cluster.ApiKind.Trait;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The registry: which kinds the server holds. A new kind is a line here.
final class ApiKinds {
    private static final Set<Trait> ISTIO = Set.of(CUSTOM, STATUS, GENERATION);
    private static final String SECURITY = "security.istio.io";
    private static final String NETWORKING = "networking.istio.io";

    static final ApiKind NAMESPACE = new ApiKind(
            "",
            List.of("v1"),
            "Namespace",
            "namespaces",
            List.of("ns"),
            false,
            Set.of(STATUS),
            List.of(column("Status", "status", "phase")));
    static final ApiKind SERVICE_ACCOUNT = core("ServiceAccount", "serviceaccounts", "sa", Set.of());
    static final ApiKind POD = core(
            "Pod",
            "pods",
            "po",
            Set.of(STATUS),
            new Column("Ready", "string", Tables::readyContainers),
            column("Status", "status", "phase"),
            new Column("Restarts", "string", Tables::restarts));
    static final ApiKind SERVICE = core(
            "Service",
            "services",
            "svc",
            Set.of(STATUS),
            column("Type", "spec", "type"),
            column("Cluster-IP", "spec", "clusterIP"),
            new Column("External-IP", "string", service -> "<none>"),
            new Column("Port(s)", "string", Tables::servicePorts));
    static final ApiKind CRD = new ApiKind(
            "apiextensions.k8s.io",
            List.of("v1"),
            "CustomResourceDefinition",
            "customresourcedefinitions",
            List.of("crd", "crds"),
            false,
            Set.of(READ_ONLY),
            List.of(new Column(
                    "Created At",
                    "date",
                    crd -> Tree.text(crd, "metadata", "creationTimestamp").orElse(null))));

    static final List<ApiKind> ALL = List.of(
            NAMESPACE,
            POD,
            SERVICE,
            SERVICE_ACCOUNT,
            core("ConfigMap", "configmaps", "cm", Set.of(), new Column("Data", "string", map ->
                    (long) Tree.mapAt(map, "data").size())),
            core("Event", "events", "ev", Set.of(), column("Reason", "reason"), column("Message", "message")),
            apps(
                    "Deployment",
                    "deployments",
                    "deploy",
                    new Column("Ready", "string", Tables::readyReplicas),
                    column("Up-to-date", "status", "updatedReplicas"),
                    column("Available", "status", "availableReplicas")),
            apps("StatefulSet", "statefulsets", "sts", new Column("Ready", "string", Tables::readyReplicas)),
            apps(
                    "DaemonSet",
                    "daemonsets",
                    "ds",
                    column("Desired", "status", "desiredNumberScheduled"),
                    column("Ready", "status", "numberReady")),
            istio(
                    SECURITY,
                    List.of("v1", "v1beta1"),
                    "AuthorizationPolicy",
                    "authorizationpolicies",
                    List.of("ap"),
                    column("Action", "spec", "action")),
            istio(
                    SECURITY,
                    List.of("v1", "v1beta1"),
                    "PeerAuthentication",
                    "peerauthentications",
                    List.of("pa"),
                    column("Mode", "spec", "mtls", "mode")),
            istio(SECURITY, List.of("v1", "v1beta1"), "RequestAuthentication", "requestauthentications", List.of("ra")),
            istio(
                    NETWORKING,
                    List.of("v1", "v1beta1", "v1alpha3"),
                    "DestinationRule",
                    "destinationrules",
                    List.of("dr"),
                    column("Host", "spec", "host")),
            istio(NETWORKING, List.of("v1alpha3"), "EnvoyFilter", "envoyfilters", List.of()),
            istio(NETWORKING, List.of("v1", "v1beta1", "v1alpha3"), "Sidecar", "sidecars", List.of()),
            CRD);

    private static final Map<String, ApiKind> BY_RESOURCE =
            ALL.stream().collect(Collectors.toUnmodifiableMap(ApiKind::groupResource, Function.identity()));

    private ApiKinds() {}

    static Optional<ApiKind> find(String group, String version, String plural) {
        var kind = BY_RESOURCE.get(group.isEmpty() ? plural : plural + "." + group);
        return Optional.ofNullable(kind).filter(k -> k.versions().contains(version));
    }

    static Optional<ApiKind> ofObject(String apiVersion, String kind) {
        return ALL.stream()
                .filter(k -> k.kind().equals(kind)
                        && k.versions().stream().anyMatch(v -> k.apiVersion(v).equals(apiVersion)))
                .findFirst();
    }

    static Optional<ApiKind> ofGroupResource(String groupResource) {
        return Optional.ofNullable(BY_RESOURCE.get(groupResource));
    }

    private static ApiKind core(String kind, String plural, String shortName, Set<Trait> traits, Column... columns) {
        return new ApiKind("", List.of("v1"), kind, plural, List.of(shortName), true, traits, List.of(columns));
    }

    private static ApiKind apps(String kind, String plural, String shortName, Column... columns) {
        return new ApiKind(
                "apps",
                List.of("v1"),
                kind,
                plural,
                List.of(shortName),
                true,
                Set.of(STATUS, GENERATION),
                List.of(columns));
    }

    private static ApiKind istio(
            String group,
            List<String> versions,
            String kind,
            String plural,
            List<String> shortNames,
            Column... columns) {
        return new ApiKind(group, versions, kind, plural, shortNames, true, ISTIO, List.of(columns));
    }

    private static Column column(String name, String... path) {
        return new Column(name, "string", object -> cell(object, path));
    }

    private static @Nullable Object cell(Map<String, Object> object, String... path) {
        return Tree.at(object, path).orElse(null);
    }
}
