package dev.countersign.policy.yaml;

import java.util.regex.Pattern;

/// How findings point into an object: `spec.rules[0].from[0].source`, `metadata.annotations["istio.io/dry-run"]`. The
/// empty text is the object itself.
public final class YamlPath {
    private static final Pattern SIMPLE = Pattern.compile("[A-Za-z0-9_-]+");

    private YamlPath() {}

    public static String key(String parent, String key) {
        if (!SIMPLE.matcher(key).matches()) {
            return parent + "[\"" + key.replace("\\", "\\\\").replace("\"", "\\\"") + "\"]";
        }
        return parent.isEmpty() ? key : parent + "." + key;
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
