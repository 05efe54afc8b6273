package dev.countersign.catalog;

import dev.countersign.clusters.ClusterConnection;
import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.clusters.ApiResource;
import dev.countersign.clusters.ClusterTrouble;
import dev.countersign.clusters.ClusterView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Everything that is watched in one cluster: a `ResourceWatch` for each kind and place, one writer that stores what they tell in
/// batches. Lives until it is closed; a change of namespaces or credentials makes a new one.
final class ClusterWatch implements AutoCloseable {
    /// Beyond so many namespaces, one watch over all of them is kinder to the API server than one for each.
    private static final int ONE_BY_ONE = ClusterRegistry.WATCHED_ONE_BY_ONE;
    private static final int BATCH = 500;
    private static final int QUEUE = 5_000;
    private static final List<ApiResource> INVENTORY = List.of(
            ApiResource.SERVICE_ACCOUNTS, ApiResource.SERVICES, ApiResource.DEPLOYMENTS, ApiResource.STATEFUL_SETS, ApiResource.DAEMON_SETS,
            ApiResource.PODS, ApiResource.AUTHORIZATION_POLICIES, ApiResource.PEER_AUTHENTICATIONS);
    private static final List<ApiResource> POLICIES = List.of(ApiResource.AUTHORIZATION_POLICIES, ApiResource.PEER_AUTHENTICATIONS);

    private final ClusterView cluster;
    private final Surroundings surroundings;
    private final List<ResourceWatch> watches = new ArrayList<>();
    private final BlockingQueue<Batch> queue = new LinkedBlockingQueue<>(QUEUE);
    private final Map<ResourceWatch, ClusterTrouble> troubles = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    /// What a watch needs of the rest: all of it acts for the tenant of the cluster, whatever the thread.
    interface Surroundings {
        ClusterConnection connection();

        /// Empty where the server is still the registered cluster.
        Optional<ClusterTrouble> checkIdentity(ClusterConnection connection);

        void write(Batch batch);

        void report(Optional<ClusterTrouble> trouble);

        void start(String name, Runnable work);
    }

    /// Something to store: single observations, or (`listed`) everything of a kind in some namespaces. `stored` completes
    /// after the commit.
    record Batch(List<Observation> observations, Optional<Listed> listed, CompletableFuture<Void> stored) {
        record Listed(String kind, Set<String> namespaces) {}
    }

    ClusterWatch(ClusterView cluster, Surroundings surroundings) {
        this.cluster = cluster;
        this.surroundings = surroundings;
        Set<String> owned = Set.copyOf(cluster.namespaces());
        watches.add(new ResourceWatch(this, ApiResource.NAMESPACES, Optional.empty(), owned));
        for (ApiResource resource : INVENTORY) {
            Set<String> seen = POLICIES.contains(resource) && !owned.isEmpty()
                    ? Stream.concat(owned.stream(), Stream.of(cluster.rootNamespace())).collect(Collectors.toUnmodifiableSet())
                    : owned;
            if (seen.size() > ONE_BY_ONE) {
                watches.add(new ResourceWatch(this, resource, Optional.empty(), seen));
            } else {
                seen.forEach(namespace -> watches.add(new ResourceWatch(this, resource, Optional.of(namespace), Set.of(namespace))));
            }
        }
    }

    /// Whether this is what would be watched of the cluster as it is registered now.
    boolean isOf(ClusterView now) {
        return cluster.uid().equals(now.uid()) && cluster.namespaces().equals(now.namespaces()) && cluster.rootNamespace().equals(now.rootNamespace());
    }

    void start() {
        surroundings.start("catalog writer " + cluster.name(), this::writeUntilClosed);
        watches.forEach(watch -> surroundings.start("catalog watch " + cluster.name(), watch));
    }

    /// Lists everything once on the caller's behalf without watching; for a replica that does not hold the cluster.
    Optional<ClusterTrouble> once() {
        for (ResourceWatch watch : watches) {
            Optional<ClusterTrouble> trouble = watch.listOnce();
            if (trouble.isPresent()) {
                return trouble;
            }
        }
        return Optional.empty();
    }

    /// Lists everything anew while the watches run; completes when all of it is stored, or with the first trouble.
    CompletableFuture<Optional<ClusterTrouble>> relist() {
        List<CompletableFuture<Optional<ClusterTrouble>>> each = watches.stream().map(ResourceWatch::relist).toList();
        return CompletableFuture.allOf(each.toArray(CompletableFuture[]::new))
                .thenApply(done -> each.stream().flatMap(one -> one.join().stream()).findFirst());
    }

    /// The current trouble of its watches, if any.
    Optional<ClusterTrouble> trouble() {
        return troubles.values().stream().findFirst();
    }

    boolean isClosed() {
        return closed.isDone();
    }

    CompletableFuture<Void> closed() {
        return closed;
    }

    Surroundings surroundings() {
        return surroundings;
    }

    /// Waits for room rather than forgetting anything.
    void put(Batch batch) {
        try {
            while (!isClosed() && !queue.offer(batch, 1, TimeUnit.SECONDS)) {
                // the database is slow, or gone for a moment
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
        if (isClosed()) {
            batch.stored().cancel(false);
        }
    }

    void inTrouble(ResourceWatch watch, ClusterTrouble trouble) {
        boolean first = troubles.isEmpty();
        troubles.put(watch, trouble);
        if (first) {
            surroundings.report(Optional.of(trouble));
        }
    }

    void well(ResourceWatch watch) {
        if (troubles.remove(watch) != null && troubles.isEmpty()) {
            surroundings.report(Optional.empty());
        }
    }

    private void writeUntilClosed() {
        Backoff backoff = new Backoff();
        while (!isClosed()) {
            try {
                Batch first = queue.poll(1, TimeUnit.SECONDS);
                if (first == null) {
                    continue;
                }
                Batch batch = first.listed().isPresent() ? first : merged(first);
                while (!isClosed() && !stored(batch)) {
                    Thread.sleep(backoff.afterFailure(Optional.empty()));
                }
                backoff.reset();
                batch.stored().complete(null);
            } catch (WordLost lost) {
                CatalogSync.LOG.info("another replica watches cluster {} now", cluster.name());
                close();
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
                return;
            }
        }
        queue.forEach(left -> left.stored().cancel(false));
    }

    /// The batch with the single observations that wait behind it: one transaction for all of them.
    private Batch merged(Batch first) {
        List<Observation> observations = new ArrayList<>(first.observations());
        List<CompletableFuture<Void>> stored = new ArrayList<>(List.of(first.stored()));
        for (Batch next = queue.peek(); next != null && next.listed().isEmpty() && observations.size() < BATCH; next = queue.peek()) {
            queue.remove();
            observations.addAll(next.observations());
            stored.add(next.stored());
        }
        CompletableFuture<Void> all = new CompletableFuture<>();
        all.whenComplete((_, _) -> stored.forEach(one -> one.complete(null)));
        return new Batch(observations, Optional.empty(), all);
    }

    private boolean stored(Batch batch) {
        try {
            surroundings.write(batch);
            return true;
        } catch (WordLost lost) {
            batch.stored().cancel(false);
            throw lost;
        } catch (RuntimeException failure) {
            CatalogSync.LOG.warn("the catalog could not be written, trying again: {}", failure.toString());
            return false;
        }
    }

    @Override
    public void close() {
        closed.complete(null);
    }
}
