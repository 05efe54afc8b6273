package dev.countersign.audit;

import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/// Goes to the places that are reached over a network, each on a thread of its own, so that none keeps another or the sealing
/// waiting. The portal answers and delivers after a first round of those that can be compared with, or after 20 seconds where
/// one does not answer.
@Component
class PublishingLoop implements SmartLifecycle {
    private static final Duration FIRST_ROUND = Duration.ofSeconds(20);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final List<PublishingRounds> rounds;
    private @Nullable ExecutorService threads;
    private volatile boolean running;

    PublishingLoop(PublishingPlaces places, @Value("${countersign.record.publish-interval:30s}") Duration interval, Tenants tenants, RecordComparison record,
            RecordState state) {
        if (interval.compareTo(Duration.ofSeconds(1)) < 0 || interval.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException("countersign.record.publish-interval must be between 1s and 1d");
        }
        this.rounds = places.all().stream().map(place -> new PublishingRounds(place, interval, tenants, record, state)).toList();
    }

    /// After the sealing.
    @Override
    public int getPhase() {
        return 1;
    }

    @Override
    public void start() {
        running = true;
        rounds.forEach(PublishingRounds::begin);
        ExecutorService loops = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("publishing").factory());
        threads = loops;
        CountDownLatch first = new CountDownLatch((int) rounds.stream().filter(PublishingRounds::compares).count());
        rounds.forEach(place -> loops.execute(() -> loop(place, place.compares() ? first::countDown : () -> {})));
        try {
            first.await(FIRST_ROUND.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void stop() {
        running = false;
        if (threads == null) {
            return;
        }
        rounds.forEach(PublishingRounds::end);
        threads.shutdownNow();
        try {
            threads.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void loop(PublishingRounds place, Runnable gone) {
        try {
            while (running) {
                Duration pause = place.round();
                gone.run();
                Thread.sleep(pause);
            }
        } catch (InterruptedException e) {
            // Stopped.
        } finally {
            gone.run();
        }
    }
}
