package dev.countersign.policy.check;

import dev.countersign.policy.model.GoDuration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// M5: whether istiod can decode the object at all. It is more lenient than the API server: unknown fields and JSON
/// nulls pass, numbers may stand in quotes, words may be given by number.
final class DecodeCheck {
    private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9][0-9]*)");
    private static final Pattern UNSIGNED = Pattern.compile("0|[1-9][0-9]*");
    private static final double UINT32 = 4294967295.0;

    private DecodeCheck() {}

    static void check(Node node, CrdType type, Findings findings) {
        Object value = node.value();
        if (value == null) {
            return;
        }
        if (type.isMap()) {
            if (!(value instanceof Map<?, ?>)) {
                findings.add(FindingCode.M5, node, "istiod expects a map here");
                return;
            }
            type.fields().forEach((key, inner) -> check(node.get(key), inner, findings));
            type.entries().ifPresent(inner -> entries(node, type, inner, findings));
        } else if (type.items().isPresent()) {
            if (!(value instanceof List<?>)) {
                findings.add(FindingCode.M5, node, "istiod expects a list here");
                return;
            }
            node.items().forEach(item -> check(item, type.items().get(), findings));
        } else {
            plain(value, type)
                    .ifPresent(expected -> findings.add(
                            FindingCode.M5,
                            node,
                            (value instanceof String ? "\"" + value + "\"" : value) + " is not " + expected));
        }
    }

    private static void entries(Node node, CrdType type, CrdType inner, Findings findings) {
        node.entries().forEach(entry -> {
            if (type.checks().contains("portKeys")
                    && !(UNSIGNED.matcher(entry.getKey()).matches() && Double.parseDouble(entry.getKey()) <= UINT32)) {
                findings.add(
                        FindingCode.M5, entry.getValue(), "the key \"" + entry.getKey() + "\" is not a port number");
            }
            check(entry.getValue(), inner, findings);
        });
    }

    /// What was expected instead.
    private static Optional<String> plain(Object value, CrdType type) {
        return switch (type.plain()) {
            case "text" -> {
                if (!type.words().isEmpty()) {
                    boolean fits = value instanceof String
                            ? type.words().contains(value) || type.hidden().contains(value)
                            : isWhole(value, type);
                    yield fits ? Optional.empty() : Optional.of("one of " + String.join(", ", type.words()));
                }
                if (!(value instanceof String text)) {
                    yield Optional.of("text; put it in quotes");
                }
                boolean broken = type.checks().contains("duration")
                        && GoDuration.parse(text).isEmpty();
                yield broken ? Optional.of("a duration such as 10s") : Optional.empty();
            }
            case "truth" -> value instanceof Boolean ? Optional.empty() : Optional.of("true or false");
            case "int" -> isWhole(value, type) ? Optional.empty() : Optional.of("a whole number that fits");
            case "number" ->
                value instanceof Number
                                || value instanceof String text
                                        && INTEGER.matcher(text).matches()
                        ? Optional.empty()
                        : Optional.of("a number");
            default -> Optional.empty();
        };
    }

    private static boolean isWhole(Object value, CrdType type) {
        double number;
        if (value instanceof Number given && given.doubleValue() == Math.rint(given.doubleValue())) {
            number = given.doubleValue();
        } else if (value instanceof String text && INTEGER.matcher(text).matches()) {
            number = Double.parseDouble(text);
        } else {
            return false;
        }
        // No limits in the schema: a signed 32-bit field.
        double least = type.limit("min").orElse((double) Integer.MIN_VALUE);
        double most = type.limit("max").orElse(type.limit("min").isPresent() ? Math.pow(2, 64) : Integer.MAX_VALUE);
        return number >= least && number <= most;
    }
}
