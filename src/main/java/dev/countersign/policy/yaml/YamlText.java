package dev.countersign.policy.yaml;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A tree as block YAML, the same bytes for the same tree: maps in their order, lists flush with their key as kubectl
/// writes them, lines never folded, text in quotes wherever any reader could take it for something else.
final class YamlText {
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();
    private final StringBuilder out = new StringBuilder();

    private YamlText() {}

    static String of(Map<String, Object> tree) {
        YamlText text = new YamlText();
        if (tree.isEmpty()) {
            return "{}\n";
        }
        text.map(tree, 0, 0);
        return text.out.toString();
    }

    /// `first` is how far the first line is already indented.
    private void map(Map<?, ?> map, int indent, int first) {
        int at = first;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            out.repeat(' ', indent - at);
            at = 0;
            scalar(entry.getKey());
            out.append(':');
            value(entry.getValue(), indent);
        }
    }

    private void value(@Nullable Object value, int indent) {
        switch (value) {
            case Map<?, ?> map
            when !map.isEmpty() -> {
                out.append('\n');
                map(map, indent + 2, 0);
            }
            case List<?> list
            when !list.isEmpty() -> {
                out.append('\n');
                list(list, indent, 0);
            }
            case null, default -> {
                out.append(' ');
                scalar(value);
                out.append('\n');
            }
        }
    }

    private void list(List<?> list, int indent, int first) {
        int at = first;
        for (Object item : list) {
            out.repeat(' ', indent - at).append('-');
            at = 0;
            switch (item) {
                case Map<?, ?> map
                when !map.isEmpty() -> {
                    out.append(' ');
                    map(map, indent + 2, indent + 2);
                }
                case List<?> inner
                when !inner.isEmpty() -> {
                    out.append(' ');
                    list(inner, indent + 2, indent + 2);
                }
                case null, default -> {
                    out.append(' ');
                    scalar(item);
                    out.append('\n');
                }
            }
        }
    }

    private void scalar(@Nullable Object value) {
        switch (value) {
            case null -> out.append("null");
            case Map<?, ?> _ -> out.append("{}");
            case List<?> _ -> out.append("[]");
            case String text when Scalars.isPlainText(text) -> out.append(text);
            case String text -> quoted(text);
            default -> out.append(value);
        }
    }

    /// In the escapes that YAML and JSON share.
    private void quoted(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                case '\r' -> out.append("\\r");
                default -> {
                    if (Character.isHighSurrogate(c)
                            && i + 1 < text.length()
                            && Character.isLowSurrogate(text.charAt(i + 1))) {
                        out.append(c).append(text.charAt(++i));
                    } else if (Character.isSurrogate(c)) {
                        throw new IllegalArgumentException("half a surrogate pair is no text");
                    } else if (isPlainlyVisible(c)) {
                        out.append(c);
                    } else {
                        out.append("\\u")
                                .append(HEX[c >> 12])
                                .append(HEX[c >> 8 & 15])
                                .append(HEX[c >> 4 & 15])
                                .append(HEX[c & 15]);
                    }
                }
            }
        }
        out.append('"');
    }

    /// Not control characters, other line breaks, what has no width or turns the direction of reading.
    private static boolean isPlainlyVisible(char c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.UNASSIGNED,
                    Character.PRIVATE_USE -> false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> true;
        };
    }
}
