package dev.countersign.audit;

import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The rounds of one place, for one thread. A tenant whose record does not continue what stands there is stopped until a later
/// round finds it whole; a place that is away stops nobody, and is told of once until it is back.
final class PublishingRounds {
    private static final Logger LOG = LoggerFactory.getLogger(PublishingRounds.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

    private final PublishingPlace place;
    private final Duration interval;
    private final Tenants tenants;
    private final RecordComparison record;
    private final RecordState state;
    private int failures;
    private volatile boolean ended;

    PublishingRounds(PublishingPlace place, Duration interval, Tenants tenants, RecordComparison record, RecordState state) {
        this.place = place;
        this.interval = interval;
        this.tenants = tenants;
        this.record = record;
        this.state = state;
    }

    /// Whether a round can find that a record is not whole.
    boolean compares() {
        return place.isReadable();
    }

    /// Goes once to the place. Answers how long to wait before the next time.
    Duration round() throws InterruptedException {
        try {
            place.exchange(tenants.all(), this::compared);
        } catch (PlaceAway e) {
            return away(e.words(), e.pause());
        } catch (RuntimeException e) {
            // The database, mostly. What a library says may hold more than it should: its kind is enough.
            return away("the round ended with " + e.getClass().getName(), Duration.ZERO);
        }
        if (failures > 0) {
            LOG.atInfo().addKeyValue("place", place.words()).log("Checkpoints are published again");
        }
        failures = 0;
        return interval;
    }

    void begin() {
        ended = false;
    }

    /// There is no further round. What the one under way still fails at, it fails at because it is broken off: nothing to tell.
    void end() {
        ended = true;
    }

    private Optional<String> compared(Tenant tenant, Optional<String> published) {
        try {
            Optional<String> latest = record.latest(tenant, published);
            state.sound(tenant.id(), place.words());
            return latest;
        } catch (RecordBroken broken) {
            if (state.stop(tenant.id(), place.words(), broken.words())) {
                LOG.atError().addKeyValue("tenant", tenant.slug()).addKeyValue("entry", broken.entry()).addKeyValue("place", place.words())
                        .log("THE RECORD IS NOT WHOLE, it does not continue what was published: {}. Nothing is decided or delivered for this tenant (docs/record.md)", broken.words());
            }
            return Optional.empty();
        }
    }

    /// Twice as long each time, never all replicas at once, never before the place wants it.
    private Duration away(String words, Duration asked) {
        if (ended) {
            return FIRST_PAUSE;
        }
        if (failures++ == 0) {
            LOG.atWarn().addKeyValue("place", place.words())
                    .log("Checkpoints cannot be published at present: {}. It is tried again; the portal goes on", words);
        }
        long doubled = FIRST_PAUSE.toMillis() << Math.min(failures - 1, 20);
        Duration pause = Duration.ofMillis((long) (Math.min(doubled, LONGEST_PAUSE.toMillis()) * ThreadLocalRandom.current().nextDouble(0.8, 1.2)));
        return pause.compareTo(asked) < 0 ? asked : pause;
    }
}
