package dev.countersign.policy.yaml;

/// How findings point into an object: `spec.rules[0].from[0].source`, `metadata.annotations["istio.io/dry-run"]`. The
/// empty text is the object itself.
public final class YamlPath {
    private YamlPath() {}

    public static String key(String parent, String key) {
        if (!isSimple(key)) {
            return parent + "[\"" + key.replace("\\", "\\\\").replace("\"", "\\\"") + "\"]";
        }
        return parent.isEmpty() ? key : parent + "." + key;
    }

    /// ASCII letters, digits, `_` and `-` only.
    private static boolean isSimple(String key) {
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (!(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-')) {
                return false;
            }
        }
        return !key.isEmpty();
    }

    public static String item(String parent, int index) {
        return parent + "[" + index + "]";
    }

    /// The path one step up: of `a.b[0]` it is `a.b`, of `a` the empty text.
    public static String parent(String path) {
        int cut =
                path.endsWith("\"]") ? path.lastIndexOf("[\"") : Math.max(path.lastIndexOf('.'), path.lastIndexOf('['));
        return cut < 0 ? "" : path.substring(0, cut);
    }
}
