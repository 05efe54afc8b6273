package dev.countersign.web;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.ProblemDetail;

/// Why an answer is not what was asked for, in words that say what to do next. Thrown where a value cannot carry it: on the
/// way from a room to its page or its API answer. A browser gets a page, htmx a notice, `/api/**` problem+json (RFC 9457).
/// The detail is shown to the person: it never holds what belongs to another tenant, nor how the program is built.
public abstract sealed class Problem extends RuntimeException {
    private final ProblemCode kind;
    private final String code;

    private Problem(ProblemCode kind, String code, String detail) {
        // No stack trace: this is an answer, not an accident.
        super(detail, null, false, false);
        this.kind = kind;
        this.code = code;
    }

    public final int status() {
        return kind.status();
    }

    /// The code of the answer; the finding's own where a finding refused it.
    public final String code() {
        return code;
    }

    public final String title() {
        return kind.title();
    }

    public final String detail() {
        return String.valueOf(getMessage());
    }

    /// What is wrong with which member; the pointer is a JSON Pointer for the API.
    public List<Wrong> errors() {
        return List.of();
    }

    public Optional<Duration> retryAfter() {
        return Optional.empty();
    }

    /// Further members of the problem document, such as the digest that is current.
    public Map<String, Object> members() {
        return Map.of();
    }

    /// As RFC 9457 writes it; its `type` is the help page of the code.
    public final ProblemDetail document() {
        ProblemDetail document = ProblemDetail.forStatus(status());
        document.setType(URI.create("/help/" + code));
        document.setTitle(title());
        document.setDetail(detail());
        document.setProperty("code", code);
        if (!errors().isEmpty()) document.setProperty("errors", errors());
        members().forEach(document::setProperty);
        return document;
    }

    /// One member or field that must change.
    public record Wrong(String pointer, String code, String message) {}

    /// 404: unknown, or another tenant's; which of them is not said. `what` is as the person named it: "request 42".
    public static final class NotFound extends Problem {
        public NotFound(String what) {
            super(ProblemCode.NOT_FOUND, ProblemCode.NOT_FOUND.code(),
                    "There is no " + what + " here. Check the address, or whether you are signed in to the right tenant.");
        }
    }

    /// 403: known, but not for this person. The detail says which role or scope would do.
    public static final class Forbidden extends Problem {
        public Forbidden(String detail) {
            super(ProblemCode.FORBIDDEN, ProblemCode.FORBIDDEN.code(), detail);
        }
    }

    /// 409: it changed meanwhile, or its state does not allow this. The members name the newer version.
    public static final class Conflict extends Problem {
        private final transient Map<String, Object> members;

        public Conflict(String detail) {
            this(detail, Map.of());
        }

        public Conflict(String detail, Map<String, Object> members) {
            super(ProblemCode.CONFLICT, ProblemCode.CONFLICT.code(), detail);
            this.members = Map.copyOf(members);
        }

        @Override
        public Map<String, Object> members() {
            return members;
        }
    }

    /// 412: the `If-Match` named another version than the one that stands.
    public static final class Stale extends Problem {
        public Stale(String detail) {
            super(ProblemCode.PRECONDITION_FAILED, ProblemCode.PRECONDITION_FAILED.code(), detail);
        }
    }

    /// 428: a change was sent without saying which version it changes.
    public static final class VersionMissing extends Problem {
        public VersionMissing(String detail) {
            super(ProblemCode.PRECONDITION_REQUIRED, ProblemCode.PRECONDITION_REQUIRED.code(), detail);
        }
    }

    /// 422: understood and refused.
    public static final class Refused extends Problem {
        private final transient List<Wrong> errors;

        public Refused(String detail, List<Wrong> errors) {
            this(ProblemCode.REFUSED.code(), detail, errors);
        }

        public Refused(String code, String detail, List<Wrong> errors) {
            super(ProblemCode.REFUSED, code, detail);
            this.errors = List.copyOf(errors);
        }

        @Override
        public List<Wrong> errors() {
            return errors;
        }
    }

    /// 400: not readable at all.
    public static final class Unreadable extends Problem {
        public Unreadable(String detail) {
            super(ProblemCode.UNREADABLE, ProblemCode.UNREADABLE.code(), detail);
        }
    }

    /// 429: too often; `retryAfter` is how long to wait.
    public static final class TooOften extends Problem {
        private final Duration retryAfter;

        public TooOften(String detail, Duration retryAfter) {
            super(ProblemCode.TOO_OFTEN, ProblemCode.TOO_OFTEN.code(), detail);
            this.retryAfter = retryAfter;
        }

        @Override
        public Optional<Duration> retryAfter() {
            return Optional.of(retryAfter);
        }
    }

    /// 503: something that we need does not answer; nothing was changed.
    public static final class Unavailable extends Problem {
        private final Duration retryAfter;

        public Unavailable(String detail, Duration retryAfter) {
            super(ProblemCode.UNAVAILABLE, ProblemCode.UNAVAILABLE.code(), detail);
            this.retryAfter = retryAfter;
        }

        @Override
        public Optional<Duration> retryAfter() {
            return Optional.of(retryAfter);
        }
    }

    /// What the container or Spring refused before a room was asked.
    static final class Plain extends Problem {
        Plain(ProblemCode kind) {
            super(kind, kind.code(), kind.advice());
        }
    }
}
