package dev.countersign.faults;

import dev.countersign.tenancy.Tenant;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The traffic of one tenant between a replica on one side, its database and the tenant's cluster on the other. At the boundary that
/// it is set to it holds the exchange and whatever would follow from it, until it is opened: to the tenant the replica stands still at
/// that instant, while others come to theirs, and then all of them are struck at once.
final class Gate {
    /// Who of the replica speaks. Each has means of its own, which are taken while one of its exchanges is held.
    enum Speaker {
        /// What a client waits for: a connection of the pool for requests.
        REQUEST,
        /// The one who looks for what is due and claims it, of all tenants.
        CLAIMER,
        /// One of the few couriers who may be at the database at a time, or another in the background.
        COURIER,
        /// A courier at the cluster.
        AT_CLUSTER,
        /// The one who seals, of all tenants.
        SEALER
    }

    /// One exchange of a deed: the `turn`-th with that question by that speaker, from 1.
    record Step(Speaker speaker, String question, int turn) {
        @Override
        public String toString() {
            return speaker + " " + question + (turn > 1 ? " (" + turn + ")" : "");
        }
    }

    /// An exchange that went on; of an older setting of the gate it means nothing any more.
    final class Passage {
        private final long of = setting;
        private final Step step;

        private Passage(Step step) {
            this.step = step;
        }

        /// It is answered. False when the answer shall never arrive.
        boolean answered() throws InterruptedException {
            synchronized (Gate.this) {
                return of != setting || !holds(step, Boundary.Moment.ANSWER_LOST) || lost().isPresent();
            }
        }

        /// The answer arrived.
        void delivered() {
            synchronized (Gate.this) {
                if (of == setting) {
                    holds(step, Boundary.Moment.AFTER);
                }
            }
        }
    }

    private static final Death NOWHERE = new Death(Deed.SUBMIT, new Step(Speaker.REQUEST, "", 0), Boundary.Moment.BEFORE);

    private final List<byte[]> names;
    private long setting;
    private Death death = NOWHERE;
    private boolean held;
    private final Map<Step, Integer> turns = new HashMap<>();
    private final List<Step> seen = new ArrayList<>();

    Gate(Tenant tenant) {
        ByteBuffer id = ByteBuffer.allocate(16).putLong(tenant.id().value().getMostSignificantBits()).putLong(tenant.id().value().getLeastSignificantBits());
        names = List.of(parameter(id.array()), tenant.id().toString().getBytes(StandardCharsets.US_ASCII), parameter(tenant.slug().getBytes(StandardCharsets.US_ASCII)));
    }

    /// As a Bind message holds it: the length goes before it.
    private static byte[] parameter(byte[] value) {
        return ByteBuffer.allocate(4 + value.length).putInt(value.length).put(value).array();
    }

    /// Whether the packet names the tenant, by its identifier (as text or as sixteen bytes) or its short name.
    boolean isNamedIn(byte[] packet, int length) {
        return names.stream().anyMatch(name -> contains(packet, length, name));
    }

    private static boolean contains(byte[] packet, int length, byte[] wanted) {
        for (int start = 0; start <= length - wanted.length; start++) {
            int same = 0;
            while (same < wanted.length && packet[start + same] == wanted[same]) {
                same++;
            }
            if (same == wanted.length) {
                return true;
            }
        }
        return false;
    }

    /// From now on counts anew and holds what comes to that boundary.
    synchronized void set(Death at) {
        setting++;
        death = at;
        held = false;
        turns.clear();
        seen.clear();
        notifyAll();
    }

    /// Holds nothing from now on, only counts. What was held is lost.
    void open() {
        set(NOWHERE);
    }

    /// Waits for an exchange to be held; false when none was in that time.
    synchronized boolean awaitHeld(Duration patience) throws InterruptedException {
        for (long end = System.nanoTime() + patience.toNanos(); !held; ) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return false;
            }
            wait(left);
        }
        return true;
    }

    synchronized boolean held() {
        return held;
    }

    /// What passed since it was set or opened, in its order.
    synchronized List<Step> seen() {
        return List.copyOf(seen);
    }

    /// Something is asked. Nothing when it shall never arrive.
    synchronized Optional<Passage> ask(Speaker speaker, String question) throws InterruptedException {
        if (held && follows(speaker)) {
            return lost();
        }
        Step step = new Step(speaker, question, turns.merge(new Step(speaker, question, 0), 1, Integer::sum));
        seen.add(step);
        if (holds(step, Boundary.Moment.BEFORE)) {
            return lost();
        }
        return Optional.of(new Passage(step));
    }

    private boolean holds(Step step, Boundary.Moment moment) {
        if (held || death.moment() != moment || !death.step().equals(step)) {
            return false;
        }
        held = true;
        notifyAll();
        return true;
    }

    private Optional<Passage> lost() throws InterruptedException {
        long mine = setting;
        while (setting == mine) {
            wait();
        }
        return Optional.empty();
    }

    /// Whether what this one asks may follow from what is held. Who works for all tenants is let go on with this one, unless it is
    /// that one who is held, or nobody else is waited for any more.
    private boolean follows(Speaker speaker) {
        return switch (death.step().speaker()) {
            case REQUEST -> true;
            case CLAIMER -> speaker != Speaker.SEALER;
            case COURIER, AT_CLUSTER -> speaker != Speaker.SEALER && speaker != Speaker.CLAIMER;
            case SEALER -> speaker == Speaker.SEALER;
        };
    }

    /// For a connection to the tenant's cluster. The lists and watches of the catalog pass uncounted.
    Line toCluster() {
        return new Line() {
            private volatile Optional<Passage> passage = Optional.empty();

            @Override
            public boolean asked(byte[] bytes, int length) throws InterruptedException {
                String question = Question.of(bytes, length);
                if (question.isEmpty() || question.matches("GET \\S+\\?.*(watch|limit|resourceVersion).*")) {
                    passage = Optional.empty();
                    return true;
                }
                passage = ask(Speaker.AT_CLUSTER, question);
                return passage.isPresent();
            }

            @Override
            public boolean answered(byte[] bytes, int length, boolean first) throws InterruptedException {
                return !first || passage.isEmpty() || passage.get().answered();
            }

            @Override
            public void delivered() {
                passage.ifPresent(Passage::delivered);
            }
        };
    }
}
