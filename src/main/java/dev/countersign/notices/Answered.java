package dev.countersign.notices;

import java.time.Duration;
import java.util.Optional;

/// What became of one attempt. `words`: what was answered, or why nothing was, cut short and fit to show; never the address' path, never
/// a secret.
sealed interface Answered {
    Duration took();

    String words();

    /// The receiver answered, whatever it said. `retryAfter`: how long it wants to be left alone.
    record Said(int status, String words, Optional<Duration> retryAfter, Duration took) implements Answered {
        boolean taken() {
            return status / 100 == 2;
        }

        /// It says that it is no more.
        boolean gone() {
            return status == 410;
        }
    }

    /// No answer.
    record Nothing(String words, Duration took) implements Answered {}
}
