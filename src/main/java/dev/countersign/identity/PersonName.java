package dev.countersign.identity;

import java.util.Locale;

/// A sign-in name: `username@tenant`, compared without case and surrounding space.
record PersonName(String username, String tenant) {
    /// The username alone in its stored form.
    static String of(String username) {
        return username.strip().toLowerCase(Locale.ROOT);
    }

    /// Splits at the last `@`; without one the tenant is empty.
    static PersonName parse(String name) {
        String plain = of(name);
        int at = plain.lastIndexOf('@');
        return at < 0 ? new PersonName(plain, "") : new PersonName(plain.substring(0, at), plain.substring(at + 1));
    }
}
