package dev.countersign.identity;

import java.time.Duration;
import org.springframework.session.Session;
import org.springframework.session.config.SessionRepositoryCustomizer;
import org.springframework.session.jdbc.JdbcIndexedSessionRepository;

/// Lets the database's clock say when a session was made and used and whether it is over. Spring Session asks the clock of its
/// machine: one replica whose clock is a day ahead would end everybody's sessions, and by its own lengthen those of whoever asks it.
///
/// - A session whose time is over is not found. Its row goes with the round that removes such rows, once a minute.
/// - What is found never ends by the machine's clock: its `maxInactiveInterval` is negative, which means so, and says besides
///   how long ago its last use was told (`untold`). The interval that was stored stays in the table.
final class SessionsByDatabaseClock implements SessionRepositoryCustomizer<JdbcIndexedSessionRepository> {
    /// Seven parameters, the repository's times among them; those are not looked at.
    private static final String CREATE = """
            with given (primary_id, session_id, creation_time, last_access_time, max_inactive_interval, expiry_time, principal_name)
                     as (values (?, ?, ?::bigint, ?::bigint, ?::int, ?::bigint, ?)),
                 clock (now) as (select (extract(epoch from now()) * 1000)::bigint)
            insert into spring_session (primary_id, session_id, creation_time, last_access_time, max_inactive_interval, expiry_time, principal_name)
            select g.primary_id, g.session_id, c.now, c.now, g.max_inactive_interval, c.now + g.max_inactive_interval * 1000::bigint, g.principal_name
            from given g
            cross join clock c""";

    private static final String FIND = """
            select s.primary_id,
                   s.session_id,
                   s.creation_time,
                   s.last_access_time,
                   -1 - greatest(0, least(2147483000, (c.now - s.last_access_time) / 1000))::int as max_inactive_interval,
                   a.attribute_name,
                   a.attribute_bytes
            from spring_session s
            cross join (select (extract(epoch from now()) * 1000)::bigint) as c (now)
            left join spring_session_attributes a on a.session_primary_id = s.primary_id
            where s.session_id = ?::bpchar
              and s.expiry_time > c.now""";

    private static final String UPDATE = """
            with given (session_id, last_access_time, max_inactive_interval, expiry_time, principal_name, primary_id)
                     as (values (?, ?::bigint, ?::int, ?::bigint, ?, ?::bpchar)),
                 clock (now) as (select (extract(epoch from now()) * 1000)::bigint)
            update spring_session s
            set session_id = g.session_id,
                last_access_time = c.now,
                expiry_time = c.now + s.max_inactive_interval * 1000::bigint,
                principal_name = g.principal_name
            from given g
            cross join clock c
            where s.primary_id = g.primary_id""";

    private static final String CLEAN_UP = """
            with given (now) as (values (?::bigint))
            delete from spring_session
            where expiry_time < (extract(epoch from now()) * 1000)::bigint""";

    @Override
    public void customize(JdbcIndexedSessionRepository sessions) {
        sessions.setCreateSessionQuery(CREATE);
        sessions.setGetSessionQuery(FIND);
        sessions.setUpdateSessionQuery(UPDATE);
        sessions.setDeleteSessionsByExpiryTimeQuery(CLEAN_UP);
    }

    /// How long ago the use of a session that was found had been told to the database, in whole seconds by its clock; zero for
    /// one that was only just made.
    static Duration untold(Session session) {
        Duration interval = session.getMaxInactiveInterval();
        return interval.isNegative() ? interval.negated().minusSeconds(1) : Duration.ZERO;
    }
}
