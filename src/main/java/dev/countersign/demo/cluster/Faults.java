package dev.countersign.demo.cluster;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/// Misbehaviour on demand. `faults.on("patch", "authorizationpolicies").times(2).answer(503)` arms one fault; the first
/// armed fault that matches a request takes it. `*` matches every verb or resource. A fault ends when its count is used
/// up, when it is closed, or with `clear`; what it holds it holds until closed or cleared.
public final class Faults {
    /// What happens to a request that a fault takes.
    sealed interface Effect {
        /// The work is done after a pause.
        record Delay(Duration pause) implements Effect {}

        /// Nothing is done; this is the answer. A `retryAfter` of zero sends no such header.
        record Answer(int status, String message, Duration retryAfter) implements Effect {}

        /// Nothing is done; the connection is cut.
        record Cut() implements Effect {}

        /// The work is done; the connection is cut instead of answering.
        record LoseReply() implements Effect {}

        /// The work is done; half of the answer's body is sent, then the connection is cut.
        record HalfReply() implements Effect {}

        /// The work is done; the answer comes this many bytes at a time, one piece a second.
        record Trickle(int bytesPerSecond) implements Effect {}

        /// Nothing is done, nothing is said, until the fault is closed; then the request goes on.
        record HoldRequest() implements Effect {}

        /// The work is done; the answer comes when the fault is closed.
        record HoldReply() implements Effect {}

        /// Reads are answered from how things were when the fault was armed.
        record Stale(Map<ApiKind, ObjectStore.Listing> then) implements Effect {}

        /// Something changes what is written before it is stored, as a mutating webhook may.
        record Mutate(UnaryOperator<Map<String, Object>> change) implements Effect {}

        /// A watch ends without a word after this many events.
        record DropWatch(int afterEvents) implements Effect {}

        /// A watch delivers each event twice.
        record RepeatEvents() implements Effect {}

        /// A watch keeps every other event back until it has delivered the one after it.
        record SwapEvents() implements Effect {}

        /// A watch delivers no change, only bookmarks.
        record OnlyBookmarks() implements Effect {}

        /// A watch is told that its version is too old.
        record ExpireWatch() implements Effect {}
    }

    /// A fault in force. Closing it disarms it and lets go of whatever it holds.
    public static final class Armed implements AutoCloseable {
        private final Where where;
        private final Effect effect;
        private final AtomicInteger left;
        private final AtomicInteger hits = new AtomicInteger();
        private final CountDownLatch released = new CountDownLatch(1);
        private final CopyOnWriteArrayList<Armed> home;

        private Armed(Where where, Effect effect, CopyOnWriteArrayList<Armed> home) {
            this.where = where;
            this.effect = effect;
            this.left = new AtomicInteger(where.times);
            this.home = home;
        }

        /// How many requests it has taken.
        public int hits() {
            return hits.get();
        }

        @Override
        public void close() {
            home.remove(this);
            released.countDown();
        }

        Effect effect() {
            return effect;
        }

        void awaitRelease() throws InterruptedException {
            released.await();
        }

        private boolean takes(Target target) {
            if (!where.matches(target)) {
                return false;
            }
            if (left.getAndUpdate(n -> Math.max(0, n - 1)) <= 0) {
                return false;
            }
            hits.incrementAndGet();
            return true;
        }
    }

    /// Which requests, and how many of them.
    public final class Where {
        private final String verb;
        private final String resource;
        private String namespace = "*";
        private String name = "*";
        private int times = Integer.MAX_VALUE;

        private Where(String verb, String resource) {
            this.verb = verb;
            this.resource = resource;
        }

        public Where in(String namespace) {
            this.namespace = namespace;
            return this;
        }

        public Where named(String name) {
            this.name = name;
            return this;
        }

        public Where times(int times) {
            this.times = times;
            return this;
        }

        public Armed delay(Duration pause) {
            return arm(new Effect.Delay(pause));
        }

        public Armed answer(int status) {
            return arm(new Effect.Answer(status, "", Duration.ZERO));
        }

        public Armed answer(int status, String message) {
            return arm(new Effect.Answer(status, message, Duration.ZERO));
        }

        /// @param retryAfter sent as a header in whole seconds
        public Armed answer(int status, Duration retryAfter) {
            return arm(new Effect.Answer(status, "", retryAfter));
        }

        public Armed cut() {
            return arm(new Effect.Cut());
        }

        public Armed loseReply() {
            return arm(new Effect.LoseReply());
        }

        public Armed halfReply() {
            return arm(new Effect.HalfReply());
        }

        public Armed trickle(int bytesPerSecond) {
            return arm(new Effect.Trickle(bytesPerSecond));
        }

        public Armed holdRequest() {
            return arm(new Effect.HoldRequest());
        }

        public Armed holdReply() {
            return arm(new Effect.HoldReply());
        }

        public Armed stale() {
            return arm(new Effect.Stale(store.everything()));
        }

        public Armed mutate(UnaryOperator<Map<String, Object>> change) {
            return arm(new Effect.Mutate(change));
        }

        public Armed dropWatch(int afterEvents) {
            return arm(new Effect.DropWatch(afterEvents));
        }

        public Armed repeatEvents() {
            return arm(new Effect.RepeatEvents());
        }

        public Armed swapEvents() {
            return arm(new Effect.SwapEvents());
        }

        public Armed onlyBookmarks() {
            return arm(new Effect.OnlyBookmarks());
        }

        public Armed expireWatch() {
            return arm(new Effect.ExpireWatch());
        }

        private Armed arm(Effect effect) {
            var armed = new Armed(this, effect, all);
            all.add(armed);
            return armed;
        }

        private boolean matches(Target target) {
            return fits(verb, target.verb())
                    && (fits(resource, target.kind().plural())
                            || resource.equals(target.kind().groupResource()))
                    && fits(namespace, target.namespace())
                    && fits(name, target.name());
        }

        private static boolean fits(String wanted, String is) {
            return wanted.equals("*") || wanted.equals(is);
        }
    }

    private final ObjectStore store;
    private final CopyOnWriteArrayList<Armed> all = new CopyOnWriteArrayList<>();

    Faults(ObjectStore store) {
        this.store = store;
    }

    /// @param verb as access rules name it: get, list, watch, create, update, patch, delete, deletecollection, or `*`
    /// @param resource the plural, with or without its group, or `*`
    public Where on(String verb, String resource) {
        return new Where(verb, resource);
    }

    /// Disarms everything and lets go of what is held.
    public void clear() {
        List.copyOf(all).forEach(Armed::close);
    }

    Optional<Armed> take(Target target) {
        return all.stream().filter(armed -> armed.takes(target)).findFirst();
    }
}
