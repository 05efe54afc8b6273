package dev.countersign.catalog;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// PostgreSQL's text knows neither NUL nor half a surrogate pair. Nothing of Kubernetes has them, but a hostile cluster may
/// send them to make the catalog fail: they are replaced.
final class StorableText {
    private static final char REPLACEMENT = '\uFFFD';

    private StorableText() {}

    static String of(String text) {
        StringBuilder clean = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c) || c == 0) {
                clean = clean == null ? new StringBuilder(text) : clean;
                clean.setCharAt(i, REPLACEMENT);
            }
        }
        return clean == null ? text : clean.toString();
    }

    /// The same values with every NUL in keys and texts replaced.
    static @Nullable Object withoutNul(@Nullable Object value) {
        return switch (value) {
            case String text -> text.replace('\0', REPLACEMENT);
            case List<?> list -> list.stream().map(StorableText::withoutNul).toList();
            case Map<?, ?> map -> {
                Map<@Nullable Object, @Nullable Object> clean = new LinkedHashMap<>();
                map.forEach((key, inner) -> clean.put(withoutNul(key), withoutNul(inner)));
                yield clean;
            }
            case null, default -> value;
        };
    }
}
