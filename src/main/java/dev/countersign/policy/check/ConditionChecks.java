package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.A26;
import static dev.countersign.policy.check.FindingCode.A27;
import static dev.countersign.policy.check.FindingCode.A28;
import static dev.countersign.policy.check.FindingCode.A29;
import static dev.countersign.policy.check.FindingCode.A30;

import java.util.List;
import java.util.Set;

/// A26 to A30, and the values of a condition by its key.
final class ConditionChecks {
    private static final Set<String> PLAIN = Set.of(
            "source.namespace",
            "source.principal",
            "request.auth.principal",
            "request.auth.audiences",
            "request.auth.presenter",
            "connection.sni");
    private static final Set<String> ADDRESSES = Set.of("source.ip", "remote.ip", "destination.ip");
    private static final Set<String> RETIRED = Set.of("destination.namespace", "destination.name", "destination.user");
    private static final List<String> NAMED =
            List.of("request.headers", "request.auth.claims", "experimental.envoy.filters.");

    private ConditionChecks() {}

    static void check(Node condition, Findings findings) {
        String key = condition.get("key").text();
        if (key.isEmpty()) {
            findings.add(A26, condition, "the condition has no key");
        } else if (condition.get("values").size() == 0
                && condition.get("notValues").size() == 0) {
            findings.add(A27, condition, "the condition on " + key + " has neither values nor notValues");
        } else {
            values(condition, key, condition.get("values"), findings);
            values(condition, key, condition.get("notValues"), findings);
        }
    }

    private static void values(Node condition, String key, Node list, Findings findings) {
        Node where = condition.get("key");
        if (!ValueChecks.notEmpty(list, findings)) {
            return; // istiod says no more about this list
        }
        if (key.equals("source.serviceAccount")) {
            ValueChecks.serviceAccounts(list, findings);
        } else if (key.equals("source.trustDomain")) {
            ValueChecks.trustDomains(list, false, findings);
        } else if (NAMED.stream().anyMatch(key::startsWith)) {
            int open = key.indexOf('[');
            if (!key.endsWith("]") || open <= 0 || open >= key.length() - 2) {
                once(findings, A28, where, "the key " + key + " is not of the form attribute[name]");
            }
        } else if (ADDRESSES.contains(key)) {
            ValueChecks.addresses(list, findings);
        } else if (key.equals("destination.port")) {
            ValueChecks.ports(list, findings);
        } else if (RETIRED.contains(key) || key.startsWith("destination.labels")) {
            once(findings, A30, where, "the key " + key + " is no longer there");
        } else if (!PLAIN.contains(key)) {
            once(findings, A29, where, "there is no attribute " + key);
        }
    }

    /// The key is wrong once, however many lists stand beside it.
    private static void once(Findings findings, FindingCode code, Node where, String message) {
        Finding finding = new Finding(code, where.path(), message);
        if (!findings.list().contains(finding)) {
            findings.add(code, where, message);
        }
    }
}
