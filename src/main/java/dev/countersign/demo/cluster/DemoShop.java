package dev.countersign.demo.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/// What runs in a demo cluster, as data: namespaces and the workloads in them, each with its service account, Service,
/// Deployment and one Pod, in the mesh by an `istio-proxy` sidecar or visibly not.
public record DemoShop(List<String> namespaces, List<Workload> workloads) {

    /// One workload; `ports` are HTTP unless the name says otherwise.
    public record Workload(String name, Map<String, Integer> ports, boolean inMesh) {
        static Workload http(String name) {
            return new Workload(name, Map.of("http", 8080), true);
        }
    }

    /// The shop of `acme`, in `production` and `staging`.
    public static DemoShop acme() {
        return new DemoShop(
                List.of("production", "staging"),
                List.of(
                        Workload.http("order-service"),
                        Workload.http("billing-service"),
                        new Workload(
                                "payment-service",
                                new java.util.TreeMap<>(Map.of("http", 8080, "metrics", 9090)),
                                true),
                        Workload.http("user-profile"),
                        Workload.http("frontend")));
    }

    /// The store of `globex`, a tenant that shares nothing with `acme` but perhaps the cluster.
    public static DemoShop globex() {
        return new DemoShop(List.of("globex-store"), List.of(Workload.http("web"), Workload.http("catalog")));
    }

    /// Puts the shop into `cluster` where it is not yet. Safe to repeat; never undoes what someone has changed.
    public void openIn(EmbeddedCluster cluster) {
        cluster.seed("istioctl", List.of(Seeding.namespace("istio-system"), meshDefault()));
        cluster.seed(
                "kubectl-create",
                namespaces.stream().map(DemoShop::meshNamespace).toList());
        var all = new ArrayList<Map<String, Object>>();
        namespaces.forEach(namespace -> workloads.forEach(workload -> all.addAll(objects(namespace, workload))));
        cluster.seed("helm", all);
    }

    /// `acme`'s extras: a workload outside the mesh, and an AuthorizationPolicy made by hand.
    public static void leaveOldThingsIn(EmbeddedCluster cluster) {
        cluster.seed("helm", objects("production", new Workload("legacy-batch", Map.of("http", 8080), false)));
        cluster.seed(
                "kubectl",
                List.of(Tree.of(
                        "apiVersion",
                        "security.istio.io/v1",
                        "kind",
                        "AuthorizationPolicy",
                        "metadata",
                        Tree.of("name", "user-profile-frontend", "namespace", "production"),
                        "spec",
                        Tree.of(
                                "selector",
                                Tree.of("matchLabels", Tree.of("app", "user-profile")),
                                "action",
                                "ALLOW",
                                "rules",
                                List.of(Tree.of(
                                        "from",
                                                List.of(Tree.of(
                                                        "source",
                                                        Tree.of(
                                                                "principals",
                                                                List.of("cluster.local/ns/production/sa/frontend")))),
                                        "to",
                                                List.of(Tree.of(
                                                        "operation",
                                                        Tree.of(
                                                                "methods",
                                                                List.of("GET"),
                                                                "paths",
                                                                List.of("/profiles/*"))))))))));
    }

    private static Map<String, Object> meshDefault() {
        return Tree.of(
                "apiVersion",
                "security.istio.io/v1",
                "kind",
                "PeerAuthentication",
                "metadata",
                Tree.of("name", "default", "namespace", "istio-system"),
                "spec",
                Tree.of("mtls", Tree.of("mode", "PERMISSIVE")));
    }

    private static Map<String, Object> meshNamespace(String name) {
        var namespace = Seeding.namespace(name);
        Tree.child(namespace, "metadata").put("labels", Tree.of("istio-injection", "enabled"));
        return namespace;
    }

    private static List<Map<String, Object>> objects(String namespace, Workload workload) {
        var labels = Tree.of("app", workload.name());
        return List.of(
                Tree.of(
                        "apiVersion",
                        "v1",
                        "kind",
                        "ServiceAccount",
                        "metadata",
                        metadata(namespace, workload.name(), labels)),
                Tree.of(
                        "apiVersion",
                        "v1",
                        "kind",
                        "Service",
                        "metadata",
                        metadata(namespace, workload.name(), labels),
                        "spec",
                        Tree.of(
                                "type",
                                "ClusterIP",
                                "clusterIP",
                                address("10.96", namespace, workload.name()),
                                "selector",
                                labels,
                                "ports",
                                servicePorts(workload)),
                        "status",
                        Tree.of("loadBalancer", Tree.of())),
                Tree.of(
                        "apiVersion",
                        "apps/v1",
                        "kind",
                        "Deployment",
                        "metadata",
                        metadata(namespace, workload.name(), labels),
                        "spec",
                        Tree.of(
                                "replicas",
                                1L,
                                "selector",
                                Tree.of("matchLabels", labels),
                                "template",
                                Tree.of(
                                        "metadata",
                                        templateMetadata(workload, labels),
                                        "spec",
                                        Tree.of(
                                                "serviceAccountName",
                                                workload.name(),
                                                "containers",
                                                List.of(container(workload))))),
                        "status",
                        Tree.of(
                                "observedGeneration",
                                1L,
                                "replicas",
                                1L,
                                "readyReplicas",
                                1L,
                                "updatedReplicas",
                                1L,
                                "availableReplicas",
                                1L)),
                pod(namespace, workload, labels));
    }

    private static Map<String, Object> pod(String namespace, Workload workload, Map<String, Object> labels) {
        var name = workload.name() + "-" + fingerprint(namespace, workload.name());
        var metadata = metadata(namespace, name, labels);
        metadata.put(
                "ownerReferences",
                List.of(Tree.of(
                        "apiVersion",
                        "apps/v1",
                        "kind",
                        "ReplicaSet",
                        "controller",
                        true,
                        "name",
                        name.substring(0, name.lastIndexOf('-')),
                        "uid",
                        java.util.UUID.nameUUIDFromBytes(name.getBytes()).toString())));
        var containers = new ArrayList<Map<String, Object>>(List.of(container(workload)));
        if (workload.inMesh()) {
            metadata.put(
                    "annotations",
                    Tree.of(
                            "sidecar.istio.io/status",
                            "{\"initContainers\":[\"istio-init\"],\"containers\":[\"istio-proxy\"],\"revision\":\"default\"}"));
            containers.add(Tree.of("name", "istio-proxy", "image", "docker.io/istio/proxyv2:1.28.0"));
        }
        var statuses = containers.stream()
                .map(container -> Tree.of("name", container.get("name"), "ready", true, "restartCount", 0L))
                .toList();
        return Tree.of(
                "apiVersion",
                "v1",
                "kind",
                "Pod",
                "metadata",
                metadata,
                "spec",
                Tree.of("serviceAccountName", workload.name(), "containers", containers),
                "status",
                Tree.of(
                        "phase",
                        "Running",
                        "podIP",
                        address("10.244", namespace, name),
                        "conditions",
                        List.of(Tree.of("type", "Ready", "status", "True")),
                        "containerStatuses",
                        statuses));
    }

    private static Map<String, Object> container(Workload workload) {
        return Tree.of(
                "name",
                workload.name(),
                "image",
                "example.com/shop/" + workload.name() + ":1.0",
                "ports",
                workload.ports().entrySet().stream()
                        .map(port -> Tree.of(
                                "name",
                                port.getKey(),
                                "containerPort",
                                port.getValue().longValue(),
                                "protocol",
                                "TCP"))
                        .toList());
    }

    private static List<Map<String, Object>> servicePorts(Workload workload) {
        return workload.ports().entrySet().stream()
                .map(port -> Tree.of(
                        "name",
                        port.getKey(),
                        "port",
                        port.getValue().longValue(),
                        "protocol",
                        "TCP",
                        "targetPort",
                        port.getValue().longValue()))
                .toList();
    }

    private static Map<String, Object> templateMetadata(Workload workload, Map<String, Object> labels) {
        return workload.inMesh()
                ? Tree.of("labels", labels)
                : Tree.of("labels", labels, "annotations", Tree.of("sidecar.istio.io/inject", "false"));
    }

    private static Map<String, Object> metadata(String namespace, String name, Map<String, Object> labels) {
        return Tree.of("name", name, "namespace", namespace, "labels", labels);
    }

    /// The same name gives the same suffix in every run.
    private static String fingerprint(String... parts) {
        var hash = Long.toHexString(hash(parts) | 0x1_0000_0000L).substring(1);
        return hash + "-" + hash.substring(3);
    }

    private static String address(String network, String... parts) {
        var hash = hash(parts);
        return "%s.%d.%d".formatted(network, hash >> 8 & 0xFF, 2 + hash % 250);
    }

    private static long hash(String... parts) {
        var crc = new CRC32();
        crc.update(String.join("/", parts).getBytes());
        return crc.getValue();
    }
}
