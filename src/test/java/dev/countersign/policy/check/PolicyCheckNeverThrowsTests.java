package dev.countersign.policy.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.laws.GeneratedObjects;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.PolicyWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Checking is total: objects as generated, and the same with any one value replaced by something of another type.
class PolicyCheckNeverThrowsTests {
    private static final List<Object> ODD = List.of(
            "",
            "x",
            "*",
            -1L,
            1.5,
            true,
            List.of(),
            List.of("a", Map.of()),
            Map.of(),
            Map.of("", ""),
            Map.of("spec", 5L),
            "https://x y",
            "[::1",
            "unix://",
            "99999999999999999999",
            1e300);
    private final SplittableRandom random = new SplittableRandom(5);

    @Test
    void whateverTheTreeHolds() {
        GeneratedObjects objects = new GeneratedObjects(31);
        for (int i = 0; i < 20_000; i++) {
            Map<String, Object> tree = PolicyWriter.tree(objects.next());
            Object spoilt = spoil(tree, random.nextInt(1, 30));
            if (spoilt instanceof Map<?, ?> map) {
                Map<String, Object> object = new HashMap<>();
                map.forEach((key, value) -> object.put((String) key, value));
                assertThat(PolicyCheck.check(object).findings())
                        .allSatisfy(finding -> assertThat(finding.sentence())
                                .startsWith(finding.code().code()));
                assertThat(PolicyReader.decode(object)).isNotNull();
            }
        }
    }

    /// The tree with one value replaced, `steps` decisions below the top at most.
    private Object spoil(Object value, int steps) {
        if (steps == 0 || random.nextInt(12) == 0) {
            return random.nextInt(10) == 0 ? null : ODD.get(random.nextInt(ODD.size()));
        }
        return switch (value) {
            case Map<?, ?> map
            when !map.isEmpty() -> {
                List<Object> keys = new ArrayList<>(map.keySet());
                Object chosen = keys.get(random.nextInt(keys.size()));
                Map<Object, Object> copy = new HashMap<>(map);
                copy.put(random.nextInt(20) == 0 ? "renamed" : chosen, spoil(map.get(chosen), steps - 1));
                yield copy;
            }
            case List<?> list
            when !list.isEmpty() -> {
                List<Object> copy = new ArrayList<>(list);
                int chosen = random.nextInt(copy.size());
                copy.set(chosen, spoil(copy.get(chosen), steps - 1));
                yield copy;
            }
            case null, default -> ODD.get(random.nextInt(ODD.size()));
        };
    }
}
