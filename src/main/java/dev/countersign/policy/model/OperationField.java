package dev.countersign.policy.model;

/// The fields of `rules[].to[].operation`; each has a `not` form in YAML, which is `Values.none` here.
public enum OperationField {
    HOSTS("hosts", "notHosts", true),
    PORTS("ports", "notPorts", false),
    METHODS("methods", "notMethods", true),
    PATHS("paths", "notPaths", true);

    private final String key;
    private final String notKey;
    private final boolean httpOnly;

    OperationField(String key, String notKey, boolean httpOnly) {
        this.key = key;
        this.notKey = notKey;
        this.httpOnly = httpOnly;
    }

    public String key() {
        return key;
    }

    public String notKey() {
        return notKey;
    }

    /// Whether the field has no meaning on a TCP connection (istio.md 1.9).
    public boolean httpOnly() {
        return httpOnly;
    }
}
