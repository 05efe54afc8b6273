package dev.countersign.faults;

import dev.countersign.faults.Gate.Passage;
import dev.countersign.faults.Gate.Speaker;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/// The connections of one replica to its database: leads each exchange to the gate of the tenant in whose transaction it is. What
/// is said in no tenant's transaction (the directory of tenants is read) passes. The replica is one in reserve until it is called: it starts, answers, and its couriers
/// do not begin.
final class Switchboard {
    private static final String TENANT_IS_SET = "select set_config('app.tenant'";
    /// Said outside a transaction, and names its tenant.
    private static final String NEWS = "select pg_notify($1, payload)";
    private static final String COURIERS_BEGIN = "listen countersign_delivery";
    /// How `tenancy/Pools` opens the connections of what nobody waits for.
    private static final String BACKGROUND = "select set_config('lock_timeout', '#s', false)";

    private final List<Gate> gates;
    private final CountDownLatch called = new CountDownLatch(1);

    Switchboard(List<Gate> gates) {
        this.gates = gates;
    }

    /// Its couriers may begin.
    void call() {
        called.countDown();
    }

    /// For one connection.
    Line line() {
        return new Wire();
    }

    private final class Wire implements Line {
        private volatile boolean background;
        /// Of the transaction that is open: whose it is, who speaks, and what was asked last.
        private volatile Optional<Gate> owner = Optional.empty();
        private volatile Optional<Speaker> speaker = Optional.empty();
        private volatile String last = "";
        private volatile Optional<Passage> passage = Optional.empty();
        private final byte[] end = new byte[6];

        @Override
        public boolean asked(byte[] bytes, int length) throws InterruptedException {
            passage = Optional.empty();
            String question = Question.of(bytes, length);
            background |= question.startsWith(BACKGROUND);
            if (question.startsWith(COURIERS_BEGIN)) {
                called.await();
            }
            if (owner.isEmpty() && called.getCount() == 0 && (question.startsWith(TENANT_IS_SET) || question.startsWith(NEWS))) {
                owner = gates.stream().filter(gate -> gate.isNamedIn(bytes, length)).findFirst();
            }
            if (owner.isEmpty() || question.isEmpty() || background && question.startsWith(TENANT_IS_SET)) {
                // Who in the background begins a transaction, the next statement tells; nothing was done before it.
                return true;
            }
            speaker = speaker.or(() -> Optional.of(background ? inBackground(question, new String(bytes, 0, length, StandardCharsets.ISO_8859_1)) : Speaker.REQUEST));
            String step = question.equalsIgnoreCase("commit") ? "commit after " + last : question;
            last = question;
            passage = owner.get().ask(speaker.get(), step);
            return passage.isPresent();
        }

        /// By the first statement of the transaction: one thread ends the leases of the dead, claims what is due of repositories, then of
        /// clusters, and begins it.
        private static Speaker inBackground(String first, String whole) {
            if (first.startsWith("select size, digest from audit_tree")) {
                return Speaker.SEALER;
            }
            boolean begins = first.startsWith("with ours as (") && whole.contains("state = case when o.state");
            return begins || first.startsWith("select distinct claimed_by") || first.startsWith("with recursive taken as (") || first.contains("from delivery_repository r where r.tenant_id = $1 and r.wait_until") ? Speaker.CLAIMER : Speaker.COURIER;
        }

        @Override
        public boolean answered(byte[] bytes, int length, boolean first) throws InterruptedException {
            Optional<Passage> what = passage;
            if (isOver(bytes, length)) {
                owner = Optional.empty();
                speaker = Optional.empty();
                last = "";
            }
            return !first || what.isEmpty() || what.get().answered();
        }

        /// Whether the server is ready for another statement, outside a transaction: ReadyForQuery, idle.
        private boolean isOver(byte[] bytes, int length) {
            int kept = Math.max(0, end.length - length);
            System.arraycopy(end, end.length - kept, end, 0, kept);
            System.arraycopy(bytes, length - (end.length - kept), end, kept, end.length - kept);
            return end[0] == 'Z' && end[1] == 0 && end[2] == 0 && end[3] == 0 && end[4] == 5 && end[5] == 'I';
        }

        @Override
        public void delivered() {
            passage.ifPresent(Passage::delivered);
        }
    }
}
