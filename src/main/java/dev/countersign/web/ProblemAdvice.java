package dev.countersign.web;

import dev.countersign.tenancy.TenantBusy;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.ServletRequestBindingException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;

/// Turns whatever a controller throws into an answer. A `Problem` speaks for itself, Spring's refusals keep their status, and
/// everything else is an accident: logged with a reference, answered with the reference and nothing else.
@ControllerAdvice
@Order(Ordered.LOWEST_PRECEDENCE)
class ProblemAdvice {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemAdvice.class);
    private static final SecureRandom RANDOM = new SecureRandom();

    /// What an operator has to mend: read only, or a table that takes nothing (without an entry of the record nothing is done).
    private static final List<String> MENDED_BY_HAND = List.of("25006", "42501");

    /// Waiting for a lock took too long: nobody was quicker, nobody may know yet who will be.
    private static final String NOT_TO_BE_HAD = "55P03";

    /// SQLSTATEs and classes of them: the connection was ended, which shows at the rollback too; a transaction that took too long, rolled back for
    /// another's sake, out of resources, lock not available, cancelled or shutting down.
    private static final List<String> PASSING = List.of("08", "25P04", "40", "53", NOT_TO_BE_HAD, "57");

    private static final Duration SOON = Duration.ofSeconds(3);

    @ExceptionHandler
    @Nullable Object answer(Exception thrown, HttpServletRequest request, HttpServletResponse response) throws Exception {
        // Spring Security's own filter answers these: to sign in, or to be told that it is not allowed.
        if (thrown instanceof AuthenticationException || thrown instanceof AccessDeniedException) throw thrown;
        // A stream that had begun cannot become a page; the client has gone or sees it break off.
        if (response.isCommitted()) return null;

        Problem problem = problem(thrown);
        warn(problem, thrown, request);
        // RFC 9110: 405 says which methods would do (Allow), 415 which types (Accept).
        if (thrown instanceof ErrorResponse refused) refused.getHeaders().forEach((name, values) -> values.forEach(value -> response.addHeader(name, value)));
        String reference = problem.status() == ProblemCode.BROKEN.status() ? log(thrown, request) : null;
        return ProblemAnswers.answer(problem, reference, request.getRequestURI(), request, response);
    }

    /// One line of what did not answer, or had nothing free. The words of the database may hold what a person sent; its state does not.
    static void warn(Problem problem, Throwable thrown, HttpServletRequest request) {
        if (problem instanceof Problem.Unavailable) {
            String state = state(thrown).orElse("");
            if (!state.isEmpty() || isTurnedAway(thrown)) {
                (MENDED_BY_HAND.contains(state) ? LOG.atError() : LOG.atWarn()).addKeyValue("sqlState", state).addKeyValue("method", request.getMethod())
                        .log(state.isEmpty() ? "No connection was free for a request" : "The database refused for now");
            }
        }
    }

    private static boolean isTurnedAway(Throwable thrown) {
        return thrown instanceof TenantBusy || allTaken(thrown);
    }

    static Problem problem(Throwable thrown) {
        return switch (thrown) {
            case Problem problem -> problem;
            case HttpMessageNotReadableException unreadable when tooLong(unreadable) -> plain(413);
            case HttpMessageNotReadableException unreadable ->
                new Problem.Unreadable("The body is not readable as what this address takes. Check it against the documentation.");
            // An id that is no id names nothing.
            case MethodArgumentTypeMismatchException mismatch -> plain(404);
            case ServletRequestBindingException missing -> plain(400);
            case InvalidParameterException refused -> plain(refused.getErrorCode());
            // Spring Security's firewall looks at a header when somebody reads it, and that may be a controller.
            case RequestRejectedException refused -> plain(400);
            case ErrorResponse refused -> plain(refused.getStatusCode().value());
            case OptimisticLockingFailureException overtaken -> plain(409);
            // Two made the same thing at the same moment, and the other was first.
            case DuplicateKeyException overtaken -> plain(409);
            case PessimisticLockingFailureException late when state(late).filter(NOT_TO_BE_HAD::equals).isPresent() -> databaseBusy();
            case PessimisticLockingFailureException overtaken -> plain(409);
            case TenantBusy busy -> tenantBusy();
            case DataAccessResourceFailureException gone -> allTaken(gone) ? portalBusy() : databaseGone();
            case CannotCreateTransactionException gone -> allTaken(gone) ? portalBusy() : databaseGone();
            case TransientDataAccessException late -> databaseBusy();
            default -> passes(thrown) ? databaseBusy() : plain(500);
        };
    }

    /// Not all of it has a name in Spring: where no JPA was asked, 55P03 has none.
    private static boolean passes(Throwable thrown) {
        return state(thrown).filter(state -> MENDED_BY_HAND.contains(state) || PASSING.stream().anyMatch(state::startsWith)).isPresent();
    }

    /// The SQLSTATE, where the database said one.
    private static Optional<String> state(Throwable thrown) {
        for (Throwable at = thrown; at != null; at = at.getCause()) {
            if (at instanceof SQLException refused && refused.getSQLState() != null) {
                return Optional.of(refused.getSQLState());
            }
        }
        return Optional.empty();
    }

    /// The pool says so of itself: no database refused anything.
    private static boolean allTaken(Throwable thrown) {
        for (Throwable at = thrown; at != null; at = at.getCause()) {
            if (at instanceof SQLTransientConnectionException none) {
                return none.getCause() == null;
            }
        }
        return false;
    }

    private static Problem tenantBusy() {
        return new Problem.Unavailable(
                "As much of your organisation's is under way here as may be at a time. Nothing was done; try again in a few seconds.", SOON);
    }

    private static Problem portalBusy() {
        return new Problem.Unavailable("Too much is under way here. Nothing was done; try again in a few seconds.", SOON);
    }

    private static Problem databaseGone() {
        return new Problem.Unavailable(
                "The portal cannot reach its database. Nothing was lost; try again in a few seconds, with the same Idempotency-Key if you sent one.", Duration.ofSeconds(5));
    }

    private static Problem databaseBusy() {
        return new Problem.Unavailable(
                "The portal's database does not take this now. Look whether it was done, and if not try again in a few seconds. With the same Idempotency-Key nothing is done twice.", Duration.ofSeconds(5));
    }

    static Problem plain(int status) {
        return new Problem.Plain(ProblemCode.of(status));
    }

    /// Logged once with what is needed to find it; never with what the person sent.
    static String log(Throwable thrown, HttpServletRequest request) {
        String reference = HexFormat.of().formatHex(random());
        LOG.atError()
                .setCause(thrown)
                .addKeyValue("reference", reference)
                .addKeyValue("method", request.getMethod())
                .log("A request ended in an accident");
        return reference;
    }

    private static byte[] random() {
        byte[] bytes = new byte[4];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    private static boolean tooLong(Throwable thrown) {
        return Optional.ofNullable(thrown.getCause())
                .map(cause -> cause instanceof RequestSize.TooLong || tooLong(cause))
                .orElse(false);
    }
}
