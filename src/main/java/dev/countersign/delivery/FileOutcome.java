package dev.countersign.delivery;

/// What became of one file of a repository in one visit.
sealed interface FileOutcome {
    WantedFile file();

    /// It holds the revision: written now, found so, or put back after another hand had changed or removed it (`what`).
    record Holds(WantedFile file, How how, String what) implements FileOutcome {
        enum How {
            PUSHED,
            FOUND,
            RESTORED
        }
    }

    /// Not written: a file, or a folder, of another hand stands there. Nothing of theirs is touched.
    record Foreign(WantedFile file, String words, String advice) implements FileOutcome {}

    /// Put right `RepositoryDecision.ROUNDS` times in a row, and changed again: a person has to act.
    record Contested(WantedFile file, String words, String advice) implements FileOutcome {}

    /// A stop holds, and writing it might open something.
    record Held(WantedFile file, String words, String advice) implements FileOutcome {}
}
