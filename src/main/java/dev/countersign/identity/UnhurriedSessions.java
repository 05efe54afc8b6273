package dev.countersign.identity;

import dev.countersign.tenancy.Turn;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.session.Session;
import org.springframework.session.SessionRepository;

/// Keeps sessions where another repository does, but tells it of a session's use once a minute instead of at every request, so
/// that a page costs no write. A session lives shorter by up to that minute, never longer. How long its use is untold says
/// `SessionsByDatabaseClock`.
final class UnhurriedSessions<S extends Session> implements SessionRepository<UnhurriedSessions.Visit<S>> {
    static final Duration UNTOLD = Duration.ofMinutes(1);

    private final SessionRepository<S> sessions;

    UnhurriedSessions(SessionRepository<S> sessions) {
        this.sessions = sessions;
    }

    @Override
    public Visit<S> createSession() {
        return new Visit<>(sessions.createSession());
    }

    /// Without changes this asks nothing of the database. Nor where it did not answer this request: what remains is the page that says so, and the
    /// library saves once more with it.
    @Override
    public void save(Visit<S> visit) {
        Turn turn = Turn.current();
        if (turn.isOver()) {
            return;
        }
        sessions.save(visit.session);
        turn.keep(visit);
    }

    /// Where the database did not answer this request, the page that says so is shown as to a stranger.
    ///
    /// Spring Session saves when the head of the answer is written and again when the request is done, and looks the session up in between,
    /// only to know its id: what this request has saved is not asked for once more.
    @Override
    public @Nullable Visit<S> findById(String id) {
        Turn turn = Turn.current();
        if (turn.isOver()) {
            return null;
        }
        if (turn.kept() instanceof Visit<?> saved && saved.getId().equals(id)) {
            @SuppressWarnings("unchecked")
            Visit<S> mine = (Visit<S>) saved;
            return mine;
        }
        S found = sessions.findById(id);
        return found == null ? null : new Visit<>(found);
    }

    @Override
    public void deleteById(String id) {
        Turn.current().keep(null);
        sessions.deleteById(id);
    }

    /// A session as one request sees it.
    record Visit<S extends Session>(S session) implements Session {
        @Override
        public String getId() {
            return session.getId();
        }

        @Override
        public String changeSessionId() {
            return session.changeSessionId();
        }

        @Override
        public <T> @Nullable T getAttribute(String name) {
            return session.getAttribute(name);
        }

        @Override
        public Set<String> getAttributeNames() {
            return session.getAttributeNames();
        }

        @Override
        public void setAttribute(String name, @Nullable Object value) {
            session.setAttribute(name, value);
        }

        @Override
        public void removeAttribute(String name) {
            session.removeAttribute(name);
        }

        @Override
        public Instant getCreationTime() {
            return session.getCreationTime();
        }

        @Override
        public void setLastAccessedTime(Instant time) {
            if (SessionsByDatabaseClock.untold(session).compareTo(UNTOLD) >= 0) {
                session.setLastAccessedTime(time);
            }
        }

        @Override
        public Instant getLastAccessedTime() {
            return session.getLastAccessedTime();
        }

        @Override
        public void setMaxInactiveInterval(Duration interval) {
            session.setMaxInactiveInterval(interval);
        }

        @Override
        public Duration getMaxInactiveInterval() {
            return session.getMaxInactiveInterval();
        }

        @Override
        public boolean isExpired() {
            return session.isExpired();
        }
    }
}
