package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/// A boundary to be struck at: in which deed, at which question of the victim to its database or to a cluster, and when.
record Death(Deed deed, String question, Boundary.Moment moment) {
    boolean atWrite() {
        return question.startsWith("PATCH ");
    }

    boolean atCluster() {
        return question.matches("(GET|POST|PUT|PATCH|DELETE) /.*");
    }

    @Override
    public String toString() {
        return deed + " " + moment + " " + question;
    }

    /// Every boundary of every deed: what a healthy replica asked in each of two unharmed tries.
    static List<Death> all(Laboratory lab, Replica healthy) throws Exception {
        List<Death> deaths = new ArrayList<>();
        for (Deed deed : Deed.values()) {
            Set<String> questions = new LinkedHashSet<>(seen(lab, healthy, deed));
            questions.retainAll(seen(lab, healthy, deed));
            questions.remove("");
            for (String question : questions) {
                for (Boundary.Moment moment : Boundary.Moment.values()) {
                    deaths.add(new Death(deed, question, moment));
                }
            }
        }
        assertThat(deaths).as("the real writes of deliveries are among them").filteredOn(Death::atWrite).hasSizeGreaterThanOrEqualTo(9);
        return deaths;
    }

    private static List<String> seen(Laboratory lab, Replica healthy, Deed deed) throws Exception {
        Deed.Attempt attempt = deed.prepare(lab);
        deed.perform(lab, healthy, attempt, Optional.empty(), () -> {});
        List<String> seen = lab.boundary.seen();
        lab.converges("an unharmed " + deed);
        return seen;
    }

    /// `count` of them, again from the beginning when there are fewer: those at a real write first, one a moment, then
    /// cluster and database by turns, each in a random order.
    static List<Death> choose(List<Death> all, int count, SplittableRandom random) {
        List<Death> writes = shuffled(all.stream().filter(death -> death.atWrite() && death.deed() == Deed.DELIVER).toList(), random);
        List<Death> cluster = shuffled(all.stream().filter(death -> death.atCluster() && !writes.contains(death)).toList(), random);
        List<Death> database = shuffled(all.stream().filter(death -> !death.atCluster()).toList(), random);
        List<Death> once = new ArrayList<>(writes);
        for (int i = 0; i < Math.max(cluster.size(), database.size()); i++) {
            once.addAll(cluster.subList(Math.min(i, cluster.size()), Math.min(i + 1, cluster.size())));
            once.addAll(database.subList(Math.min(i, database.size()), Math.min(i + 1, database.size())));
        }
        List<Death> chosen = new ArrayList<>();
        while (chosen.size() < count) {
            chosen.addAll(once.subList(0, Math.min(once.size(), count - chosen.size())));
        }
        return chosen;
    }

    private static List<Death> shuffled(List<Death> deaths, SplittableRandom random) {
        List<Death> shuffled = new ArrayList<>(deaths);
        for (int i = shuffled.size() - 1; i > 0; i--) {
            shuffled.set(i, shuffled.set(random.nextInt(i + 1), shuffled.get(i)));
        }
        return shuffled;
    }
}
