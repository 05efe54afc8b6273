package dev.countersign.approval.web;

import java.util.List;
import java.util.Optional;

/// A request chosen in the queue and the digest that was shown with it: `42 sha256:…`.
record Pick(long number, String digest) {
    String text() {
        return number + " " + digest;
    }

    /// Those that can be read, each once; what cannot is left out.
    static List<Pick> of(List<String> texts) {
        return texts.stream().map(Pick::of).flatMap(Optional::stream).distinct().toList();
    }

    private static Optional<Pick> of(String text) {
        String[] parts = text.split(" ", 2);
        if (parts.length < 2 || !parts[0].matches("[0-9]{1,18}")) {
            return Optional.empty();
        }
        return Optional.of(new Pick(Long.parseLong(parts[0]), parts[1]));
    }
}
