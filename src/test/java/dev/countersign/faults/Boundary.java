package dev.countersign.faults;

import java.util.Optional;

/// Counts the exchanges (one question of a replica and its answer) of all proxies that share it, and strikes at the one that
/// it is set to. Boundaries are found by the traffic itself: whatever the replica says to its database or to a cluster.
final class Boundary {
    /// Where in the exchange to strike.
    enum Moment {
        /// The question never arrives.
        BEFORE,
        /// The question arrives and is answered; the replica never reads the answer.
        ANSWER_LOST,
        /// The answer arrives as well.
        AFTER
    }

    /// What happened: the number of the exchange, the moment, and the beginning of the question as text.
    record Struck(int exchange, Moment moment, String question) {}

    private int passed;
    private int target = -1;
    private Moment moment = Moment.BEFORE;
    private Runnable strike = () -> {};
    private Optional<Struck> struck = Optional.empty();

    /// From now on counting from 1: strikes at exchange number `exchange`.
    synchronized void arm(int exchange, Moment at, Runnable what) {
        passed = 0;
        target = exchange;
        moment = at;
        strike = what;
        struck = Optional.empty();
    }

    synchronized void disarm() {
        target = -1;
    }

    synchronized Optional<Struck> struck() {
        return struck;
    }

    /// How many exchanges began since it was armed.
    synchronized int passed() {
        return passed;
    }

    /// A question is about to be sent on; answers its number.
    synchronized int begin(String question) {
        passed++;
        hit(passed, Moment.BEFORE, question);
        return passed;
    }

    synchronized void answered(int exchange, String question) {
        hit(exchange, Moment.ANSWER_LOST, question);
    }

    synchronized void delivered(int exchange, String question) {
        hit(exchange, Moment.AFTER, question);
    }

    private void hit(int exchange, Moment at, String question) {
        if (exchange == target && at == moment && struck.isEmpty()) {
            strike.run();
            struck = Optional.of(new Struck(exchange, at, question));
        }
    }
}
