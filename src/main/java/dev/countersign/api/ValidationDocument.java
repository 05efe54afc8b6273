package dev.countersign.api;

import dev.countersign.policy.check.CheckContext;
import dev.countersign.policy.check.Finding;
import dev.countersign.policy.check.Layer;
import dev.countersign.policy.check.PolicyCheck;
import dev.countersign.policy.check.CheckResult;
import dev.countersign.policy.check.Severity;
import dev.countersign.policy.yaml.Document;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What Istio would say about a text. `accepted`: every object would be. A lint finding never refuses; it is what people regret.
record ValidationDocument(boolean accepted, List<ObjectDocument> objects) {
    /// One object of the text, counted from 0; `line` is where it begins.
    record ObjectDocument(
            int index, int line, Optional<String> apiVersion, Optional<String> kind, Optional<String> namespace, Optional<String> name,
            boolean accepted, List<FindingDocument> findings) {}

    /// `rule` is Istio's rule of the catalogue, null for our own lint; `path` is where in the object, "" for the whole.
    record FindingDocument(String code, Optional<String> rule, Layer layer, Severity severity, String path, int line, String message, String help) {}

    static ValidationDocument of(List<Document> documents) {
        List<ObjectDocument> objects = java.util.stream.IntStream.range(0, documents.size())
                .mapToObj(index -> object(index, documents.get(index)))
                .toList();
        return new ValidationDocument(objects.stream().allMatch(ObjectDocument::accepted), objects);
    }

    private static ObjectDocument object(int index, Document document) {
        CheckResult result = PolicyCheck.check(document, CheckContext.NOTHING_KNOWN);
        Map<?, ?> metadata = document.tree().get("metadata") instanceof Map<?, ?> map ? map : Map.of();
        return new ObjectDocument(index, document.line(), text(document.tree().get("apiVersion")), text(document.tree().get("kind")),
                text(metadata.get("namespace")), text(metadata.get("name")), result.accepted(),
                result.findings().stream().map(finding -> finding(document, finding)).toList());
    }

    private static FindingDocument finding(Document document, Finding finding) {
        return new FindingDocument(finding.code().code(), Optional.of(finding.istioRule()).filter(rule -> !rule.isEmpty()), finding.layer(),
                finding.severity(), finding.path(), document.lineOf(finding.path()), finding.message(), finding.advice());
    }

    private static Optional<String> text(@org.jspecify.annotations.Nullable Object value) {
        return value instanceof String text ? Optional.of(text) : Optional.empty();
    }
}
