package dev.countersign.histories;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;

/// What the watches of replicas tell of clusters: each change late, twice, in another order or not at all, and now and then a list of
/// everything. The catalog is written in one transaction, and what changed in it is looked at in another (`CatalogSync.write`,
/// `DriftWatch.on`): a replica may die between the two.
final class Watching {
    private final History history;
    private final Map<UUID, TreeSet<String>> seen = new HashMap<>();

    Watching(History history) {
        this.history = history;
    }

    void changed(SimulatedCluster cluster, SimulatedCluster.Change change) {
        Optional<Map<String, Object>> shown = Optional.ofNullable(change.after()).map(state -> SimulatedCluster.tree(change.key(), state));
        for (Tenancy tenancy : history.tenancies) {
            if (!change.key().startsWith(tenancy.namespace + "/") || !tenancy.clusters.containsValue(cluster)) {
                continue;
            }
            UUID id = History.id(cluster, tenancy);
            if (history.weather.strikes(Fault.WATCH_DROPPED)) {
                history.clock.in(5_000 + history.chance.nextLong(10_000), () -> list(tenancy, id));
                continue;
            }
            int times = history.weather.strikes(Fault.WATCH_TWICE) ? 2 : 1;
            for (int i = 0; i < times; i++) {
                long late = history.weather.strikes(Fault.WATCH_LATE) ? history.chance.nextLong(6_000) : history.lag();
                tell(history.anyReplica(), late, tenancy, id, change.key(), shown);
            }
        }
    }

    private void tell(Replica replica, long late, Tenancy tenancy, UUID cluster, String policy, Optional<Map<String, Object>> shown) {
        seen.computeIfAbsent(cluster, id -> new TreeSet<>()).add(policy);
        replica.in(late, () -> observe(replica, tenancy, cluster, policy, shown));
    }

    private void observe(Replica replica, Tenancy tenancy, UUID cluster, String policy, Optional<Map<String, Object>> shown) {
        boolean[] news = new boolean[1];
        boolean answered = history.transaction(replica.name, "observes", () -> news[0] = tenancy.ledger.observed(cluster, policy, shown), Judge.physical(cluster), policy);
        if (!answered) {
            // `ClusterWatch.stored`: tried again until it is.
            replica.in(500, () -> observe(replica, tenancy, cluster, policy, shown));
        } else if (news[0]) {
            replica.in(history.lag(), () -> look(replica, tenancy, cluster, policy));
        }
    }

    private void look(Replica replica, Tenancy tenancy, UUID cluster, String policy) {
        boolean[] drifted = new boolean[1];
        history.transaction(replica.name, "looks at", () -> drifted[0] = tenancy.ledger.look(cluster, policy, history.instant()), Judge.physical(cluster), policy);
        if (drifted[0]) {
            history.note(replica.name, "finds drift", Judge.physical(cluster), policy);
            replica.heard(tenancy);
        }
    }

    /// `ResourceWatch.list`: everything, as it is now.
    void listAll() {
        for (Tenancy tenancy : history.tenancies) {
            tenancy.clusters.keySet().forEach(cluster -> list(tenancy, cluster));
        }
    }

    private void list(Tenancy tenancy, UUID cluster) {
        SimulatedCluster server = tenancy.clusters.get(cluster);
        Replica replica = history.anyReplica();
        replica.in(history.lag(), () -> {
            if (server.trouble(false).isPresent() || server.replaced) {
                history.clock.in(5_000, () -> list(tenancy, cluster));
                return;
            }
            TreeSet<String> all = new TreeSet<>(server.keys());
            all.removeIf(policy -> !policy.startsWith(tenancy.namespace + "/"));
            all.addAll(seen.getOrDefault(cluster, new TreeSet<>()));
            for (String policy : all) {
                tell(replica, history.lag(), tenancy, cluster, policy, Optional.ofNullable(server.state(policy)).map(state -> SimulatedCluster.tree(policy, state)));
            }
        });
    }
}
