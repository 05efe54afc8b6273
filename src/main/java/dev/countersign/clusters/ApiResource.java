package dev.countersign.clusters;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A kind of object of the Kubernetes API that the portal reads or writes. A new kind is a line here.
///
/// `group` is empty for the core kinds; `plural` is the word in URLs.
public record ApiResource(String group, String version, String plural, String kind, boolean namespaced) {
    public static final ApiResource NAMESPACES = new ApiResource("", "v1", "namespaces", "Namespace", false);
    public static final ApiResource PODS = new ApiResource("", "v1", "pods", "Pod", true);
    public static final ApiResource SERVICES = new ApiResource("", "v1", "services", "Service", true);
    public static final ApiResource SERVICE_ACCOUNTS = new ApiResource("", "v1", "serviceaccounts", "ServiceAccount", true);
    public static final ApiResource DEPLOYMENTS = new ApiResource("apps", "v1", "deployments", "Deployment", true);
    public static final ApiResource STATEFUL_SETS = new ApiResource("apps", "v1", "statefulsets", "StatefulSet", true);
    public static final ApiResource DAEMON_SETS = new ApiResource("apps", "v1", "daemonsets", "DaemonSet", true);
    public static final ApiResource AUTHORIZATION_POLICIES =
            new ApiResource("security.istio.io", "v1", "authorizationpolicies", "AuthorizationPolicy", true);
    public static final ApiResource PEER_AUTHENTICATIONS =
            new ApiResource("security.istio.io", "v1", "peerauthentications", "PeerAuthentication", true);

    private static final List<ApiResource> ALL = List.of(
            NAMESPACES, PODS, SERVICES, SERVICE_ACCOUNTS, DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS, AUTHORIZATION_POLICIES,
            PEER_AUTHENTICATIONS);

    /// The kind of an object by its own words; empty for a kind that is not in the list.
    public static Optional<ApiResource> of(Map<String, Object> tree) {
        return ALL.stream()
                .filter(resource -> resource.kind.equals(tree.get("kind")) && resource.apiVersion().equals(tree.get("apiVersion")))
                .findFirst();
    }

    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    /// As `kubectl` and access rules name it: `deployments.apps`.
    public String groupResource() {
        return group.isEmpty() ? plural : plural + "." + group;
    }

    /// The path of all its objects, or of those in one namespace.
    String path(Optional<String> namespace) {
        String root = group.isEmpty() ? "/api/" + version : "/apis/" + group + "/" + version;
        return root + namespace.map(name -> "/namespaces/" + ObjectName.checked(name)).orElse("") + "/" + plural;
    }

    String path(String namespace, String name) {
        return path(namespaced ? Optional.of(namespace) : Optional.empty()) + "/" + ObjectName.checked(name);
    }
}
