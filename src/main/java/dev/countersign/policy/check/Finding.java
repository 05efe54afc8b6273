package dev.countersign.policy.check;

/// One thing said about an object.
///
/// - `path`: where (`spec.rules[0].from[0].source`, see `YamlPath`); the empty text is the object itself.
/// - `message`: what is wrong, with the value.
/// - `advice`: what to do next; may hold a corrected form of several lines.
public record Finding(FindingCode code, String path, String message, String advice) {
    public Finding(FindingCode code, String path, String message) {
        this(code, path, message, code.help());
    }

    /// Istio's rule id (`A9`), empty for our own lint.
    public String istioRule() {
        return code.istioRule();
    }

    public Layer layer() {
        return code.layer();
    }

    public Severity severity() {
        return code.severity();
    }

    /// "CS1021 spec.rules[0].from[0].source: ... Do this."
    public String sentence() {
        return code.code() + " " + (path.isEmpty() ? "" : path + ": ") + message + ". " + advice;
    }
}
