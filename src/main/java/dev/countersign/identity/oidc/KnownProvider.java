package dev.countersign.identity.oidc;

import com.nimbusds.jose.jwk.JWKSet;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// What one replica knows of one provider, and for how long: its discovery document and its keys for ten minutes each. Nothing older
/// counts, whether it can be fetched anew or not. One asks at a time, the others wait for the answer; after a failure nobody asks
/// for five seconds.
final class KnownProvider {
    static final Duration AGE = Duration.ofMinutes(10);
    static final Duration PAUSE = Duration.ofSeconds(5);
    /// Of times that an unknown key makes us ask anew, within a minute.
    static final int MOST_REFRESHES = 3;
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();
    private static final int MOST_VISITS = 16;

    private final String issuer;
    private final ProviderHttp http;
    private final LongSupplier nanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Semaphore visits = new Semaphore(MOST_VISITS);
    private final Deque<Long> refreshes = new ArrayDeque<>();
    private volatile @Nullable Aged<Discovery> discovery;
    private volatile @Nullable Aged<JWKSet> keys;
    private volatile @Nullable Aged<ProviderTrouble> failure;

    private record Aged<T>(T value, long since) {}

    KnownProvider(String issuer, ProviderHttp http, LongSupplier nanos) {
        this.issuer = issuer;
        this.http = http;
        this.nanos = nanos;
    }

    @FunctionalInterface
    interface Visit<T> {
        T make() throws ProviderTrouble;
    }

    /// At most sixteen visits at a time: a provider that hangs holds no more requests than that.
    <T> T visit(Visit<T> visit) throws ProviderTrouble {
        if (!visits.tryAcquire()) {
            throw ProviderTrouble.away("is being asked by many at once and does not keep up");
        }
        try {
            return visit.make();
        } finally {
            visits.release();
        }
    }

    Discovery discovery(ProviderHttp.Deadline deadline) throws ProviderTrouble {
        Discovery known = fresh(discovery, AGE);
        return known != null ? known : alone(deadline, () -> {
            Discovery meanwhile = fresh(discovery, AGE);
            if (meanwhile != null) {
                return meanwhile;
            }
            Discovery found = Discovery.parse(issuer, http.get(Discovery.address(issuer), deadline));
            discovery = new Aged<>(found, nanos.getAsLong());
            return found;
        });
    }

    JWKSet keys(ProviderHttp.Deadline deadline) throws ProviderTrouble {
        JWKSet known = fresh(keys, AGE);
        return known != null ? known : alone(deadline, () -> {
            JWKSet meanwhile = fresh(keys, AGE);
            return meanwhile != null ? meanwhile : fetchKeys(deadline);
        });
    }

    /// The keys as they are now, for a token whose key is not among `known`; these same where they were asked for too often.
    JWKSet keysInsteadOf(JWKSet known, ProviderHttp.Deadline deadline) throws ProviderTrouble {
        return alone(deadline, () -> {
            JWKSet present = fresh(keys, AGE);
            if (present != null && present != known) {
                return present;
            }
            long now = nanos.getAsLong();
            while (!refreshes.isEmpty() && now - refreshes.peekFirst() > MINUTE) {
                refreshes.removeFirst();
            }
            if (refreshes.size() >= MOST_REFRESHES) {
                return known;
            }
            refreshes.addLast(now);
            return fetchKeys(deadline);
        });
    }

    private JWKSet fetchKeys(ProviderHttp.Deadline deadline) throws ProviderTrouble {
        JWKSet found = ProviderKeys.parse(http.get(discovery(deadline).keys(), deadline));
        keys = new Aged<>(found, nanos.getAsLong());
        return found;
    }

    private <T> T alone(ProviderHttp.Deadline deadline, Visit<T> visit) throws ProviderTrouble {
        Duration most = deadline.atMost(ProviderHttp.ANSWER);
        try {
            if (!lock.tryLock(most.toNanos(), TimeUnit.NANOSECONDS)) {
                throw ProviderTrouble.away("gave no answer to those who asked before");
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw ProviderTrouble.away("was not waited for: the portal is stopping");
        }
        try {
            ProviderTrouble recent = fresh(failure, PAUSE);
            if (recent != null) {
                throw recent;
            }
            return visit.make();
        } catch (ProviderTrouble trouble) {
            if (fresh(failure, PAUSE) == null) {
                failure = new Aged<>(trouble, nanos.getAsLong());
            }
            throw trouble;
        } finally {
            lock.unlock();
        }
    }

    private <T> @Nullable T fresh(@Nullable Aged<T> known, Duration age) {
        return known != null && nanos.getAsLong() - known.since() < age.toNanos() ? known.value() : null;
    }
}
