package dev.countersign.catalog;

import dev.countersign.catalog.ClusterWatch.Batch;
import dev.countersign.clusters.ApiResource;
import dev.countersign.clusters.ClusterConnection;
import dev.countersign.clusters.ClusterObject;
import dev.countersign.clusters.ClusterTrouble;
import dev.countersign.clusters.ListOutcome;
import dev.countersign.clusters.WatchEvent;
import dev.countersign.clusters.WatchOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/// One kind in one namespace (or in all): listed, then watched from that version on. A watch that ends is resumed where it
/// was; only a version that the cluster has forgotten (410), or has perhaps never heard of, makes it list again.
final class ResourceWatch implements Runnable {
    /// A server tells of its version about every minute, whatever happens.
    private static final Duration SILENT = Duration.ofMinutes(3);

    private final ClusterWatch parent;
    private final ApiResource resource;
    private final Optional<String> place;
    private final Set<String> namespaces;
    private final Backoff backoff = new Backoff();
    /// Somebody waits for a new list.
    private final AtomicReference<CompletableFuture<Optional<ClusterTrouble>>> asked = new AtomicReference<>(new CompletableFuture<>());
    private volatile CompletableFuture<Void> interruption = new CompletableFuture<>();
    private volatile boolean listWanted = true;

    ResourceWatch(ClusterWatch parent, ApiResource resource, Optional<String> place, Set<String> namespaces) {
        this.parent = parent;
        this.resource = resource;
        this.place = place;
        this.namespaces = namespaces;
        parent.closed().whenComplete((_, _) -> interruption.complete(null));
    }

    @Override
    public void run() {
        try {
            watchUntilClosed();
        } finally {
            // Who waits for a list, or asks for one from here on, is told that there will be none.
            asked.get().cancel(false);
        }
    }

    private void watchUntilClosed() {
        Optional<String> version = Optional.empty();
        while (!parent.isClosed()) {
            // Made before the flag is read: a wish that comes later ends the watch that follows.
            interruption = new CompletableFuture<>();
            if (parent.isClosed()) {
                return;
            }
            if (listWanted || version.isEmpty()) {
                version = list();
                continue;
            }
            String from = version.get();
            long begun = System.nanoTime();
            switch (parent.surroundings().connection().watch(resource, place, from, interruption, this::told)) {
                case WatchOutcome.Ended(String reached) -> {
                    version = goesOn(from, reached, Duration.ofNanos(System.nanoTime() - begun)) ? Optional.of(reached) : Optional.empty();
                    well();
                }
                case WatchOutcome.Expired _ -> version = Optional.empty();
                case ClusterTrouble trouble -> rest(trouble);
            }
        }
    }

    /// Whether a watch can be resumed. An API server that was restored from a backup has versions before ours: it accepts the
    /// watch and says nothing, neither change nor bookmark, until they catch up.
    static boolean goesOn(String from, String reached, Duration lasted) {
        return !reached.equals(from) || lasted.compareTo(SILENT) < 0;
    }

    /// The version to watch from; empty after trouble, when there was a rest already.
    private Optional<String> list() {
        // In this order: who asks from here on is answered by the next list.
        listWanted = false;
        CompletableFuture<Optional<ClusterTrouble>> waiting = asked.getAndSet(new CompletableFuture<>());
        List<Observation> observed = new ArrayList<>();
        ListOutcome outcome;
        try {
            outcome = listInto(observed);
        } catch (RuntimeException accident) {
            waiting.cancel(false);
            throw accident;
        }
        return switch (outcome) {
            case ListOutcome.Listed(String version) -> {
                Batch batch = batch(observed);
                batch.stored().whenComplete((_, unstored) -> {
                    if (unstored == null) {
                        waiting.complete(Optional.empty());
                    } else {
                        waiting.cancel(false);
                    }
                });
                parent.put(batch);
                well();
                yield Optional.of(version).filter(known -> !known.isEmpty());
            }
            case ClusterTrouble trouble -> {
                waiting.complete(Optional.of(trouble));
                rest(trouble);
                yield Optional.empty();
            }
        };
    }

    Optional<ClusterTrouble> listOnce() {
        List<Observation> observed = new ArrayList<>();
        return switch (listInto(observed)) {
            case ListOutcome.Listed _ -> {
                parent.surroundings().write(batch(observed));
                yield Optional.empty();
            }
            case ClusterTrouble trouble -> Optional.of(trouble);
        };
    }

    private ListOutcome listInto(List<Observation> observed) {
        ClusterConnection connection = parent.surroundings().connection();
        Optional<ClusterTrouble> stranger = parent.surroundings().checkIdentity(connection);
        if (stranger.isPresent()) {
            return stranger.get();
        }
        return connection.list(resource, place, object -> {
            if (concerns(object)) {
                observed.add(Observation.of(resource.kind(), object));
            }
        });
    }

    private Batch batch(List<Observation> observed) {
        return new Batch(observed, Optional.of(new Batch.Listed(resource.kind(), namespaces)), new CompletableFuture<>());
    }

    CompletableFuture<Optional<ClusterTrouble>> relist() {
        CompletableFuture<Optional<ClusterTrouble>> answer = asked.get();
        listWanted = true;
        interruption.complete(null);
        return answer;
    }

    private void told(WatchEvent event) {
        switch (event) {
            case WatchEvent.Put(ClusterObject object) when concerns(object) -> store(Observation.of(resource.kind(), object));
            case WatchEvent.Gone(ClusterObject object) when concerns(object) -> store(Observation.gone(resource.kind(), object));
            case WatchEvent.Put _, WatchEvent.Gone _, WatchEvent.Bookmark _ -> {}
        }
        well();
    }

    private void store(Observation observation) {
        parent.put(new Batch(List.of(observation), Optional.empty(), new CompletableFuture<>()));
    }

    private boolean concerns(ClusterObject object) {
        return Observation.isNamed(object) && namespaces.contains(Observation.key(resource.kind(), object).namespace());
    }

    private void well() {
        backoff.reset();
        parent.well(this);
    }

    /// Waits before the next attempt; a wish to list, and the end, wake it up.
    private void rest(ClusterTrouble trouble) {
        parent.inTrouble(this, trouble);
        Duration wait = switch (trouble) {
            case ClusterTrouble.Unreachable unreachable -> backoff.afterFailure(unreachable.retryAfter());
            case ClusterTrouble.Rejected _, ClusterTrouble.Forbidden _ -> backoff.afterRefusal();
        };
        try {
            interruption.get(wait.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | java.util.concurrent.ExecutionException rested) {
            // go on
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            parent.close();
        }
    }
}
