package dev.countersign.clusters;

import dev.countersign.clusters.Registration.Problem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/// Looks at a cluster before it is registered: that it answers, what it is, that Istio's kinds are there, that the
/// credentials suffice, and whether they go far beyond what is needed.
final class ClusterProbe {
    private static final List<String> READ = List.of("list", "watch");
    private static final List<ApiResource> INVENTORY = List.of(
            ApiResource.PODS, ApiResource.SERVICES, ApiResource.SERVICE_ACCOUNTS, ApiResource.DEPLOYMENTS, ApiResource.STATEFUL_SETS,
            ApiResource.DAEMON_SETS, ApiResource.AUTHORIZATION_POLICIES, ApiResource.PEER_AUTHENTICATIONS);
    private static final List<String> WRITE = List.of("get", "create", "patch", "delete");
    private static final int AT_ONCE = 8;

    private final ClusterConnection connection;
    private final List<Problem> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    /// What was seen. Only without problems do the other values mean anything.
    record Report(String kubernetesVersion, Optional<String> istioVersion, String uid, List<Problem> problems, List<String> warnings) {}

    /// A right that is needed; `namespace` empty means in all.
    private record Right(String verb, ApiResource resource, String namespace) {
        String words() {
            return verb + " " + resource.groupResource() + (namespace.isEmpty() ? " (in all namespaces)" : " in namespace " + namespace);
        }
    }

    private ClusterProbe(ClusterConnection connection) {
        this.connection = connection;
    }

    static Report of(ClusterConnection connection, List<String> namespaces, String rootNamespace) {
        return new ClusterProbe(connection).look(namespaces, rootNamespace);
    }

    private Report look(List<String> namespaces, String rootNamespace) {
        String version = version();
        String uid = problems.isEmpty() ? fingerprint() : "";
        if (problems.isEmpty()) {
            checkIstio();
            checkNamespaces(namespaces);
        }
        if (problems.isEmpty()) {
            checkRights(namespaces, rootNamespace);
        }
        return new Report(version, problems.isEmpty() ? istioVersion(rootNamespace) : Optional.empty(), uid, problems, warnings);
    }

    private String version() {
        return switch (connection.version()) {
            case ReadOutcome.Found(ClusterObject object) -> JsonTree.text(object.tree(), "gitVersion").map(ClusterWords::clean)
                    .filter(text -> text.length() <= 100).orElse("unknown");
            case ReadOutcome.Absent _ -> {
                problem("kubeconfig", "The server is not a Kubernetes API server: it has no /version. Check the server address.");
                yield "";
            }
            case ClusterTrouble trouble -> {
                problem("kubeconfig", "The API server does not answer as it should: " + trouble.words() + ". " + trouble.advice());
                yield "";
            }
        };
    }

    private String fingerprint() {
        return switch (fingerprint(connection)) {
            case Fingerprint.Known(String uid) -> uid;
            case Fingerprint.Unknown(ClusterTrouble trouble) -> {
                problem("kubeconfig", trouble.words());
                yield "";
            }
        };
    }

    /// By what a cluster is told from others, or why it cannot be: the trouble of reading it, its words made complete.
    sealed interface Fingerprint {
        record Known(String uid) implements Fingerprint {}

        record Unknown(ClusterTrouble trouble) implements Fingerprint {}
    }

    /// The uid of the cluster's namespace kube-system, or of default where there is none.
    static Fingerprint fingerprint(ClusterConnection connection) {
        for (String name : List.of("kube-system", "default")) {
            switch (connection.read(ApiResource.NAMESPACES, "", name)) {
                case ReadOutcome.Found(ClusterObject object) when !object.uid().isEmpty() && object.uid().length() <= 100 -> {
                    return new Fingerprint.Known(object.uid());
                }
                case ReadOutcome.Found _, ReadOutcome.Absent _ -> {
                    // the next one
                }
                case ClusterTrouble trouble -> {
                    return new Fingerprint.Unknown(unreadable(name, trouble));
                }
            }
        }
        return new Fingerprint.Unknown(new ClusterTrouble.Unreachable(
                "The cluster has neither a namespace kube-system nor default. Check the server address.", Optional.empty()));
    }

    private static ClusterTrouble unreadable(String namespace, ClusterTrouble trouble) {
        String why = "The cluster cannot be told from others, because its namespace " + namespace + " cannot be read: " + trouble.words() + ". ";
        return switch (trouble) {
            case ClusterTrouble.Forbidden(int status, String _) -> new ClusterTrouble.Forbidden(status, why + (status == 403 ? "Grant get on namespaces." : trouble.advice()));
            case ClusterTrouble.Rejected(int status, String _, var causes) -> new ClusterTrouble.Rejected(status, why + trouble.advice(), causes);
            case ClusterTrouble.Unreachable(String _, var retryAfter) -> new ClusterTrouble.Unreachable(why + trouble.advice(), retryAfter);
        };
    }

    private void checkIstio() {
        switch (connection.kinds(ApiResource.AUTHORIZATION_POLICIES.group(), ApiResource.AUTHORIZATION_POLICIES.version())) {
            case ReadOutcome.Found(ClusterObject list) -> {
                Set<String> kinds = new HashSet<>();
                JsonTree.maps(list.tree().get("resources")).forEach(kind -> JsonTree.text(kind, "name").ifPresent(kinds::add));
                for (ApiResource needed : List.of(ApiResource.AUTHORIZATION_POLICIES, ApiResource.PEER_AUTHENTICATIONS)) {
                    if (!kinds.contains(needed.plural())) {
                        problem("", "The cluster does not know " + needed.kind() + " (" + needed.apiVersion() + "). Install Istio 1.22 or newer.");
                    }
                }
            }
            case ReadOutcome.Absent _ -> problem("", "The cluster does not know security.istio.io/v1. Install Istio 1.22 or newer.");
            case ClusterTrouble trouble -> problem("", "Istio's kinds cannot be read: " + trouble.words() + ". " + trouble.advice());
        }
    }

    private void checkNamespaces(List<String> namespaces) {
        for (String namespace : namespaces) {
            switch (connection.read(ApiResource.NAMESPACES, "", namespace)) {
                case ReadOutcome.Found _ -> {}
                case ReadOutcome.Absent _ -> problem("namespaces", "The cluster has no namespace " + namespace + ". Create it, or correct the name.");
                case ClusterTrouble trouble -> problem("namespaces", "The namespace " + namespace + " cannot be read: " + trouble.words() + ". " + trouble.advice());
            }
        }
    }

    private void checkRights(List<String> namespaces, String rootNamespace) {
        List<Right> needed = new ArrayList<>();
        READ.forEach(verb -> needed.add(new Right(verb, ApiResource.NAMESPACES, "")));
        boolean all = namespaces.size() > ClusterRegistry.WATCHED_ONE_BY_ONE;
        for (String namespace : all ? List.of("") : namespaces) {
            INVENTORY.forEach(resource -> READ.forEach(verb -> needed.add(new Right(verb, resource, namespace))));
        }
        for (String namespace : namespaces) {
            WRITE.forEach(verb -> needed.add(new Right(verb, ApiResource.AUTHORIZATION_POLICIES, namespace)));
        }
        for (ApiResource policies : List.of(ApiResource.AUTHORIZATION_POLICIES, ApiResource.PEER_AUTHENTICATIONS)) {
            READ.forEach(verb -> needed.add(new Right(verb, policies, rootNamespace)));
        }
        List<ReadOutcome> answers = ask(needed);
        List<String> missing = new ArrayList<>();
        for (int i = 0; i < needed.size(); i++) {
            switch (answers.get(i)) {
                case ReadOutcome.Found(ClusterObject review) when allowed(review) -> {}
                case ReadOutcome.Found _ -> missing.add(needed.get(i).words());
                case ReadOutcome.Absent _ -> missing.add(needed.get(i).words());
                case ClusterTrouble trouble -> {
                    problem("kubeconfig", "The rights of the credentials cannot be checked: " + trouble.words() + ". " + trouble.advice());
                    return;
                }
            }
        }
        if (!missing.isEmpty()) {
            int more = missing.size() - 8;
            problem("kubeconfig", "The credentials may not " + String.join("; ", missing.subList(0, Math.min(8, missing.size())))
                    + (more > 0 ? "; and " + more + " more" : "") + ". Grant it to the portal's account in the cluster.");
        }
        if (may("*", "*", "*", "")) {
            warnings.add("The credentials may do everything in the cluster. Use an account that may only read the inventory and write AuthorizationPolicies.");
        } else if (may("get", "", "secrets", "")) {
            warnings.add("The credentials may read every Secret of the cluster, which the portal never does. Take the right away.");
        }
    }

    private List<ReadOutcome> ask(List<Right> rights) {
        Semaphore gate = new Semaphore(AT_ONCE);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<ReadOutcome>> asked = rights.stream()
                    .map(right -> threads.submit(() -> {
                        gate.acquire();
                        try {
                            return connection.access(right.verb, right.resource.group(), right.resource.plural(), right.namespace);
                        } finally {
                            gate.release();
                        }
                    }))
                    .toList();
            List<ReadOutcome> answers = new ArrayList<>();
            for (Future<ReadOutcome> answer : asked) {
                answers.add(answer.get());
            }
            return answers;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the portal is stopping", stopped);
        } catch (ExecutionException bug) {
            throw new IllegalStateException("a question about rights failed", bug);
        }
    }

    private boolean may(String verb, String group, String resource, String namespace) {
        return connection.access(verb, group, resource, namespace) instanceof ReadOutcome.Found(ClusterObject review) && allowed(review);
    }

    private static boolean allowed(ClusterObject review) {
        return Boolean.TRUE.equals(JsonTree.map(review.tree(), "status").get("allowed"));
    }

    /// From the image of istiod, where the credentials may see it.
    private Optional<String> istioVersion(String rootNamespace) {
        if (!(connection.read(ApiResource.DEPLOYMENTS, rootNamespace, "istiod") instanceof ReadOutcome.Found(ClusterObject istiod))) {
            return Optional.empty();
        }
        Map<String, Object> pod = JsonTree.map(JsonTree.map(JsonTree.map(istiod.tree(), "spec"), "template"), "spec");
        return JsonTree.maps(pod.get("containers")).stream()
                .flatMap(container -> JsonTree.text(container, "image").stream())
                .filter(image -> image.matches("[^@]*:[0-9][-.0-9A-Za-z]{0,60}"))
                .map(image -> image.substring(image.lastIndexOf(':') + 1))
                .findFirst();
    }

    private void problem(String field, String message) {
        problems.add(new Problem(field, message));
    }
}
