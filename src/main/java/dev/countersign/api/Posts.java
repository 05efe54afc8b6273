package dev.countersign.api;

import dev.countersign.api.IdempotencyKeys.Key;
import dev.countersign.api.IdempotencyKeys.Taking;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/// Answers a POST once: with an `Idempotency-Key`, the same key and body are given the same answer, also at the same moment,
/// and also after the program died between the two. Refusals are kept like successes; accidents are not.
@Component
class Posts {
    /// Longer than looking at a cluster may take.
    private static final int ABANDONED_SECONDS = 120;

    private static final Set<Integer> NEVER_KEPT = Set.of(401, 403, 429);

    private final IdempotencyKeys keys;
    private final TransactionTemplate transaction;

    Posts(IdempotencyKeys keys, PlatformTransactionManager transactions) {
        this.keys = keys;
        this.transaction = new TransactionTemplate(transactions);
    }

    /// Work that joins our transaction: key, effect and answer are there together or not at all. A second request with the key
    /// waits for the first.
    ResponseEntity<byte[]> once(CurrentPerson me, HttpServletRequest request, byte[] body, Supplier<Answer> work) {
        Parameters.none(request);
        Optional<Key> key = key(me, request, body);
        return transact(() -> {
            Optional<Answer> before = key.flatMap(taken -> answered(keys.take(taken, Integer.MAX_VALUE)));
            return before.orElseGet(() -> {
                Answer answer = said(request, work);
                key.filter(taken -> kept(answer)).ifPresent(taken -> keys.keep(taken, answer));
                key.filter(taken -> !kept(answer)).ifPresent(keys::release);
                return answer;
            });
        }).entity();
    }

    /// Work that waits for a network and stores in transactions of its own. A second request with the key is told to come
    /// again. Where the program dies after the effect and before the answer was kept, the key is free again after two minutes
    /// and the work is done again: it has to refuse by itself what stands already.
    ResponseEntity<byte[]> onceOutside(CurrentPerson me, HttpServletRequest request, byte[] body, Supplier<Answer> work) {
        Parameters.none(request);
        Optional<Key> key = key(me, request, body);
        Optional<Answer> before = key.flatMap(taken -> transactOptional(() -> answered(keys.take(taken, ABANDONED_SECONDS))));
        if (before.isPresent()) {
            return before.get().entity();
        }
        boolean done = false;
        try {
            Answer answer = said(request, work);
            key.filter(taken -> kept(answer)).ifPresent(taken -> transaction.executeWithoutResult(status -> keys.keep(taken, answer)));
            done = kept(answer);
            return answer.entity();
        } finally {
            if (!done) {
                key.ifPresent(taken -> transaction.executeWithoutResult(status -> keys.release(taken)));
            }
        }
    }

    private static Optional<Answer> answered(Taking taking) {
        return switch (taking) {
            case Taking.Taken() -> Optional.empty();
            case Taking.Answered(Answer answer) -> Optional.of(answer);
            case Taking.OtherBody() -> throw new Problem.Refused(
                    "This Idempotency-Key came before with another body. Send the first body again, or a new key with this one.", List.of());
            case Taking.UnderWay() -> throw new Problem.Conflict(
                    "The request with this Idempotency-Key is still being worked on. Send it again in a few seconds, with the same key.");
        };
    }

    /// The answer, be it a refusal.
    private static Answer said(HttpServletRequest request, Supplier<Answer> work) {
        try {
            return work.get();
        } catch (Problem refusal) {
            if (refusal.status() >= 500) {
                throw refusal;
            }
            return Answer.of(refusal, request.getRequestURI());
        }
    }

    private static boolean kept(Answer answer) {
        return !NEVER_KEPT.contains(answer.status());
    }

    private Answer transact(Supplier<Answer> work) {
        return java.util.Objects.requireNonNull(transaction.execute(status -> work.get()));
    }

    private Optional<Answer> transactOptional(Supplier<Optional<Answer>> work) {
        return java.util.Objects.requireNonNull(transaction.execute(status -> work.get()));
    }

    private static Optional<Key> key(CurrentPerson me, HttpServletRequest request, byte[] body) {
        List<String> given = Collections.list(request.getHeaders("Idempotency-Key"));
        if (given.isEmpty()) {
            return Optional.empty();
        }
        if (given.size() > 1 || !given.getFirst().matches("[!-~]{1,255}")) {
            throw new Problem.Refused("An Idempotency-Key is one header of 1 to 255 visible ASCII characters, such as a UUID. Choose another key.", List.of());
        }
        return Optional.of(new Key(me.id(), "POST " + request.getRequestURI(), given.getFirst(), digest(request, body)));
    }

    private static byte[] digest(HttpServletRequest request, byte[] body) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(String.valueOf(request.getContentType()).getBytes(java.nio.charset.StandardCharsets.UTF_8));
            digest.update((byte) 0);
            return digest.digest(body);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
