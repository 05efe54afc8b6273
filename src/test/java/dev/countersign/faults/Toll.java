package dev.countersign.faults;

import dev.countersign.faults.Gate.Speaker;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What was struck: how often, where, and in what time.
final class Toll {
    private final String word;
    private final Set<Death> where = new HashSet<>();
    private final Map<Speaker, Integer> whose = new TreeMap<>();
    private final Map<Boundary.Moment, Integer> when = new TreeMap<>();
    private int of;
    private int blows;
    private int struck;
    private int writes;
    private int missed;
    private long began;

    /// `word`: what one is called.
    Toll(String word) {
        this.word = word;
    }

    /// There are so many boundaries; the time counts from the first such call.
    void begins(int boundaries) {
        of = boundaries;
        began = began == 0 ? System.nanoTime() : began;
    }

    void add(List<Death> planned, List<Death> met) {
        blows++;
        struck += met.size();
        missed += planned.size() - met.size();
        where.addAll(met);
        met.forEach(death -> {
            whose.merge(death.step().speaker(), 1, Integer::sum);
            when.merge(death.moment(), 1, Integer::sum);
            writes += death.atWrite() ? 1 : 0;
        });
    }

    int blows() {
        return blows;
    }

    int struck() {
        return struck;
    }

    int writes() {
        return writes;
    }

    /// Whose exchanges were struck.
    Set<Speaker> whose() {
        return whose.keySet();
    }

    int missed() {
        return missed;
    }

    @Override
    public String toString() {
        return "%d %ss at %d of %d boundaries %s %s, %d of them at a write to the cluster, %d deeds that never came to their boundary, 0 violations, %.2f s a %s"
                .formatted(struck, word, where.size(), of, whose, when, writes, missed, (System.nanoTime() - began) / 1e9 / Math.max(1, struck), word);
    }
}
