package dev.countersign.policy.compile;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// The called workload: its name in the catalog, and the pod labels by which a policy selects it. At least one label, for
/// a policy without a selector would bind the whole namespace.
public record TargetWorkload(String namespace, String workload, Map<String, String> selector) {
    public TargetWorkload {
        if (namespace.isEmpty() || workload.isEmpty() || selector.isEmpty()) {
            throw new IllegalArgumentException(
                    "a called workload needs namespace, name and labels: " + namespace + "/" + workload + " " + selector);
        }
        selector = Collections.unmodifiableMap(new TreeMap<>(selector));
    }

    /// `namespace/workload`.
    public String key() {
        return key(namespace, workload);
    }

    public static String key(String namespace, String workload) {
        return namespace + "/" + workload;
    }
}
