package dev.countersign.delivery;

import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.TenantId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One question that many couriers of a tenant have for the database: whoever asks while another is at it asks together with the
/// others who wait, in one transaction. One alone does not wait. At most one turn (`Turns`) of a tenant at a time.
///
/// Where a transaction fails, or has no answer for one of them, that one asks again alone: nobody who makes it fail, or would have to wait in
/// it, keeps the others from theirs.
final class Together<Q, A> {
    private static final Logger LOG = LoggerFactory.getLogger(Together.class);
    /// Of one transaction.
    static final int MOST = 32;

    private final Turns turns;
    private final Function<List<Q>, List<Optional<A>>> work;
    private final Function<Q, A> alone;
    private final Map<TenantId, Queue<Q, A>> queues = new ConcurrentHashMap<>();

    private static final class Queue<Q, A> {
        final ConcurrentLinkedQueue<Asked<Q, A>> waiting = new ConcurrentLinkedQueue<>();
        final ReentrantLock lock = new ReentrantLock(true);
    }

    private static final class Asked<Q, A> {
        final Q question;
        volatile Optional<A> answer = Optional.empty();
        volatile boolean alone;

        Asked(Q question) {
            this.question = question;
        }
    }

    /// `work` and `alone`: in a transaction of its own, within the tenant; the answers in the order of the questions.
    Together(Turns turns, Function<List<Q>, List<Optional<A>>> work, Function<Q, A> alone) {
        this.turns = turns;
        this.work = work;
        this.alone = alone;
    }

    /// For the current tenant.
    A ask(Q question) {
        Queue<Q, A> queue = queues.computeIfAbsent(CurrentTenant.require(), id -> new Queue<>());
        Asked<Q, A> mine = new Asked<>(question);
        queue.waiting.add(mine);
        turns.whileWaiting(queue.lock::lock);
        try {
            while (mine.answer.isEmpty() && !mine.alone) {
                turns.take(() -> {
                    answer(queue);
                    return true;
                });
            }
        } finally {
            queue.lock.unlock();
        }
        return mine.answer.orElseGet(() -> turns.take(() -> alone.apply(question)));
    }

    private void answer(Queue<Q, A> queue) {
        List<Asked<Q, A>> batch = new ArrayList<>();
        while (batch.size() < MOST && queue.waiting.peek() instanceof Asked<Q, A> next) {
            queue.waiting.remove();
            batch.add(next);
        }
        try {
            if (batch.size() == 1) {
                return;
            }
            List<Optional<A>> answers = work.apply(batch.stream().map(asked -> asked.question).toList());
            for (int i = 0; i < batch.size(); i++) {
                batch.get(i).answer = answers.get(i);
            }
        } catch (RuntimeException failed) {
            LOG.atDebug().setCause(failed).log("Asked together in vain; each asks alone");
        } finally {
            batch.stream().filter(asked -> asked.answer.isEmpty()).forEach(asked -> asked.alone = true);
        }
    }
}
