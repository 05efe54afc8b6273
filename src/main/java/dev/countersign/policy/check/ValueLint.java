package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.ADDRESS_AS_TOLD;
import static dev.countersign.policy.check.FindingCode.ADDRESS_OF_LAST_HOP;
import static dev.countersign.policy.check.FindingCode.HOST_WITHOUT_PORT;
import static dev.countersign.policy.check.FindingCode.INNER_WILDCARD;
import static dev.countersign.policy.check.FindingCode.MISSES_COLLECTION;
import static dev.countersign.policy.check.FindingCode.ODD_PRINCIPAL;
import static dev.countersign.policy.check.FindingCode.REFUSED_TEMPLATE;
import static dev.countersign.policy.check.FindingCode.RELATIVE_PATH;
import static dev.countersign.policy.check.FindingCode.SPIFFE_PREFIX;
import static dev.countersign.policy.check.FindingCode.STAR_SUBJECT;

import dev.countersign.policy.model.PathTemplates;
import dev.countersign.policy.model.Spiffe;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Single values that will not match what their author thinks.
final class ValueLint {
    private ValueLint() {}

    static void source(Node source, Findings findings) {
        both(source, "ipBlocks", "notIpBlocks").stream().findFirst()
                .ifPresent(item -> findings.add(ADDRESS_OF_LAST_HOP, item, "the proxy compares the address of whoever opened the connection"));
        both(source, "remoteIpBlocks", "notRemoteIpBlocks").stream().findFirst()
                .ifPresent(item -> findings.add(ADDRESS_AS_TOLD, item, "the proxy compares an address of X-Forwarded-For or of the PROXY protocol"));
        both(source, "principals", "notPrincipals").forEach(item -> principal(item, findings));
        both(source, "requestPrincipals", "notRequestPrincipals").forEach(item -> requestPrincipal(item, findings));
        both(source, "principals", "notPrincipals").forEach(item -> innerWildcard(item, findings));
    }

    static void condition(Node condition, Findings findings) {
        switch (condition.get("key").text()) {
            case "source.principal" ->
                both(condition, "values", "notValues").forEach(item -> principal(item, findings));
            case "request.auth.principal" ->
                both(condition, "values", "notValues").forEach(item -> requestPrincipal(item, findings));
            case "source.ip" -> both(condition, "values", "notValues").stream().findFirst()
                    .ifPresent(item -> findings.add(ADDRESS_OF_LAST_HOP, item, "the proxy compares the address of whoever opened the connection"));
            case "remote.ip" -> both(condition, "values", "notValues").stream().findFirst()
                    .ifPresent(item -> findings.add(ADDRESS_AS_TOLD, item, "the proxy compares an address of X-Forwarded-For or of the PROXY protocol"));
            default -> {}
        }
    }

    static void operation(Node operation, String action, Corrected corrected, Findings findings) {
        both(operation, "paths", "notPaths").forEach(item -> path(item, findings));
        both(operation, "hosts", "notHosts").forEach(item -> innerWildcard(item, findings));
        both(operation, "methods", "notMethods").forEach(item -> innerWildcard(item, findings));
        if (action.equals("ALLOW")) {
            collections(operation.get("paths"), corrected, findings);
        }
        hosts(operation.get("hosts"), findings);
        hosts(operation.get("notHosts"), findings);
    }

    private static void principal(Node item, Findings findings) {
        String text = item.text();
        if (text.startsWith("spiffe://")) {
            findings.add(
                    SPIFFE_PREFIX,
                    item,
                    "\"" + text + "\" never matches",
                    "Write \"" + text.substring("spiffe://".length()) + "\".");
        } else if (!text.isEmpty() && !text.contains("*") && Spiffe.parse(text).isEmpty()) {
            findings.add(ODD_PRINCIPAL, item, "\"" + text + "\" is not the identity of a service account");
        }
    }

    private static void requestPrincipal(Node item, Findings findings) {
        if (item.text().equals("*/*")) {
            findings.add(STAR_SUBJECT, item, "\"*/*\" matches only the subject *");
        }
    }

    private static void path(Node item, Findings findings) {
        String text = item.text();
        if (PathTemplates.isTemplate(text)) {
            if (!text.startsWith("/") || text.contains("//")) {
                findings.add(REFUSED_TEMPLATE, item, "\"" + text + "\" is no template to Envoy");
            }
            return;
        }
        if (!text.isEmpty() && !text.startsWith("/") && !text.startsWith("*")) {
            findings.add(RELATIVE_PATH, item, "\"" + text + "\" never matches", "Write \"/" + text + "\".");
        }
        innerWildcard(item, findings);
    }

    private static void innerWildcard(Node item, Findings findings) {
        String text = item.text();
        String rest = text.startsWith("*")
                ? text.substring(1)
                : text.endsWith("*") ? text.substring(0, text.length() - 1) : text;
        if (rest.contains("*")) {
            findings.add(
                    INNER_WILDCARD,
                    item,
                    "in \"" + text + "\" only one star, at the start or at the end, is a wildcard");
        }
    }

    private static void collections(Node paths, Corrected corrected, Findings findings) {
        for (Node item : paths.items()) {
            missed(item.text(), paths.texts()).ifPresent(collection -> findings.add(MISSES_COLLECTION, item,
                    "\"" + item.text() + "\" does not match " + collection, MISSES_COLLECTION.help() + corrected.once()));
        }
    }

    /// The collection of whose items `path` speaks, where none of `all` matches it.
    static Optional<String> missed(String path, List<String> all) {
        return Stream.of("/*", "/{**}")
                .filter(end -> path.endsWith(end) && path.length() > end.length())
                .map(end -> path.substring(0, path.length() - end.length()))
                .findFirst()
                .filter(collection -> !collection.contains("*"))
                .filter(collection -> all.stream().noneMatch(other -> other.equals(collection)
                        || other.endsWith("*") && collection.startsWith(other.substring(0, other.length() - 1))));
    }

    private static void hosts(Node hosts, Findings findings) {
        List<String> all = hosts.texts();
        for (Node item : hosts.items()) {
            String host = item.text();
            boolean any = host.isEmpty() || host.contains(":") || host.contains("*");
            boolean variant = all.stream().anyMatch(other -> other.startsWith(host + ":") || other.equals(host + "*"));
            if (!any && !variant) {
                findings.add(
                        HOST_WITHOUT_PORT, item, "\"" + host + "\" does not match a call that says " + host + ":8080");
            }
        }
    }

    private static List<Node> both(Node node, String key, String notKey) {
        return Stream.of(key, notKey)
                .flatMap(each -> node.get(each).items().stream())
                .toList();
    }
}
