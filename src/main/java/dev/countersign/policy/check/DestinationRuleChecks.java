package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.D1;
import static dev.countersign.policy.check.FindingCode.D11;
import static dev.countersign.policy.check.FindingCode.D12;
import static dev.countersign.policy.check.FindingCode.D15;
import static dev.countersign.policy.check.FindingCode.OTHER_REFUSAL;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Pattern;

/// D1 to D17: DestinationRules.
final class DestinationRuleChecks {
    private static final Pattern LABEL_KEY =
            Pattern.compile("([a-zA-Z0-9]([-a-zA-Z0-9_.]*[a-zA-Z0-9])?/)?[a-zA-Z0-9]([-a-zA-Z0-9_.]*[a-zA-Z0-9])?");
    private static final Pattern LABEL_VALUE = Pattern.compile("([a-zA-Z0-9]([-a-zA-Z0-9_.]*[a-zA-Z0-9])?)?");

    private DestinationRuleChecks() {}

    static void check(Node spec, String namespace, Findings findings) {
        HostNames.wildcardProblem(spec.get("host").text())
                .ifPresent(problem -> findings.add(D1, spec.get("host"), problem));
        TrafficPolicyChecks.check(spec.get("trafficPolicy"), namespace, findings);
        Set<String> names = new HashSet<>();
        for (Node subset : spec.get("subsets").items()) {
            String name = subset.get("name").text();
            if (!names.add(name)) {
                findings.add(D11, subset, "the subset name \"" + name + "\" is taken");
            }
            if (!HostNames.isLabel(name)) {
                findings.add(D12, subset.get("name"), "\"" + name + "\" is not a subset name");
            }
            labels(subset.get("labels"), findings);
            TrafficPolicyChecks.check(subset.get("trafficPolicy"), namespace, findings);
        }
        exportTo(spec.get("exportTo"), namespace, spec.get("workloadSelector").isPresent(), findings);
        SelectorChecks.labels(spec.get("workloadSelector"), "matchLabels", findings);
    }

    private static void labels(Node labels, Findings findings) {
        labels.entries().forEach(entry -> {
            if (!LABEL_KEY.matcher(entry.getKey()).matches()
                    || !LABEL_VALUE.matcher(entry.getValue().text()).matches()
                    || entry.getValue().text().length() > 63) {
                findings.add(
                        OTHER_REFUSAL,
                        entry.getValue(),
                        entry.getKey() + "=" + entry.getValue().text() + " is not a label");
            }
        });
    }

    private static void exportTo(Node list, String namespace, boolean selector, Findings findings) {
        Set<String> seen = new LinkedHashSet<>();
        for (Node item : list.items()) {
            String name = item.text().equals(".") ? namespace : item.text();
            if (seen.contains(name)) {
                findings.add(D15, item, "the namespace " + name + " is named twice");
            } else if (name.equals("~")) {
                findings.add(D15, item, "a DestinationRule cannot be visible to nobody");
            } else if (!name.equals("*") && !HostNames.isLabel(name)) {
                findings.add(D15, item, "\"" + name + "\" is not a namespace");
            } else {
                seen.add(name);
            }
        }
        if (selector && !seen.isEmpty() && !(seen.size() == 1 && seen.contains(namespace))) {
            findings.add(D15, list, "with a workloadSelector the rule is visible in its own namespace only");
        }
        if (seen.contains("*") && list.size() > 1) {
            findings.add(D15, list, "* stands beside other namespaces");
        }
    }
}
