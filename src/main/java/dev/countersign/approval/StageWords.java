package dev.countersign.approval;

import dev.countersign.web.Words;
import java.util.List;
import java.util.Locale;

/// Stages as a sentence says them.
final class StageWords {
    private StageWords() {}

    /// "owner and 2 of security".
    static String of(ApprovalRule rule) {
        return Words.join(rule.stages().stream().map(stage -> counted(stage.name(), stage.needed())).toList(), "and");
    }

    /// Whose word is still missing: "security", "owner and 2 of security"; empty where none is.
    static String missing(Tally tally) {
        List<String> open = tally.stages().stream()
                .filter(stage -> !stage.done())
                .map(stage -> counted(stage.seats().name(), stage.missing()))
                .toList();
        return Words.join(open, "and");
    }

    static String missing(Standing standing) {
        return Words.join(standing.stages().stream().filter(stage -> stage.missing() > 0).map(stage -> counted(stage.name(), stage.missing())).toList(), "and");
    }

    private static String counted(String stage, int count) {
        String name = stage.toLowerCase(Locale.ROOT);
        return count == 1 ? name : count + " of " + name;
    }
}
