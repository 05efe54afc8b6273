package dev.countersign.audit.proof;

import java.io.PrintStream;
import java.util.List;
import java.util.Optional;

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
        Optional<CommandLine> asked = CommandLine.read(arguments, count -> count > 0, USAGE, err);
        if (asked.isEmpty()) {
            return 2;
        }
        int code = 0;
        for (String file : asked.get().places()) {
            code = Math.max(code, asked.get().verify(file, RecordVerifier.Follower.NOBODY, out, err));
        }
        return code;
    }
}
