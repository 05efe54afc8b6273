package dev.countersign.policy.check;

import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.Reading;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// JSON Web Keys as far as a policy's `jwks` needs them: is it one, and does it hold a secret.
final class KeySets {
    private static final Map<String, List<String>> MEMBERS = Map.of(
            "RSA", List.of("n", "e"), "EC", List.of("crv", "x", "y"), "OKP", List.of("crv", "x"), "oct", List.of("k"));

    private KeySets() {}

    /// `secret` where a key is private or symmetric.
    record KeySet(boolean secret) {}

    static Optional<KeySet> parse(String text) {
        if (!text.stripLeading().startsWith("{")
                || !(PolicyReader.read(text) instanceof Reading.Read(var documents))
                || documents.size() != 1) {
            return Optional.empty();
        }
        Map<String, Object> tree = documents.getFirst().tree();
        if (tree.get("keys") instanceof List<?> keys) {
            boolean secret = false;
            for (Object key : keys) {
                if (!(key instanceof Map<?, ?> map) || !isKey(map)) {
                    return Optional.empty();
                }
                secret |= isSecret(map);
            }
            return Optional.of(new KeySet(secret));
        }
        return isKey(tree) ? Optional.of(new KeySet(isSecret(tree))) : Optional.empty();
    }

    private static boolean isKey(Map<?, ?> key) {
        List<String> members = MEMBERS.get(String.valueOf(key.get("kty")));
        return members != null && members.stream().allMatch(name -> key.get(name) instanceof String);
    }

    private static boolean isSecret(Map<?, ?> key) {
        return key.containsKey("d") || "oct".equals(key.get("kty"));
    }
}
