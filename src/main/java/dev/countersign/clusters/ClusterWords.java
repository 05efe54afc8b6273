package dev.countersign.clusters;

/// Text that came from a cluster, made fit to show and to log: no control characters, at most 2,000 characters.
final class ClusterWords {
    private static final int MAX = 2_000;

    private ClusterWords() {}

    static String clean(String words) {
        StringBuilder clean = new StringBuilder();
        words.codePoints().limit(MAX + 1L).forEach(c -> clean.appendCodePoint(switch (Character.getType(c)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> ' ';
            case Character.FORMAT, Character.SURROGATE, Character.UNASSIGNED, Character.PRIVATE_USE -> '\uFFFD';
            default -> c;
        }));
        return clean.length() > MAX ? clean.substring(0, MAX) + "…" : clean.toString();
    }
}
