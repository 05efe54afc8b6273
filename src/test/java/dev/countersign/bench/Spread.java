package dev.countersign.bench;

import java.util.Arrays;
import java.util.Locale;

/// Measured values of one kind, in the order of their size.
public final class Spread {
    private final double[] sorted;

    public Spread(double[] values) {
        sorted = values.clone();
        Arrays.sort(sorted);
    }

    public double at(double share) {
        return sorted[Math.min(sorted.length - 1, (int) Math.ceil(share * sorted.length) - 1 < 0 ? 0 : (int) Math.ceil(share * sorted.length) - 1)];
    }

    public double median() {
        return at(0.5);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "p50 %.2f  p90 %.2f  p99 %.2f  max %.2f  (%d)", at(0.5), at(0.9), at(0.99), at(1), sorted.length);
    }
}
