package dev.countersign.policy.naive;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// How far the run over all small worlds has come, in a file of one line, so that it can be stopped at any time. The line
/// is replaced whole: a run that is killed repeats what it did since.
record SmallWorldProgress(Path file) {
    /// `next` is the number of the first comparison that is not made yet; `made` is how many were.
    record Noted(long share, long next, long made) {}

    /// Refuses a file of another share: its count would mean something else.
    Noted read(long share, long from) {
        try {
            if (!Files.exists(file)) {
                return new Noted(share, from, 0);
            }
            String[] words = Files.readString(file).strip().split(" ");
            Noted noted = new Noted(Long.parseLong(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2]));
            if (noted.share() != share) {
                throw new IllegalStateException(file + " is of a run with small.share " + noted.share());
            }
            return noted;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void write(Noted noted) {
        try {
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.writeString(fresh, noted.share() + " " + noted.next() + " " + noted.made() + "\n");
            Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
