package dev.countersign.histories;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What happens to replicas and clusters from outside: they die, sleep, go down, lose a namespace, are replaced, and other hands change
/// what stands in them.
final class Hands {
    private static final String HAND = "kubectl-edit";
    private static final List<Map<String, Object>> HACK = List.of(Map.of("to", List.of(Map.of("operation", Map.of("paths", List.of("/hack"))))));
    private final History history;
    private final Weather weather;
    private final long faultsEnd;

    Hands(History history, long faultsEnd) {
        this.history = history;
        this.weather = history.weather;
        this.faultsEnd = faultsEnd;
    }

    void begin() {
        often(Fault.CRASH, 2, () -> history.replicas.get(history.chance.nextInt(3)).crash(200 + history.chance.nextLong(8_000)));
        often(Fault.PAUSE, 4, () -> history.replicas.get(history.chance.nextInt(3)).pause(Math.min(faultsEnd - history.clock.now(),
                history.chance.nextLong(history.chance.nextBoolean() ? 2_000 : 20_000))));
        often(Fault.CLUSTER_DOWN, 2, () -> mood(SimulatedCluster.Mood.DOWN));
        often(Fault.THROTTLED, 2, () -> mood(SimulatedCluster.Mood.THROTTLING));
        often(Fault.REFUSED, 2, () -> mood(SimulatedCluster.Mood.REFUSING));
        often(Fault.CREDENTIALS_REFUSED, 1, () -> mood(SimulatedCluster.Mood.UNAUTHORIZED));
        often(Fault.NAMESPACE_GONE, 1, this::loseNamespace);
        often(Fault.CLUSTER_REPLACED, 1, this::replace);
        often(Fault.FOREIGN_EDIT, 6, this::edit);
        often(Fault.FOREIGN_DELETION, 4, () -> anyPolicy((cluster, key) -> {
            history.note(HAND, "deletes", cluster.name, key);
            cluster.delete(history.clock.now(), HAND, key);
        }));
        often(Fault.FOREIGN_OBJECT, 2, this::make);
        if (weather.has(Fault.FOREIGN_OBJECT) && history.chance.nextBoolean()) {
            history.clusters.get("c3").leave(0, history.tenancies.getLast().namespace + "/countersign-pay", history.tenancies.getFirst().slug);
        }
    }

    /// Up to so many times, at any times before the faults end.
    private void often(Fault fault, int most, Runnable what) {
        if (!weather.has(fault)) {
            return;
        }
        int times = 1 + history.chance.nextInt(most);
        for (int i = 0; i < times; i++) {
            history.clock.in(history.chance.nextLong(faultsEnd), () -> {
                weather.count(fault);
                what.run();
            });
        }
    }

    private SimulatedCluster anyCluster() {
        return history.clusters.get("c" + history.chance.nextInt(5));
    }

    private void mood(SimulatedCluster.Mood mood) {
        SimulatedCluster cluster = anyCluster();
        history.note(cluster.name, "is", mood.name());
        cluster.mood = mood;
        history.clock.in(500 + history.chance.nextLong(10_000), () -> cluster.mood = SimulatedCluster.Mood.WELL);
    }

    private void loseNamespace() {
        SimulatedCluster cluster = anyCluster();
        history.note(cluster.name, "loses", "its namespace");
        cluster.loseNamespace(history.clock.now(), "somebody");
        history.clock.in(500 + history.chance.nextLong(10_000), () -> cluster.namespaceGone = false);
    }

    private void replace() {
        SimulatedCluster cluster = anyCluster();
        if (cluster.replaced) {
            return;
        }
        history.note(cluster.name, "is", "replaced");
        cluster.replaced = true;
        history.judge.replaced(cluster.name, true);
        history.clock.in(2_000 + history.chance.nextLong(15_000), () -> cluster.replaced = false);
    }

    private void edit() {
        anyPolicy((cluster, key) -> {
            boolean matters = history.chance.nextInt(5) > 0;
            history.note(HAND, matters ? "edits" : "touches", cluster.name, key);
            if (matters) {
                cluster.edit(history.clock.now(), HAND, key, HACK);
            } else {
                cluster.touch(history.clock.now(), HAND, key);
            }
        });
    }

    private void make() {
        SimulatedCluster cluster = anyCluster();
        String key = history.tenancies.get(history.chance.nextInt(2)).namespace + "/countersign-" + People.WORKLOADS.get(history.chance.nextInt(2));
        history.note(HAND, "makes", cluster.name, key);
        cluster.make(history.clock.now(), HAND, key, HACK);
    }

    private interface Deed {
        void on(SimulatedCluster cluster, String key);
    }

    private void anyPolicy(Deed deed) {
        List<Runnable> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            SimulatedCluster cluster = history.clusters.get("c" + i);
            cluster.keys().forEach(key -> all.add(() -> deed.on(cluster, key)));
        }
        if (!all.isEmpty()) {
            all.get(history.chance.nextInt(all.size())).run();
        }
    }
}
