package dev.countersign.policy.yaml;

/// How much text one reading takes: bytes of UTF-8, levels of nesting, nodes and documents in the whole text.
public record YamlLimits(int bytes, int depth, int nodes, int documents) {
    /// Three mebibytes are the most that an API server takes in one request.
    public static final YamlLimits DEFAULT = new YamlLimits(3 * 1024 * 1024, 50, 200_000, 1_000);
}
