package dev.countersign.requests;

import java.util.regex.Pattern;

/// What texts and names may look like. All patterns are linear: no nested repetition.
final class Texts {
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern SUBDOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

    private Texts() {}

    /// RFC 1123 label: a namespace.
    static boolean label(String name) {
        return name.length() <= 63 && LABEL.matcher(name).matches();
    }

    /// RFC 1123 subdomain: a workload, service account or cluster.
    static boolean subdomain(String name) {
        return name.length() <= 253 && SUBDOMAIN.matcher(name).matches();
    }

    /// Text that PostgreSQL stores and pages can show: no control characters but line feed and tab, no half surrogates.
    static boolean storable(String text) {
        return text.codePoints().noneMatch(c -> (c < 0x20 && c != '\n' && c != '\t' && c != '\r')
                || (c >= 0x7f && c < 0xa0)
                || (c >= 0xd800 && c <= 0xdfff));
    }

    /// Visible ASCII, no space: what paths, hosts and methods consist of.
    static boolean visibleAscii(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c > 0x20 && c < 0x7f);
    }

    /// One line feed for every way of writing a line's end; no blank lines around.
    static String lines(String text) {
        return text.replace("\r\n", "\n").replace('\r', '\n').strip();
    }
}
