package dev.countersign.policy.check;

import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.PolicyWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An ALLOW policy with every missed collection beside the path of its items, as text: shown with the first finding that is
/// about it, since one text corrects them all.
final class Corrected {
    private final Node object;
    private boolean shown;

    Corrected(Node object) {
        this.object = object;
    }

    /// A line break and the policy, the first time; then nothing. Nothing either where the policy cannot be read otherwise.
    String once() {
        if (shown) {
            return "";
        }
        shown = true;
        Optional<AuthorizationPolicy> policy = walk(object.value(), "") instanceof Map<?, ?> tree ? PolicyReader.authorizationPolicy(CrdType.mapOf(tree)) : Optional.empty();
        return policy.map(corrected -> "\n" + PolicyWriter.text(corrected)).orElse("");
    }

    private static @Nullable Object walk(@Nullable Object value, String key) {
        return switch (value) {
            case Map<?, ?> map -> {
                Map<String, @Nullable Object> copy = new LinkedHashMap<>();
                map.forEach((name, inner) -> copy.put(String.valueOf(name), walk(inner, String.valueOf(name))));
                yield copy;
            }
            case List<?> list when key.equals("paths") -> paths(list);
            case List<?> list -> list.stream().map(item -> walk(item, "")).toList();
            case null, default -> value;
        };
    }

    private static List<Object> paths(List<?> list) {
        List<String> all = list.stream().map(String::valueOf).toList();
        List<Object> paths = new ArrayList<>();
        for (String path : all) {
            ValueLint.missed(path, all).ifPresent(paths::add);
            paths.add(path);
        }
        return paths;
    }
}
