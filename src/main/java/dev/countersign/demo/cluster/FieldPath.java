package dev.countersign.demo.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// A place in an object, read from text such as `spec.rules[0].from` or `metadata.annotations["istio.io/dry-run"]`: a
/// step is a key or an index.
record FieldPath(List<Object> steps) {
    private static final Pattern STEP = Pattern.compile("\\[(\\d+)]|\\[\"((?:[^\"\\\\]|\\\\.)*)\"]|([^.\\[]+)");

    static FieldPath of(String text) {
        var steps = new ArrayList<>();
        var found = STEP.matcher(text);
        while (found.find()) {
            if (found.group(1) != null) {
                steps.add(Integer.valueOf(found.group(1)));
            } else {
                steps.add(found.group(2) != null ? found.group(2).replaceAll("\\\\(.)", "$1") : found.group(3));
            }
        }
        return new FieldPath(List.copyOf(steps));
    }

    Optional<Object> in(Object tree) {
        Optional<Object> here = Optional.of(tree);
        for (var step : steps) {
            here = here.flatMap(value -> step(value, step));
        }
        return here;
    }

    /// Takes the field away, where it is a key of a map.
    void removeFrom(Map<String, Object> tree) {
        new FieldPath(steps.subList(0, steps.size() - 1))
                .in(tree)
                .ifPresent(parent -> Tree.map(parent).remove(String.valueOf(steps.getLast())));
    }

    private static Optional<Object> step(Object value, Object step) {
        return switch (step) {
            case Integer index ->
                index < Tree.list(value).size()
                        ? Optional.ofNullable(Tree.list(value).get(index))
                        : Optional.empty();
            default -> Optional.ofNullable(Tree.map(value).get(step));
        };
    }
}
