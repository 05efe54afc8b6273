package dev.countersign.audit;

import java.time.Duration;

/// A place does not take or show checkpoints at present. The words complete "checkpoints cannot be published to a place: " and
/// hold no secret; nothing is asked of the place for at least `pause`, which is zero where it named none.
final class PlaceAway extends Exception {
    private static final long serialVersionUID = 1;
    private final Duration pause;

    PlaceAway(String words) {
        this(words, Duration.ZERO);
    }

    PlaceAway(String words, Duration pause) {
        super(words, null, false, false);
        this.pause = pause;
    }

    String words() {
        return String.valueOf(getMessage());
    }

    Duration pause() {
        return pause;
    }
}
