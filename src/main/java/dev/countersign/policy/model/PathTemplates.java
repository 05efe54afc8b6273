package dev.countersign.policy.model;

/// When a path value is an Envoy URI template (istio.md 1.5).
public final class PathTemplates {
    private PathTemplates() {}

    /// Whether Istio treats the value as a template rather than a string match.
    public static boolean isTemplate(String path) {
        return path.contains("{*}") || path.contains("{**}");
    }
}
