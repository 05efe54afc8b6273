package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.E1;
import static dev.countersign.policy.check.FindingCode.E2;
import static dev.countersign.policy.check.FindingCode.E3;
import static dev.countersign.policy.check.FindingCode.E4;
import static dev.countersign.policy.check.FindingCode.E5;
import static dev.countersign.policy.check.FindingCode.E6;
import static dev.countersign.policy.check.FindingCode.E8;
import static dev.countersign.policy.check.FindingCode.S1;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// E1 to E8: EnvoyFilters. What a patch value says to Envoy is `EnvoyValueChecks`' question.
final class EnvoyFilterChecks {
    private static final Set<String> LISTENERS = Set.of("LISTENER", "FILTER_CHAIN", "NETWORK_FILTER", "HTTP_FILTER");
    private static final Set<String> ROUTES = Set.of("ROUTE_CONFIGURATION", "VIRTUAL_HOST", "HTTP_ROUTE");
    private static final List<String> MATCHES = List.of("listener", "routeConfiguration", "cluster", "waypoint");
    private static final Set<String> HTTP_MANAGER =
            Set.of("envoy.filters.network.http_connection_manager", "envoy.http_connection_manager");
    /// Java has these, Go's RE2 has not.
    private static final Pattern NOT_RE2 = Pattern.compile("\\(\\?[=!>]|\\(\\?<[=!]|\\\\[1-9]|[*+?}]\\+");
    private static final int LONGEST_VERSION = 1024;

    private EnvoyFilterChecks() {}

    static void check(Node spec, Findings findings) {
        if (spec.get("workloadSelector").isPresent() && spec.get("targetRefs").size() > 0) {
            findings.add(S1, spec, "workloadSelector and targetRefs stand together");
        }
        SelectorChecks.labels(spec.get("workloadSelector"), "labels", findings);
        SelectorChecks.references(spec, findings);
        if (findings.list().stream()
                .anyMatch(finding -> finding.code() == FindingCode.S2 || finding.code() == FindingCode.S3)) {
            return; // istiod stops here, before its general warning
        }
        findings.add(E1, spec, "Istio warns about every EnvoyFilter");
        spec.get("configPatches").items().forEach(patch -> patch(patch, findings));
    }

    private static void patch(Node patch, Findings findings) {
        String applyTo = patch.get("applyTo").text();
        Node body = patch.get("patch");
        String operation = body.get("operation").text();
        if (applyTo.isEmpty() || applyTo.equals("INVALID")) {
            findings.add(E2, patch, "the patch does not say what it applies to");
        } else if (patch.get("match").get("context").text().equals("WAYPOINT")) {
            return; // istiod leaves waypoint patches to the API server's rules
        } else if (!body.isPresent()) {
            findings.add(E3, patch, "there is no patch");
        } else if (operation.isEmpty() || operation.equals("INVALID")) {
            findings.add(E3, body, "the patch has no operation");
        } else if (!operation.equals("REMOVE") && !body.get("value").isPresent()) {
            findings.add(E3, body, "the operation " + operation + " has no value");
        } else if (proxyVersion(patch.get("match").get("proxy").get("proxyVersion"), findings)
                && match(patch.get("match"), applyTo, findings)) {
            EnvoyValueChecks.check(applyTo, body.get("value"), findings);
        }
    }

    /// Whether the check goes on.
    private static boolean proxyVersion(Node version, Findings findings) {
        String text = version.text();
        if (text.length() > LONGEST_VERSION) {
            findings.add(E8, version, "a pattern longer than 1024 characters is ignored");
            return true;
        }
        try {
            Pattern.compile(text);
        } catch (PatternSyntaxException malformed) {
            findings.add(E4, version, "\"" + text + "\" is not a regular expression");
            return false;
        }
        if (NOT_RE2.matcher(text).find()) {
            findings.add(E4, version, "\"" + text + "\" is not a regular expression of RE2");
            return false;
        }
        return true;
    }

    /// Whether the check goes on.
    private static boolean match(Node match, String applyTo, Findings findings) {
        boolean any = MATCHES.stream().anyMatch(key -> match.get(key).isPresent());
        boolean waypoint = match.get("waypoint").isPresent();
        if (any && LISTENERS.contains(applyTo)) {
            if (!match.get("listener").isPresent() && !waypoint) {
                findings.add(E5, match, "a patch of " + applyTo + " matches on a listener");
                return false;
            }
            return filter(match.get("listener").get("filterChain").get("filter"), applyTo, findings);
        }
        if (any
                && !waypoint
                && ROUTES.contains(applyTo)
                && !match.get("routeConfiguration").isPresent()) {
            findings.add(E5, match, "a patch of " + applyTo + " matches on a route configuration");
        }
        if (any
                && !waypoint
                && applyTo.equals("CLUSTER")
                && !match.get("cluster").isPresent()) {
            findings.add(E5, match, "a patch of CLUSTER matches on a cluster");
        }
        return true;
    }

    private static boolean filter(Node filter, String applyTo, Findings findings) {
        if (!filter.isPresent()) {
            return true;
        }
        if (Set.of("LISTENER", "FILTER_CHAIN").contains(applyTo)) {
            findings.add(E8, filter, "a filter match has no effect on " + applyTo);
        }
        String name = filter.get("name").text();
        Node sub = filter.get("subFilter");
        if (name.isEmpty()) {
            findings.add(E6, filter, "the filter match has no name");
            return false;
        }
        if (sub.isPresent()) {
            String problem = !applyTo.equals("HTTP_FILTER")
                    ? "a subFilter goes with applyTo HTTP_FILTER only"
                    : !HTTP_MANAGER.contains(name)
                            ? "a subFilter stands under the HTTP connection manager only"
                            : sub.get("name").text().isEmpty() ? "the subFilter has no name" : "";
            if (!problem.isEmpty()) {
                findings.add(E6, sub, problem);
                return false;
            }
        }
        EnvoyValueChecks.name(filter.get("name"), findings);
        EnvoyValueChecks.name(sub.get("name"), findings);
        return true;
    }
}
