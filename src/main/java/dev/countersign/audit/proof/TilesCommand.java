package dev.countersign.audit.proof;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// `tiles [--key KEY]... [--witness FILE]... RECORD FOLDER`: verifies an exported record as `verify` does, then writes the C2SP
/// tlog-tiles log that it amounts to into a folder that is new or empty. A record that is not good leaves nothing behind. Exit codes:
/// 0 written, 1 the record is bad, 2 the command or a file could not be read, or the folder not be written.
public final class TilesCommand {
    private static final String USAGE = """
            Usage: tiles [--key KEY]... [--witness FILE]... RECORD FOLDER
              RECORD          an exported record, which is verified first
              FOLDER          where the log is written (C2SP tlog-tiles): new, or empty
              --key KEY       a public key that you trust (name+hash+base64), got elsewhere than from RECORD;
                              without any, the keys are believed that RECORD itself names
              --witness FILE  a checkpoint seen earlier; a record of the same origin must contain it
            Exit codes: 0 the log is written, 1 the record is bad, 2 the command or a file could not be read, or FOLDER not be written.""";

    private TilesCommand() {}

    public static int run(List<String> arguments, PrintStream out, PrintStream err) {
        Optional<CommandLine> asked = CommandLine.read(arguments, count -> count == 2, USAGE, err);
        if (asked.isEmpty()) {
            return 2;
        }
        String record = asked.get().places().getFirst();
        String folder = asked.get().places().getLast();
        try {
            Path root = Path.of(folder);
            Optional<String> objection = objection(root);
            if (objection.isPresent()) {
                err.println("tiles: " + folder + " " + objection.get() + ": name a folder that is new or empty");
                return 2;
            }
            TileLog log = new TileLog();
            int code = asked.get().verify(record, log, out, err);
            if (code != 0) {
                return code;
            }
            if (log.isEmpty()) {
                err.println("tiles: " + record + " is a receipt, of which no log can be made: take an exported record");
                return 2;
            }
            out.println("wrote " + folder + ": " + log.write(root));
            return 0;
        } catch (IOException | InvalidPathException e) {
            err.println("tiles: " + folder + " cannot be written: " + e.getClass().getSimpleName() + ": " + e.getMessage());
            return 2;
        }
    }

    private static Optional<String> objection(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return Optional.empty();
        }
        if (!Files.isDirectory(folder)) {
            return Optional.of("is no folder");
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().map(file -> "is not empty");
        }
    }
}
