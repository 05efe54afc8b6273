package dev.countersign.requests;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// A sentence whose services, paths and times are parts of their own, so that a page can set them as chips and links.
public record Sentence(List<Part> parts) {
    public enum Kind {
        WORDS,
        SERVICE,
        NAMESPACE,
        METHOD,
        PATH,
        PORT,
        HOST,
        CLUSTER,
        TIME
    }

    /// `href`: a path of this portal, where the part has a page.
    public record Part(Kind kind, String text, Optional<String> href) {
        static Part words(String text) {
            return new Part(Kind.WORDS, text, Optional.empty());
        }

        static Part of(Kind kind, String text) {
            return new Part(kind, text, Optional.empty());
        }

        static Part link(Kind kind, String text, String href) {
            return new Part(kind, text, Optional.of(href));
        }
    }

    public Sentence {
        parts = List.copyOf(parts);
    }

    /// The sentence as plain text, without a full stop.
    public String text() {
        return parts.stream().map(Part::text).collect(Collectors.joining());
    }
}
