package dev.countersign.policy.eval;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// What Envoy makes of a request's path before any policy sees it, by `meshConfig.pathNormalization` (istio.md 1.5).
/// The query stays as it is. Case is never folded, `;parameters` are kept.
public enum PathNormalization {
    NONE,
    BASE,
    MERGE_SLASHES,
    DECODE_AND_MERGE_SLASHES;

    /// The path that policies see; empty where Envoy refuses the request (400).
    public Optional<String> normalize(String target) {
        int fragment = target.indexOf('#');
        String whole = fragment < 0 ? target : target.substring(0, fragment);
        int mark = whole.indexOf('?');
        String path = mark < 0 ? whole : whole.substring(0, mark);
        String query = mark < 0 ? "" : whole.substring(mark);
        return switch (this) {
            case NONE -> Optional.of(whole);
            case BASE -> canonical(path).map(clean -> clean + query);
            case MERGE_SLASHES -> canonical(path).map(clean -> merged(clean) + query);
            case DECODE_AND_MERGE_SLASHES -> canonical(decoded(path)).map(clean -> merged(clean) + query);
        };
    }

    /// `%2F` and `%5C` become the slashes that they write.
    private static String decoded(String path) {
        StringBuilder decoded = new StringBuilder();
        for (int i = 0; i < path.length(); i++) {
            int code = escape(path, i);
            if (code == '/' || code == '\\') {
                decoded.append((char) code);
                i += 2;
            } else {
                decoded.append(path.charAt(i));
            }
        }
        return decoded.toString();
    }

    /// RFC 3986: unreserved characters decoded, `\` is `/`, dot segments resolved. `..` takes away one segment, be it
    /// empty.
    private static Optional<String> canonical(String path) {
        StringBuilder clean = new StringBuilder("/");
        StringBuilder segment = new StringBuilder();
        int start = path.startsWith("/") || path.startsWith("\\") ? 1 : 0;
        for (int i = start; i <= path.length(); i++) {
            boolean end = i == path.length();
            if (end || path.charAt(i) == '/' || path.charAt(i) == '\\') {
                close(clean, segment, end);
                segment.setLength(0);
                continue;
            }
            int code = escape(path, i);
            if (code == 0) {
                return Optional.empty();
            }
            if (code > 0) {
                segment.append(unreserved(code) ? String.valueOf((char) code) : path.substring(i, i + 3));
                i += 2;
            } else {
                int character = path.codePointAt(i);
                segment.append(escaped(character));
                i += Character.charCount(character) - 1;
            }
        }
        return Optional.of(clean.toString());
    }

    /// `clean` ends with a slash; so does the result, unless the last segment stands open.
    private static void close(StringBuilder clean, StringBuilder segment, boolean end) {
        String text = segment.toString();
        if (text.equals("..")) {
            int slash = clean.lastIndexOf("/", clean.length() - 2);
            clean.setLength(Math.max(slash, 0) + 1);
        } else if (!text.equals(".")) {
            clean.append(text);
            if (!end) {
                clean.append('/');
            }
        }
    }

    private static String merged(String path) {
        StringBuilder merged = new StringBuilder();
        for (int i = 0; i < path.length(); i++) {
            if (path.charAt(i) != '/' || i == 0 || path.charAt(i - 1) != '/') {
                merged.append(path.charAt(i));
            }
        }
        return merged.toString();
    }

    /// The byte that `%XY` at `at` writes, or -1 where there is none.
    private static int escape(String path, int at) {
        if (path.charAt(at) != '%' || at + 2 >= path.length()) {
            return -1;
        }
        int high = hex(path.charAt(at + 1));
        int low = hex(path.charAt(at + 2));
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    private static int hex(char digit) {
        return digit < 128 ? Character.digit(digit, 16) : -1;
    }

    private static boolean unreserved(int code) {
        return code >= 'a' && code <= 'z' || code >= 'A' && code <= 'Z' || code >= '0' && code <= '9'
                || code == '-' || code == '.' || code == '_' || code == '~';
    }

    /// Characters that a path may not carry in the open are written as escapes of their UTF-8 bytes.
    private static String escaped(int character) {
        if (character > ' ' && character < 127 && "\"<>^`{|}".indexOf(character) < 0) {
            return Character.toString(character);
        }
        StringBuilder escaped = new StringBuilder();
        for (byte one : Character.toString(character).getBytes(StandardCharsets.UTF_8)) {
            escaped.append('%').append("%02X".formatted(one));
        }
        return escaped.toString();
    }
}
