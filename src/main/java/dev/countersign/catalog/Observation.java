package dev.countersign.catalog;

import dev.countersign.clusters.ClusterObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One thing that a list or a watch told, trimmed to what the catalog keeps. A cluster may tell anything: what is not
/// there or of another shape is empty, what has no proper name is passed over.
sealed interface Observation {
    Key key();

    /// `namespace` is the namespace's own name for a Namespace.
    record Key(String kind, String namespace, String name) {}

    record Put(Key key, Map<String, Object> row) implements Observation {}

    record Gone(Key key) implements Observation {}

    Pattern NAME = Pattern.compile("[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?");

    static boolean isNamed(ClusterObject object) {
        return NAME.matcher(object.name()).matches() && (object.namespace().isEmpty() || NAME.matcher(object.namespace()).matches());
    }

    static Key key(String kind, ClusterObject object) {
        return new Key(kind, kind.equals("Namespace") ? object.name() : object.namespace(), object.name());
    }

    static Observation gone(String kind, ClusterObject object) {
        return new Gone(key(kind, object));
    }

    /// The object as it is now. A pod that has ended, or is about to, counts as gone.
    static Observation of(String kind, ClusterObject object) {
        Key key = key(kind, object);
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("kind", key.kind);
        row.put("namespace", key.namespace);
        row.put("name", key.name);
        row.put("uid", object.uid());
        row.put("version", object.resourceVersion());
        Map<String, Object> tree = object.tree();
        switch (kind) {
            case "Deployment", "StatefulSet", "DaemonSet" -> workload(tree, row);
            case "AuthorizationPolicy", "PeerAuthentication" -> policy(object, row);
            case "Pod" -> {
                if (ended(tree)) {
                    return new Gone(key);
                }
                row.put("facts", Map.of("labels", labels(JsonTree.map(tree, "metadata")), "membership", membership(tree).name()));
            }
            case "Namespace" -> row.put("facts", Map.of("labels", labels(JsonTree.map(tree, "metadata"))));
            case "Service" -> row.put("facts", Map.of("selector", JsonTree.texts(JsonTree.map(tree, "spec").get("selector")), "ports", servicePorts(tree)));
            default -> row.put("facts", Map.of());
        }
        return new Put(key, row);
    }

    private static void workload(Map<String, Object> tree, Map<String, Object> row) {
        Map<String, Object> spec = JsonTree.map(tree, "spec");
        Map<String, Object> template = JsonTree.map(spec, "template");
        Map<String, Object> pod = JsonTree.map(template, "spec");
        row.put("selector_labels", JsonTree.texts(JsonTree.map(spec, "selector").get("matchLabels")));
        row.put("pod_labels", labels(JsonTree.map(template, "metadata")));
        row.put("service_account", JsonTree.text(pod, "serviceAccountName").filter(name -> NAME.matcher(name).matches()).orElse("default"));
        List<Map<String, Object>> ports = new ArrayList<>();
        for (Map<String, Object> container : JsonTree.maps(pod.get("containers"))) {
            for (Map<String, Object> port : JsonTree.maps(container.get("ports"))) {
                if (port.get("containerPort") instanceof Number number && ports.size() < 100) {
                    ports.add(Map.of("number", number.intValue(), "name", JsonTree.text(port, "name").orElse(""),
                            "transport", JsonTree.text(port, "protocol").orElse("TCP")));
                }
            }
        }
        row.put("ports", ports);
    }

    private static void policy(ClusterObject object, Map<String, Object> row) {
        Map<String, Object> tree = new LinkedHashMap<>(object.tree());
        Map<String, Object> metadata = new LinkedHashMap<>(JsonTree.map(tree, "metadata"));
        metadata.remove("managedFields");
        tree.put("metadata", metadata);
        row.put("tree", tree);
        row.put("managers", object.managers());
    }

    private static boolean ended(Map<String, Object> pod) {
        String phase = JsonTree.text(JsonTree.map(pod, "status"), "phase").orElse("");
        return phase.equals("Succeeded") || phase.equals("Failed") || JsonTree.map(pod, "metadata").containsKey("deletionTimestamp");
    }

    /// The running pod is the truth, not labels on namespaces: they act only when a pod is created.
    static CatalogWorkload.Membership membership(Map<String, Object> pod) {
        Map<String, Object> spec = JsonTree.map(pod, "spec");
        boolean sidecar = JsonTree.maps(spec.get("containers")).stream().anyMatch(Observation::isProxy)
                || JsonTree.maps(spec.get("initContainers")).stream()
                        .anyMatch(init -> isProxy(init) && "Always".equals(init.get("restartPolicy")));
        if (sidecar) {
            return CatalogWorkload.Membership.SIDECAR;
        }
        Map<String, String> annotations = JsonTree.texts(JsonTree.map(pod, "metadata").get("annotations"));
        return "enabled".equals(annotations.get("ambient.istio.io/redirection"))
                ? CatalogWorkload.Membership.AMBIENT
                : CatalogWorkload.Membership.NONE;
    }

    private static boolean isProxy(Map<String, Object> container) {
        return "istio-proxy".equals(container.get("name"));
    }

    private static List<Map<String, Object>> servicePorts(Map<String, Object> service) {
        return JsonTree.maps(JsonTree.map(service, "spec").get("ports")).stream()
                .limit(100)
                .map(port -> Map.<String, Object>of(
                        "port", port.get("port") instanceof Number number ? number.intValue() : 0,
                        "name", JsonTree.text(port, "name").orElse(""),
                        "target", target(port.get("targetPort")),
                        "appProtocol", JsonTree.text(port, "appProtocol").orElse(""),
                        "transport", JsonTree.text(port, "protocol").orElse("TCP")))
                .toList();
    }

    /// A number, or the name of a container port; empty where it is the port itself.
    private static String target(@Nullable Object target) {
        return target instanceof Number || target instanceof String ? target.toString() : "";
    }

    private static Map<String, String> labels(Map<String, Object> metadata) {
        return JsonTree.texts(metadata.get("labels"));
    }
}
