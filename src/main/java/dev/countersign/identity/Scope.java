package dev.countersign.identity;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What an API token may be used for, on top of what its person may do.
public enum Scope {
    /// Read whatever the person may read.
    READ,
    /// Ask for access: preview, submit, change, withdraw.
    REQUEST,
    /// Decide and revoke.
    REVIEW,
    /// Administer the tenant.
    ADMIN;

    /// As tokens and the API write it: `read`.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Scope> ofWord(String word) {
        return Arrays.stream(values()).filter(scope -> scope.word().equals(word)).findFirst();
    }
}
