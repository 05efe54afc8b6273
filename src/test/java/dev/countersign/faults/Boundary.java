package dev.countersign.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Counts the exchanges (one question of a replica and its answer) of all proxies that share it, and strikes at the one that
/// it is set to, by its number or by what is asked. Boundaries are found by the traffic itself: whatever the replica says to
/// its database or to a cluster.
final class Boundary {
    /// Where in the exchange to strike.
    enum Moment {
        /// The question never arrives.
        BEFORE,
        /// The question arrives and is answered; the replica is struck before it is given the answer.
        ANSWER_LOST,
        /// The answer arrives as well.
        AFTER
    }

    /// What happened: the number of the exchange, the moment, and the question as text.
    record Struck(int exchange, Moment moment, String question) {}

    /// Which exchange.
    private interface Target {
        boolean is(int exchange, String question);
    }

    private static final Target NONE = (exchange, question) -> false;

    private int passed;
    private Target target = NONE;
    private Moment moment = Moment.BEFORE;
    private Runnable strike = () -> {};
    /// The exchange that was chosen: the first that the target meets.
    private int chosen;
    private Optional<Struck> struck = Optional.empty();
    private final List<String> seen = new ArrayList<>();

    /// From now on counting from 1: strikes at exchange number `exchange`.
    synchronized void arm(int exchange, Moment at, Runnable what) {
        arm((number, question) -> number == exchange, at, what);
    }

    /// Strikes at the first question from now on that meets `wanted`.
    synchronized void arm(Predicate<String> wanted, Moment at, Runnable what) {
        arm((number, question) -> wanted.test(question), at, what);
    }

    private void arm(Target next, Moment at, Runnable what) {
        passed = 0;
        chosen = 0;
        seen.clear();
        target = next;
        moment = at;
        strike = what;
        struck = Optional.empty();
    }

    /// Only counts and remembers from now on.
    synchronized void watch() {
        arm(NONE, Moment.BEFORE, () -> {});
    }

    synchronized void disarm() {
        target = NONE;
        chosen = 0;
    }

    synchronized Optional<Struck> struck() {
        return struck;
    }

    /// The questions since it was armed, in their order.
    synchronized List<String> seen() {
        return List.copyOf(seen);
    }

    /// For one connection of a proxy.
    Line line() {
        return new Line() {
            private volatile int exchange;
            private volatile String question = "";

            @Override
            public boolean asked(byte[] bytes, int length) {
                question = Question.of(bytes, length);
                Optional<Integer> number = begin(question);
                number.ifPresent(begun -> exchange = begun);
                return number.isPresent();
            }

            @Override
            public boolean answered(byte[] bytes, int length, boolean first) {
                if (first) {
                    Boundary.this.hit(exchange, Moment.ANSWER_LOST, question);
                }
                return true;
            }

            @Override
            public void delivered() {
                Boundary.this.hit(exchange, Moment.AFTER, question);
            }
        };
    }

    /// A question wants to be sent on; answers its number, or nothing when it shall never arrive.
    private synchronized Optional<Integer> begin(String question) {
        passed++;
        seen.add(question);
        if (chosen == 0 && struck.isEmpty() && target.is(passed, question)) {
            chosen = passed;
        }
        return hit(passed, Moment.BEFORE, question) ? Optional.empty() : Optional.of(passed);
    }

    private synchronized boolean hit(int exchange, Moment at, String question) {
        if (exchange != chosen || at != moment || struck.isPresent()) {
            return false;
        }
        strike.run();
        struck = Optional.of(new Struck(exchange, at, question));
        return true;
    }
}
