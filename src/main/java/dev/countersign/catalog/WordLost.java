package dev.countersign.catalog;

/// Another replica took the word for the cluster: what this one still holds is not written.
final class WordLost extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WordLost() {
        super("another replica watches the cluster now");
    }
}
