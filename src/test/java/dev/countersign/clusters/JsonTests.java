package dev.countersign.clusters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.policy.model.Tree;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/// What a cluster answers is a tree in its one form, or nothing.
class JsonTests {
    private static Optional<Map<String, Object>> both(String text) {
        Optional<Map<String, Object>> tree = Json.object(text);
        assertThat(Json.object(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(tree);
        return tree;
    }

    @Test
    void valuesHaveOneForm() {
        Map<String, Object> tree = both("""
                {"b": 5, "a": 9223372036854775807, "large": 9223372036854775808, "small": -9223372036854775809, "f": 1.50, "e": 1e2,
                 "t": true, "n": null, "empty": {}, "none": [], "s": "\\u00e9\\n", "list": [1, [2, {"x": null}], null], "b": 6}""").orElseThrow();
        assertThat(tree.keySet()).containsExactly("b", "a", "large", "small", "f", "e", "t", "n", "empty", "none", "s", "list");
        assertThat(tree.get("b")).as("the last of two counts").isEqualTo(6L);
        assertThat(tree.get("a")).isEqualTo(Long.MAX_VALUE);
        assertThat(tree.get("large")).isEqualTo(new java.math.BigInteger("9223372036854775808"));
        assertThat(tree.get("small")).isEqualTo(new java.math.BigInteger("-9223372036854775809"));
        assertThat(tree.get("f")).isEqualTo(1.5);
        assertThat(tree.get("e")).isEqualTo(100.0);
        assertThat(tree.get("s")).isEqualTo("é\n");
        assertThat(tree).isEqualTo(Tree.copyOf(tree));
        assertThatThrownBy(() -> tree.put("x", 1)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> ((List<?>) tree.get("list")).clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "[]", "1", "null", "\"text\"", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1} {}", "{\"a\":1}]", "{\"a\":[1}", "{'a':1}", "{\"a\":NaN}", "{\"a\":01}", "<html>"})
    void whatIsNotOneObjectIsNothing(String text) {
        assertThat(both(text)).isEmpty();
    }

    @Test
    void depthIsBounded() {
        assertThat(both("{\"a\":".repeat(100) + "1" + "}".repeat(100))).isPresent();
        assertThat(both("{\"a\":".repeat(100_000) + "1" + "}".repeat(100_000))).isEmpty();
        assertThat(both("{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}")).isEmpty();
        assertThat(both("{\"a\":" + "9".repeat(100_000) + "}")).as("nor are numbers of any length").isEmpty();
    }

    /// Jackson's own tree, brought to its one form, is the same.
    @Test
    void itReadsWhatJacksonReads() {
        Random random = new Random(3);
        JsonMapper mapper = JsonMapper.builder().build();
        for (int i = 0; i < 2_000; i++) {
            String text = mapper.writeValueAsString(map(random, 4));
            assertThat(both(text)).as("seed 3, round " + i).contains(Tree.copyOf((Map<?, ?>) mapper.readValue(text, Object.class)));
        }
    }

    private static Map<String, Object> map(Random random, int depth) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            map.put("k" + random.nextInt(20), value(random, depth - 1));
        }
        return map;
    }

    private static Object value(Random random, int depth) {
        return switch (random.nextInt(depth > 0 ? 9 : 7)) {
            case 0 -> random.nextInt();
            case 1 -> random.nextLong();
            case 2 -> new java.math.BigInteger(70, random);
            case 3 -> random.nextDouble() * Math.pow(10, random.nextInt(40) - 20);
            case 4 -> random.nextBoolean();
            case 5 -> new String(new char[] {(char) random.nextInt(0xD800), '"', '\\'});
            case 6 -> "";
            case 7 -> map(random, depth);
            default -> {
                List<Object> list = new ArrayList<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    list.add(value(random, depth));
                }
                yield list;
            }
        };
    }
}
