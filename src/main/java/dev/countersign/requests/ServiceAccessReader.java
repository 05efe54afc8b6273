package dev.countersign.requests;

import dev.countersign.policy.compile.GrantedOperation;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.Values;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Reads a `ServiceAccess` from JSON. Whatever would widen the access has to be said: `serviceAccount: "*"` for a whole
/// namespace, `wholeService: true` for every operation. Nothing missing is ever read as "any".
final class ServiceAccessReader {
    private static final Pattern METHOD = Pattern.compile("\\*|\\*?[A-Z][-A-Z0-9_]{0,31}|[A-Z][-A-Z0-9_]{0,31}\\*");
    private static final Pattern HOST = Pattern.compile("[-A-Za-z0-9._:*\\[\\]]+");
    private static final Pattern KEYED = Pattern.compile("request\\.(headers|auth\\.claims)(\\[[^\\[\\]\\s]{1,200}\\]){1,8}");
    private static final Set<String> PLAIN_KEYS = Set.of("source.ip", "remote.ip", "destination.ip", "connection.sni",
            "request.auth.principal", "request.auth.audiences", "request.auth.presenter");

    private ServiceAccessReader() {}

    static Optional<ServiceAccess> read(Node node) {
        node.objectOf("kind", "clusters", "from", "to", "operations", "wholeService", "conditions");
        List<String> clusters = node.member("clusters").list(Limits.CLUSTERS, (item, i) ->
                name(item, Texts::subdomain, "the name of a cluster: lower-case letters, digits, hyphens and dots"));
        if (clusters.isEmpty() && !node.member("clusters").refused()) {
            node.member("clusters").refuse("Name at least one cluster.");
        }
        List<AskSource> from = node.member("from").list(Limits.SOURCES, (item, i) -> source(item));
        if (from.isEmpty() && !node.member("from").refused()) {
            node.member("from").refuse("Name at least one service that would call.");
        }
        Optional<AskTarget> to = target(node.member("to"));
        Optional<Boolean> whole = node.member("wholeService").truth();
        Node operationsNode = node.member("operations");
        List<GrantedOperation> operations = operationsNode.list(Limits.OPERATIONS, (item, i) -> operation(item));
        boolean none = operations.isEmpty() && !operationsNode.refused();
        if (whole.orElse(false) && !none) {
            node.member("wholeService").refuse("Either the whole service or single operations, not both.");
        } else if (!whole.orElse(true) && none) {
            operationsNode.refuse("Name at least one method and path, or say that the whole service is meant (wholeService: true).");
        }
        List<Condition> conditions = node.member("conditions").list(Limits.CONDITIONS, (item, i) -> condition(item));
        if (node.refused()) {
            return Optional.empty();
        }
        return Optional.of(new ServiceAccess(clusters, from, to.orElseThrow(), operations, conditions));
    }

    private static Optional<AskSource> source(Node node) {
        if (!node.objectOf("namespace", "serviceAccount")) {
            return Optional.empty();
        }
        Optional<String> namespace = name(node.member("namespace"), name -> name.equals("*") || Texts.label(name),
                "a namespace: at most 63 lower-case letters, digits and hyphens");
        Optional<String> account = name(node.member("serviceAccount"), name -> name.equals("*") || Texts.subdomain(name),
                "a service account: lower-case letters, digits, hyphens and dots; * means all of the namespace");
        if (namespace.isEmpty() || account.isEmpty()) {
            return Optional.empty();
        }
        if (account.get().equals("*")) {
            return Optional.of(namespace.get().equals("*")
                    ? new AskSource.AnyIdentity()
                    : new AskSource.WholeNamespace(namespace.get()));
        }
        if (namespace.get().equals("*")) {
            node.member("namespace").refuse("Name the namespace of the service account; * goes with serviceAccount * only.");
            return Optional.empty();
        }
        return Optional.of(new AskSource.Account(namespace.get(), account.get()));
    }

    private static Optional<AskTarget> target(Node node) {
        if (!node.objectOf("namespace", "workload")) {
            return Optional.empty();
        }
        Optional<String> namespace = name(node.member("namespace"), Texts::label,
                "a namespace: at most 63 lower-case letters, digits and hyphens");
        Optional<String> workload = name(node.member("workload"), Texts::subdomain,
                "a workload: lower-case letters, digits, hyphens and dots");
        return namespace.flatMap(ns -> workload.map(name -> AskTarget.workload(ns, name)));
    }

    private static Optional<GrantedOperation> operation(Node node) {
        if (!node.objectOf("methods", "paths", "ports", "hosts")) {
            return Optional.empty();
        }
        List<String> methods = node.member("methods").list(Limits.METHODS, (item, i) ->
                name(item, name -> METHOD.matcher(name).matches(), "an HTTP method in capitals, as GET"));
        List<String> paths = node.member("paths").list(Limits.PATHS, (item, i) -> path(item));
        List<Integer> ports = node.member("ports").list(Limits.PORTS, (item, i) -> port(item));
        List<String> hosts = node.member("hosts").list(Limits.HOSTS, (item, i) ->
                name(item, name -> HOST.matcher(name).matches(), "a host name, as payment-service or *.example.com"));
        if (node.refused()) {
            return Optional.empty();
        }
        if (methods.isEmpty() && paths.isEmpty() && ports.isEmpty() && hosts.isEmpty()) {
            node.refuse("An operation names methods, paths, ports or hosts; for everything say wholeService: true.");
            return Optional.empty();
        }
        return Optional.of(new GrantedOperation(methods, paths, ports, hosts));
    }

    private static Optional<String> path(Node node) {
        Optional<String> text = node.text(Limits.VALUE);
        if (text.isEmpty()) {
            return text;
        }
        String path = text.get();
        if (!Texts.visibleAscii(path) || !(path.startsWith("/") || path.startsWith("*") || path.startsWith("{"))) {
            node.refuse("A path begins with / (or is a pattern that begins with *) and has no spaces; write others percent-encoded.");
            return Optional.empty();
        }
        if (path.contains("?") || path.contains("#")) {
            node.refuse("A path is compared without its query: leave out everything from the ? or # on.");
            return Optional.empty();
        }
        return text;
    }

    private static Optional<Integer> port(Node node) {
        Optional<Long> number = node.whole();
        if (number.isPresent() && (number.get() < 1 || number.get() > 65_535)) {
            node.refuse("A port is a number from 1 to 65535.");
            return Optional.empty();
        }
        return number.map(Math::toIntExact);
    }

    private static Optional<Condition> condition(Node node) {
        if (!node.objectOf("key", "values", "notValues")) {
            return Optional.empty();
        }
        Optional<String> key = name(node.member("key"),
                name -> PLAIN_KEYS.contains(name) || KEYED.matcher(name).matches(),
                "a condition's key: request.headers[name], request.auth.claims[name], source.ip, remote.ip, destination.ip,"
                        + " connection.sni or request.auth.principal, .audiences, .presenter");
        List<String> any = node.member("values").list(Limits.VALUES, (item, i) -> value(item));
        List<String> none = node.member("notValues").list(Limits.VALUES, (item, i) -> value(item));
        if (any.isEmpty() && none.isEmpty() && !node.refused()) {
            node.member("values").refuse("Name at least one value.");
            return Optional.empty();
        }
        return node.refused() ? Optional.empty() : key.map(name -> new Condition(name, new Values(any, none)));
    }

    private static Optional<String> value(Node node) {
        Optional<String> text = node.text(Limits.VALUE);
        if (text.isPresent() && (text.get().isBlank() || !text.get().strip().equals(text.get()) || text.get().contains("\n"))) {
            node.refuse("A value is not empty and has no spaces around it.");
            return Optional.empty();
        }
        return text;
    }

    private static Optional<String> name(Node node, Predicate<String> wellFormed, String what) {
        Optional<String> text = node.text(300);
        if (text.isPresent() && !wellFormed.test(text.get())) {
            node.refuse("This is not " + what + ".");
            return Optional.empty();
        }
        return text;
    }
}
