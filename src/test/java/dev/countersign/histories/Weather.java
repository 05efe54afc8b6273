package dev.countersign.histories;

import java.util.EnumMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/// Which faults a history has, how often, and until when. A history has about half of the kinds, so that each is also seen without
/// the others.
final class Weather {
    private final RandomGenerator chance;
    private final Map<Fault, Double> rates = new EnumMap<>(Fault.class);
    private final Map<Fault, Integer> counted = new EnumMap<>(Fault.class);
    private final double[] rate = new double[Fault.values().length];
    private boolean over;

    Weather(Plot plot, RandomGenerator chance) {
        this.chance = chance;
        for (Fault fault : Fault.values()) {
            double drawn = chance.nextDouble();
            double often = 0.01 + 0.2 * chance.nextDouble() * chance.nextDouble();
            if (drawn < 0.45 && !plot.without().contains(fault)) {
                rates.put(fault, often);
                rate[fault.ordinal()] = often;
            }
        }
    }

    /// Whether the kind belongs to this history.
    boolean has(Fault fault) {
        return rate[fault.ordinal()] > 0;
    }

    /// Whether it happens now.
    boolean strikes(Fault fault) {
        double often = rate[fault.ordinal()];
        if (over || often == 0 || chance.nextDouble() >= often) {
            return false;
        }
        count(fault);
        return true;
    }

    void count(Fault fault) {
        counted.merge(fault, 1, Integer::sum);
    }

    void end() {
        over = true;
    }

    boolean isOver() {
        return over;
    }

    Map<Fault, Integer> counted() {
        return counted;
    }
}
