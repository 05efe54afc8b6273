package dev.countersign.policy.yaml;

import java.util.List;

/// What became of a text: its documents, or why it is not read at all.
public sealed interface Reading {
    /// Every document that is not empty, in order; the items of a `List` one by one.
    record Read(List<Document> documents) implements Reading {
        public Read {
            documents = List.copyOf(documents);
        }
    }

    /// The text is refused: where (counted from 1), why, and what to do.
    record Refused(int line, int column, String reason, String advice) implements Reading {
        /// "line 3: an anchor (&a) is refused. Write the value out instead."
        public String sentence() {
            return "line " + line + ": " + reason + ". " + advice;
        }
    }
}
