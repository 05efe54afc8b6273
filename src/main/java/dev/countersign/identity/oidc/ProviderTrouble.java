package dev.countersign.identity.oidc;

/// Why a provider was not heard, or not believed. The words are ours alone: nothing of what it sent is in them.
final class ProviderTrouble extends Exception {
    private static final long serialVersionUID = 1;

    enum Kind {
        /// It gave no answer, or one that says that it is out of order. Later it may.
        AWAY,
        /// What it said is not what a provider says to us who asked.
        WRONG
    }

    private final Kind kind;

    private ProviderTrouble(Kind kind, String words) {
        super(words, null, false, false);
        this.kind = kind;
    }

    static ProviderTrouble away(String words) {
        return new ProviderTrouble(Kind.AWAY, words);
    }

    static ProviderTrouble wrong(String words) {
        return new ProviderTrouble(Kind.WRONG, words);
    }

    boolean isAway() {
        return kind == Kind.AWAY;
    }

    String words() {
        return String.valueOf(getMessage());
    }
}
