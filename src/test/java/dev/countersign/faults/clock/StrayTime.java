package dev.countersign.faults.clock;

/// What the classes of a replica ask in place of the machine's clocks. Loaded by the boot loader, so that the JDK's own
/// classes find it too.
public final class StrayTime {
    /// Added to the wall clock (ms) and to the monotonic one (ns); `ppm`: how many millionths faster than they should the two run,
    /// from the machine's `nanoTime` `since` on.
    private static final class Shift {
        private final long wallMillis;
        private final long nanos;
        private final long ppm;
        private final long since;

        private Shift(long wallMillis, long nanos, long ppm, long since) {
            this.wallMillis = wallMillis;
            this.nanos = nanos;
            this.ppm = ppm;
            this.since = since;
        }

        private long driftNanos() {
            return ppm == 0 ? 0 : (System.nanoTime() - since) / 1_000 * ppm / 1_000;
        }
    }

    private static volatile Shift shift = new Shift(0, 0, 0, 0);

    private StrayTime() {}

    static void stray(long wallMillis, long nanos, long ppm) {
        shift = new Shift(wallMillis, nanos, ppm, System.nanoTime());
    }

    /// In place of `System.currentTimeMillis`.
    public static long currentTimeMillis() {
        Shift now = shift;
        return System.currentTimeMillis() + now.wallMillis + now.driftNanos() / 1_000_000;
    }

    /// In place of `System.nanoTime`.
    public static long nanoTime() {
        Shift now = shift;
        return System.nanoTime() + now.nanos + now.driftNanos();
    }

    /// In place of the JDK's `VM.getNanoTimeAdjustment`, from which `java.time` makes every instant: the nanoseconds from
    /// `seconds` of the epoch until now, or -1 where they are too many. In whole milliseconds.
    public static long getNanoTimeAdjustment(long seconds) {
        long millis = currentTimeMillis() - seconds * 1000;
        return Math.abs(millis) > 4_000_000_000_000L ? -1 : millis * 1_000_000;
    }
}
