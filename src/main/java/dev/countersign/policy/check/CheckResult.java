package dev.countersign.policy.check;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// Everything said about one object; whether Istio would accept it follows from the findings alone.
public record CheckResult(List<Finding> findings) {
    public CheckResult {
        findings = List.copyOf(findings);
    }

    /// Whether the API server's schema and istiod's webhook both accept the object.
    public boolean accepted() {
        return webhookValid() && crdValid();
    }

    public boolean webhookValid() {
        return none(Layer.WEBHOOK, Severity.ERROR);
    }

    /// Whether the webhook would warn.
    public boolean webhookWarning() {
        return !none(Layer.WEBHOOK, Severity.WARNING);
    }

    public boolean crdValid() {
        return none(Layer.CRD, Severity.ERROR);
    }

    /// The ids of Istio's rules that speak, in order.
    public SortedSet<String> istioRules() {
        SortedSet<String> rules = new TreeSet<>();
        findings.forEach(finding -> {
            if (!finding.istioRule().isEmpty()) {
                rules.add(finding.istioRule());
            }
        });
        return rules;
    }

    private boolean none(Layer layer, Severity severity) {
        return findings.stream().noneMatch(finding -> finding.layer() == layer && finding.severity() == severity);
    }
}
