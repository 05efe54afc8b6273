package dev.countersign.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/// When a watch that ended properly is resumed, and when its kind is listed anew.
class ResourceWatchTests {
    @Test
    void whatToldSomethingGoesOnFromThere() {
        assertThat(ResourceWatch.goesOn("7", "8", Duration.ofMinutes(5))).isTrue();
    }

    @Test
    void whatEndedSoonGoesOnWhereItWas() {
        assertThat(ResourceWatch.goesOn("7", "7", Duration.ofSeconds(90))).isTrue();
    }

    @Test
    void whatWasSilentForLongerThanAnyServerIsDoesNot() {
        assertThat(ResourceWatch.goesOn("7", "7", Duration.ofMinutes(5))).isFalse();
    }
}
