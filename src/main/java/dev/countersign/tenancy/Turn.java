package dev.countersign.tenancy;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One piece of work at the database, with its lane; work without one is background. All its waits for its tenant's share together
/// last no longer than one may. It is over once a connection was not to be had: nobody waits a second time, and the page that
/// says so asks for nothing more.
public final class Turn {
    private static final ScopedValue<Turn> BOUND = ScopedValue.newInstance();

    private final Lane lane;
    private volatile Duration waited = Duration.ZERO;
    private volatile boolean over;
    private volatile @Nullable Object kept;

    public Turn(Lane lane) {
        this.lane = lane;
    }

    public <T, X extends Throwable> T call(ScopedValue.CallableOp<T, X> work) throws X {
        return ScopedValue.where(BOUND, this).call(work);
    }

    public static Turn current() {
        return BOUND.isBound() ? BOUND.get() : new Turn(Lane.BACKGROUND);
    }

    Lane lane() {
        return lane;
    }

    public void end() {
        over = true;
    }

    public boolean isOver() {
        return over;
    }

    /// What this piece of work has just written and would read again; null for nothing any more.
    public void keep(@Nullable Object written) {
        kept = written;
    }

    public @Nullable Object kept() {
        return kept;
    }

    /// What is left of this patience.
    Duration left(Duration patience) {
        return over ? Duration.ZERO : patience.minus(waited);
    }

    void waited(Duration more) {
        waited = waited.plus(more);
    }
}
