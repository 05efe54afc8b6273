package dev.countersign.audit.proof;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// `verify [--key KEY]... [--witness FILE]... FILE...`: one line for each file. Exit codes: 0 all good, 1 at least one bad,
/// 2 the command or a file could not be read.
public final class VerifyCommand {
    private static final String USAGE = """
            Usage: verify [--key KEY]... [--witness FILE]... FILE...
              FILE            an exported record or a receipt
              --key KEY       a public key that you trust (name+hash+base64), got elsewhere than from FILE;
                              without any, the keys are believed that FILE itself names
              --witness FILE  a checkpoint seen earlier; a record of the same origin must contain it
            Exit codes: 0 every file is good, 1 at least one is bad, 2 the command or a file could not be read.""";

    private VerifyCommand() {}

    public static int run(List<String> arguments, PrintStream out, PrintStream err) {
        List<VerifierKey> keys = new ArrayList<>();
        List<String> witnesses = new ArrayList<>();
        List<String> files = new ArrayList<>();
        try {
            for (int i = 0; i < arguments.size(); i++) {
                String word = arguments.get(i);
                switch (word) {
                    case "--key" -> keys.add(VerifierKey.parse(arguments.get(++i)));
                    case "--witness" -> witnesses.add(Files.readString(Path.of(arguments.get(++i))));
                    default -> files.add(word);
                }
            }
        } catch (IllegalArgumentException | IndexOutOfBoundsException | IOException e) {
            err.println("verify: a key or witness cannot be read: " + e.getMessage());
            return 2;
        }
        if (files.isEmpty() || files.stream().anyMatch(file -> file.startsWith("--"))) {
            err.println(USAGE);
            return 2;
        }
        if (keys.isEmpty()) {
            err.println("verify: no --key was given, so the keys are believed that the files name; compare them with the keys that you know.");
        }
        RecordVerifier verifier = new RecordVerifier(keys, witnesses);
        int code = 0;
        for (String file : files) {
            try (InputStream in = Files.newInputStream(Path.of(file))) {
                switch (verifier.verify(in)) {
                    case Verdict.Good good -> out.println("good " + file + ": " + good.entries() + (good.entries() == 1 ? " entry" : " entries")
                            + " of " + good.origin() + ", sealed at " + good.size());
                    case Verdict.Bad bad -> {
                        out.println("BAD " + file + ": entry " + bad.firstBad() + ": " + bad.why());
                        code = Math.max(code, 1);
                    }
                }
            } catch (IOException e) {
                err.println("verify: " + file + " cannot be read");
                code = 2;
            }
        }
        return code;
    }
}
