package dev.countersign.identity;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.Optional;

/// What a password must be, and new ones by chance. Length is what counts; bcrypt reads 72 bytes and no more.
final class Passwords {
    static final int SHORTEST = 12;
    static final int MOST_BYTES = 72;

    /// Letters and digits that nobody mistakes for one another.
    private static final String ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";
    private static final SecureRandom RANDOM = new SecureRandom();

    private Passwords() {}

    /// What is wrong with it, in words that say what to do; empty where it will do.
    static Optional<String> refuses(String password, String username) {
        if (password.codePointCount(0, password.length()) < SHORTEST) {
            return Optional.of("Choose at least " + SHORTEST + " characters; a few words in a row will do.");
        }
        if (password.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
            return Optional.of("Choose at most " + MOST_BYTES + " bytes; more would not be read.");
        }
        if (password.chars().distinct().count() < 5 || password.toLowerCase(Locale.ROOT).replace(username, "").length() < 6) {
            return Optional.of("Choose something that is not your name or one character repeated.");
        }
        return Optional.empty();
    }

    /// Twenty characters in groups of five: 100 bits, easy to read aloud.
    static String random() {
        StringBuilder password = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            if (i > 0 && i % 5 == 0) {
                password.append('-');
            }
            password.append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
        }
        return password.toString();
    }
}
