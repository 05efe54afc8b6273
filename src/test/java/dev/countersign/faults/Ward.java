package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.faults.Deed.Attempt;
import dev.countersign.faults.Gate.Speaker;
import dev.countersign.faults.Gate.Step;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.context.ApplicationContext;

/// Several tenants, each with a laboratory of its own, and a victim that does one deed for each of them. Each deed is held at a
/// boundary of its own; when all that come to theirs are there, one blow strikes the victim. The replica of this process goes on: the
/// clients ask it again with the same keys, everything converges, and the oracle judges every tenant.
///
/// What is held takes means of the victim that others need on their way, so it goes in waves: couriers first, then who claims and who
/// seals, then what clients wait for.
final class Ward implements AutoCloseable {
    /// A deed that is not at its boundary by then never comes.
    private static final Duration PATIENCE = Duration.ofSeconds(8).multipliedBy(Laboratory.SLOWNESS);
    /// What is not struck comes to its end, however busy the machine is.
    private static final Duration UNHARMED = Duration.ofSeconds(40).multipliedBy(Laboratory.SLOWNESS);
    private static final Duration SEALING_ROUNDS = Duration.ofMillis(1_500).multipliedBy(Laboratory.SLOWNESS);
    private static final Duration LAST_WORDS = Duration.ofMillis(300).multipliedBy(Laboratory.SLOWNESS);
    private static final List<Set<Speaker>> WAVES = List.of(Set.of(Speaker.COURIER, Speaker.AT_CLUSTER), Set.of(Speaker.CLAIMER, Speaker.SEALER), Set.of(Speaker.REQUEST));

    private final List<Laboratory> labs;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    Ward(ApplicationContext context, long seed, int tenants) throws Exception {
        labs = new ArrayList<>();
        for (int i = 0; i < tenants; i++) {
            Laboratory lab = labs.isEmpty() ? new Laboratory(context, seed, Optional.empty()) : new Laboratory(context, seed * 1_000 + i, Optional.of(first()));
            labs.add(lab);
            lab.askInTurn(List.of("payment-service", "user-profile", "frontend", "billing-service"));
        }
    }

    private Laboratory first() {
        return labs.getFirst();
    }

    /// What a replica needs that does not have to suffer.
    Map<String, String> settings() {
        return first().settings(first().databasePort());
    }

    /// Starts one in reserve.
    Victim victim(Image image, Path folder, Map<String, String> settings) {
        Switchboard board = new Switchboard(labs.stream().map(lab -> lab.gate).toList());
        FaultProxy database = new FaultProxy(first().databasePort(), board::line);
        Map<String, String> all = new LinkedHashMap<>(first().settings(database.port()));
        // So many are held at once.
        all.put("spring.datasource.hikari.maximum-pool-size", "56");
        // Nobody looks for what is due but where something was told to be: else it is not the deed's own claim that is held.
        all.put("countersign.delivery.sweep", "60s");
        all.putAll(settings);
        return new Victim(Replica.start(image, folder, all), database, board);
    }

    private interface Action<T> {
        T of(Laboratory lab) throws Exception;
    }

    /// For all of them at the same time.
    private <T> Map<Laboratory, T> forEach(Iterable<Laboratory> some, Action<T> action) throws Exception {
        Map<Laboratory, Future<T>> begun = new LinkedHashMap<>();
        some.forEach(lab -> begun.put(lab, threads.submit(() -> action.of(lab))));
        Map<Laboratory, T> done = new LinkedHashMap<>();
        for (Map.Entry<Laboratory, Future<T>> one : begun.entrySet()) {
            try {
                done.put(one.getKey(), one.getValue().get());
            } catch (ExecutionException e) {
                throw new AssertionError(one.getKey().tenant.tenant().slug() + ": " + e.getCause().getMessage(), e.getCause());
            }
        }
        return done;
    }

    /// What is done to a victim when all that come to their boundary are there.
    interface Blow {
        void strike() throws Exception;
    }

    /// Answers those of `planned`, at most one a tenant, whose exchange was held at its boundary when the blow struck.
    List<Death> strike(Victim victim, List<Death> planned, Blow blow) throws Exception {
        Map<Laboratory, Death> deaths = new LinkedHashMap<>();
        for (int i = 0; i < planned.size(); i++) {
            deaths.put(labs.get(i), planned.get(i));
        }
        Map<Laboratory, Attempt> attempts = forEach(deaths.keySet(), lab -> deaths.get(lab).deed().prepare(lab));
        List<Death> struck = new ArrayList<>();
        AtomicBoolean over = new AtomicBoolean();
        first().couriersHere().stop();
        try {
            victim.board().call();
            List<Future<?>> asked = Collections.synchronizedList(new ArrayList<>());
            for (Set<Speaker> wave : WAVES) {
                forEach(deaths.keySet().stream().filter(lab -> wave.contains(deaths.get(lab).step().speaker())).toList(), lab -> {
                    lab.gate.set(deaths.get(lab));
                    Future<?> asking = threads.submit(() -> {
                        deaths.get(lab).deed().ask(lab, victim.replica(), attempts.get(lab), over::get);
                        return true;
                    });
                    asked.add(asking);
                    return comes(lab, deaths.get(lab), asking);
                });
            }
            deaths.forEach((lab, death) -> {
                if (lab.gate.held()) {
                    struck.add(death);
                }
            });
            over.set(true);
            blow.strike();
            deaths.keySet().forEach(lab -> lab.gate.open());
            for (Future<?> one : asked) {
                one.get();
            }
        } finally {
            first().couriersHere().start();
        }
        forEach(deaths.keySet(), lab -> {
            Death death = deaths.get(lab);
            death.deed().again(lab, attempts.get(lab));
            lab.converges("it was struck at " + death);
            return true;
        });
        return struck;
    }

    /// Whether the deed came to its boundary.
    private static boolean comes(Laboratory lab, Death death, Future<?> asking) throws Exception {
        for (long end = System.nanoTime() + PATIENCE.toNanos(); System.nanoTime() < end; ) {
            if (lab.gate.awaitHeld(Duration.ofMillis(40))) {
                return true;
            }
            if (asking.isDone() && (death.step().speaker() == Speaker.REQUEST || death.deed().over(lab))) {
                return lab.gate.awaitHeld(LAST_WORDS);
            }
        }
        return false;
    }

    /// What the oracle says of every tenant.
    List<String> judge() throws Exception {
        List<String> violations = new ArrayList<>();
        forEach(labs, Laboratory::judge).forEach((lab, said) -> said.forEach(word -> violations.add(lab.tenant.tenant().slug() + " " + word)));
        return violations;
    }

    /// Every boundary of every deed: what the victim asked when it did the deed unharmed, for several tenants at the same time and twice.
    /// What is asked for the first of them too, for which nothing is done, belongs to no deed.
    List<Death> boundaries(Victim healthy) throws Exception {
        Map<Deed, List<List<Step>>> seen = new EnumMap<>(Deed.class);
        Set<Step> anyway = new HashSet<>();
        Deed[] deeds = Deed.values();
        for (int round = 0; round < 2; round++) {
            int shift = round;
            Map<Laboratory, Deed> todo = new LinkedHashMap<>();
            for (int i = 1; i < labs.size(); i++) {
                todo.put(labs.get(i), deeds[(i + shift) % deeds.length]);
            }
            Map<Laboratory, Attempt> attempts = forEach(todo.keySet(), lab -> todo.get(lab).prepare(lab));
            first().couriersHere().stop();
            try {
                healthy.board().call();
                labs.forEach(lab -> lab.gate.open());
                forEach(todo.keySet(), lab -> unharmed(lab, healthy, todo.get(lab), attempts.get(lab)))
                        .forEach((lab, steps) -> seen.computeIfAbsent(todo.get(lab), deed -> new ArrayList<>()).add(steps));
                first().gate.seen().stream().filter(step -> step.speaker() == Speaker.COURIER).forEach(anyway::add);
            } finally {
                first().couriersHere().start();
            }
            forEach(todo.keySet(), lab -> {
                todo.get(lab).again(lab, attempts.get(lab));
                lab.converges("an unharmed " + todo.get(lab));
                return true;
            });
        }
        List<Death> deaths = new ArrayList<>();
        seen.forEach((deed, samples) -> often(samples).forEach(step -> {
            if (deed.concerns(step.speaker()) && !anyway.contains(step)) {
                for (Boundary.Moment moment : Boundary.Moment.values()) {
                    deaths.add(new Death(deed, step, moment));
                }
            }
        }));
        assertThat(deaths.stream().map(death -> death.step().speaker()).distinct()).as("who speaks").containsExactlyInAnyOrder(Speaker.values());
        assertThat(deaths.stream().filter(Death::atWrite).count()).as("boundaries at the real writes of deliveries").isGreaterThanOrEqualTo(9);
        return deaths;
    }

    /// In some of the samples: not all wait for the same, and another replica may seal first.
    private static Set<Step> often(List<List<Step>> samples) {
        Map<Step, Integer> times = new LinkedHashMap<>();
        samples.forEach(steps -> new LinkedHashSet<>(steps).forEach(step -> times.merge(step, 1, Integer::sum)));
        Set<Step> often = new LinkedHashSet<>();
        times.forEach((step, count) -> {
            if (count > samples.size() / 4) {
                often.add(step);
            }
        });
        return often;
    }

    private static List<Step> unharmed(Laboratory lab, Victim healthy, Deed deed, Attempt attempt) throws Exception {
        deed.ask(lab, healthy.replica(), attempt, () -> false);
        for (long end = System.nanoTime() + UNHARMED.toNanos(); !deed.over(lab); Thread.sleep(20)) {
            assertThat(System.nanoTime()).as("an unharmed " + deed + " does not end").isLessThan(end);
        }
        Thread.sleep(LAST_WORDS);
        return lab.gate.seen();
    }

    /// It reaches its database no more, and what it said to the clusters is cut off, as if it had been killed.
    void unplug(Victim victim) {
        victim.database().hold(true);
        victim.database().cut();
        labs.forEach(lab -> lab.apiServer.cut());
    }

    /// Time passes: what was claimed is free again.
    void leasesRunOut() throws Exception {
        forEach(labs, lab -> {
            lab.leasesRunOut();
            return true;
        });
    }

    /// The record of every tenant by the program for strangers, checkpoints and all.
    void verify(Path folder) throws Exception {
        forEach(labs, lab -> {
            lab.verify(folder);
            return true;
        });
    }

    /// Nothing of the tenants is left in the database: the next ones are alone again.
    @Override
    public void close() throws IOException, SQLException {
        try {
            end();
        } catch (IOException | SQLException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void end() throws Exception {
        for (Laboratory lab : labs) {
            lab.retire();
        }
        for (Laboratory lab : labs) {
            lab.awaitSealed();
        }
        threads.close();
        // Who was told of an entry looks a round later, and at no tenant that is gone.
        Thread.sleep(SEALING_ROUNDS);
        first().forget(labs.stream().map(lab -> lab.tenant.tenant().id().value()).toList());
        for (Laboratory lab : labs.reversed()) {
            lab.close();
        }
    }
}
