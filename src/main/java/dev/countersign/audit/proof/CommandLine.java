package dev.countersign.audit.proof;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/// What follows the name of a command: `[--key KEY]... [--witness FILE]... PLACE...`, in any order.
record CommandLine(List<VerifierKey> keys, List<String> witnesses, List<String> places) {
    CommandLine {
        keys = List.copyOf(keys);
        witnesses = List.copyOf(witnesses);
        places = List.copyOf(places);
    }

    /// Empty where it cannot be read or `count` does not take the number of places; why is said to `err`.
    static Optional<CommandLine> read(List<String> arguments, IntPredicate count, String usage, PrintStream err) {
        List<VerifierKey> keys = new ArrayList<>();
        List<String> witnesses = new ArrayList<>();
        List<String> places = new ArrayList<>();
        try {
            for (int i = 0; i < arguments.size(); i++) {
                String word = arguments.get(i);
                switch (word) {
                    case "--key" -> keys.add(VerifierKey.parse(arguments.get(++i)));
                    case "--witness" -> witnesses.add(Files.readString(Path.of(arguments.get(++i))));
                    default -> places.add(word);
                }
            }
        } catch (IllegalArgumentException | IndexOutOfBoundsException | IOException e) {
            err.println("verify: a key or witness cannot be read: " + e.getMessage());
            return Optional.empty();
        }
        if (!count.test(places.size()) || places.stream().anyMatch(place -> place.startsWith("--"))) {
            err.println(usage);
            return Optional.empty();
        }
        if (keys.isEmpty()) {
            err.println("verify: no --key was given, so the keys are believed that the files name; compare them with the keys that you know.");
        }
        return Optional.of(new CommandLine(keys, witnesses, places));
    }

    /// One line of what became of the file. 0 good, 1 bad, 2 it could not be read.
    int verify(String file, RecordVerifier.Follower follower, PrintStream out, PrintStream err) {
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            return switch (new RecordVerifier(keys, witnesses).verify(in, follower)) {
                case Verdict.Good good -> {
                    out.println("good " + file + ": " + good.entries() + (good.entries() == 1 ? " entry" : " entries")
                            + " of " + good.origin() + ", sealed at " + good.size());
                    yield 0;
                }
                case Verdict.Bad bad -> {
                    out.println("BAD " + file + ": entry " + bad.firstBad() + ": " + bad.why());
                    yield 1;
                }
            };
        } catch (IOException | InvalidPathException e) {
            err.println("verify: " + file + " cannot be read");
            return 2;
        }
    }
}
