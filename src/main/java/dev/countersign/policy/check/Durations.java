package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.J10;
import static dev.countersign.policy.check.FindingCode.J11;

import dev.countersign.policy.model.GoDuration;
import java.time.Duration;

/// J10 and J11: durations are whole milliseconds, one at least.
final class Durations {
    private static final Duration SHORTEST = Duration.ofMillis(1);

    private Durations() {}

    static void check(Node duration, Findings findings) {
        if (!duration.isPresent()) {
            return;
        }
        Duration length = GoDuration.parse(duration.text()).orElse(Duration.ZERO);
        if (length.compareTo(SHORTEST) < 0) {
            findings.add(J10, duration, duration.text() + " is shorter than 1ms");
        } else if (length.toNanosPart() % 1_000_000 != 0) {
            findings.add(J11, duration, duration.text() + " is finer than a millisecond");
        }
    }

    /// For a timeout that 0 switches off: what rounds to 0ms passes.
    static void checkUnlessZero(Node duration, Findings findings) {
        if (GoDuration.parse(duration.text())
                .filter(length -> length.toMillis() == 0)
                .isEmpty()) {
            check(duration, findings);
        }
    }
}
