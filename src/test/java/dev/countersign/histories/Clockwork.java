package dev.countersign.histories;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Simulated time and what happens in it, one step after another. Steps of one moment go in the order in which they were set.
final class Clockwork {
    private record Step(long at, long number, Runnable what) implements Comparable<Step> {
        @Override
        public int compareTo(Step other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(number, other.number);
        }
    }

    private final PriorityQueue<Step> steps = new PriorityQueue<>();
    private final List<String> tale = new ArrayList<>();
    private final boolean told;
    private long numbers;
    private long now;
    private int taken;
    private long digest = 0xcbf29ce484222325L;

    Clockwork(boolean told) {
        this.told = told;
    }

    /// Milliseconds since the beginning.
    long now() {
        return now;
    }

    int taken() {
        return taken;
    }

    /// Of everything that was noted, in its order.
    long digest() {
        return digest;
    }

    List<String> tale() {
        return tale;
    }

    void in(long millis, Runnable what) {
        steps.add(new Step(now + Math.max(0, millis), numbers++, what));
    }

    boolean step() {
        Step next = steps.poll();
        if (next == null) {
            return false;
        }
        now = next.at();
        taken++;
        next.what().run();
        return true;
    }

    /// Who did what about which things; the words of `about` are joined only where the tale is told.
    void note(String who, String what, Object... about) {
        long mixed = (digest * 31 + now) * 31 + who.hashCode();
        mixed = mixed * 31 + what.hashCode();
        for (Object one : about) {
            mixed = mixed * 31 + one.hashCode();
        }
        digest = mixed * 0x100000001b3L;
        if (told) {
            tale.add("%8.3f s  %-10s %s %s".formatted(now / 1000.0, who, what, Stream.of(about).map(Object::toString).collect(Collectors.joining(" "))));
        }
    }
}
