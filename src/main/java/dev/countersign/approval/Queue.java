package dev.countersign.approval;

import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Role;
import dev.countersign.requests.RequestState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// What waits for whom: one statement a page, whatever the number of requests. It shows; it decides nothing.
@Service
public class Queue {
    private static final Pattern CURSOR = Pattern.compile("([0-2])\\.([0-9]{1,17})\\.([0-9]{1,18})");

    private static final String OPEN = """
            from access_request r
            join request_standing s on s.tenant_id = r.tenant_id and s.request_id = r.id
            join request_plan p on p.tenant_id = r.tenant_id and p.request_id = r.id and p.version = r.version
            where r.state = 'SUBMITTED'
              and r.lapses_at > now()
            """;

    /// Whether this person's word is wanted, as far as rows know.
    private static final String MINE = """
            (r.requester_id <> :me
             and s.wanted && cast(:keys as text[])
             and not (:me = any(p.barred))
             and not (p.beneficiaries && cast(:teams as uuid[]))
             and not exists (select from review v
                             where v.tenant_id = r.tenant_id and v.request_id = r.id and v.version = r.version and v.person_id = :me))""";

    private static final String HANDLED = """
            from review v
            join access_request r on r.tenant_id = v.tenant_id and r.id = v.request_id
            join request_standing s on s.tenant_id = r.tenant_id and s.request_id = r.id
            where v.person_id = :me
              and v.at > now() - interval '7 days'
            """;

    private final JdbcClient jdbc;

    Queue(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// At most `limit` (1 to 100) rows. `after` is the `next` of the page before; anything else begins at the top.
    @Transactional(readOnly = true)
    public QueuePage page(CurrentPerson me, QueueFilter filter, Optional<String> after, int limit) {
        int most = Math.clamp(limit, 1, 100);
        return filter.view() == QueueFilter.View.HANDLED ? handled(me, filter, after, most) : open(me, filter, after, most);
    }

    private QueuePage open(CurrentPerson me, QueueFilter filter, Optional<String> after, int most) {
        StringBuilder sql = new StringBuilder("""
                select r.number, r.version, r.digest, r.state, r.sentence, r.reason, r.requester_name, r.lapses_at,
                       s.risk, s.opens, s.cuts, s.missing, s.submitted_at,
                """).append(MINE).append(" as decidable\n").append(OPEN);
        if (filter.view() == QueueFilter.View.MINE) {
            sql.append(" and ").append(MINE);
        }
        filter.namespace().ifPresent(ignored -> sql.append(" and :namespace = any(r.namespaces)"));
        filter.risk().ifPresent(ignored -> sql.append(" and s.risk = :risk"));
        Optional<Cursor> cursor = after.flatMap(Cursor::of);
        cursor.ifPresent(ignored -> sql.append(
                " and (s.risk < :atRisk or s.risk = :atRisk and (s.submitted_at, r.number) > (:at, :number))"));
        sql.append(" order by s.risk desc, s.submitted_at, r.number limit :limit");
        List<QueuePage.Row> rows = query(sql.toString(), me, filter, cursor, most)
                .query((row, number) -> row(row, row.getBoolean("decidable"), Optional.empty()))
                .list();
        return page(rows, most, last -> new Cursor(last.risk().ordinal(), last.submittedAt(), last.number()));
    }

    private QueuePage handled(CurrentPerson me, QueueFilter filter, Optional<String> after, int most) {
        StringBuilder sql = new StringBuilder("""
                select r.number, r.version, r.digest, r.state, r.sentence, r.reason, r.requester_name, r.lapses_at,
                       s.risk, s.opens, s.cuts, s.missing, s.submitted_at,
                       v.person_name, v.version as said_version, v.digest as said_digest, v.decision, v.comment, v.at
                """).append(HANDLED);
        filter.namespace().ifPresent(ignored -> sql.append(" and :namespace = any(r.namespaces)"));
        filter.risk().ifPresent(ignored -> sql.append(" and s.risk = :risk"));
        Optional<Cursor> cursor = after.flatMap(Cursor::of);
        cursor.ifPresent(ignored -> sql.append(" and (v.at, r.number) < (:at, :number)"));
        sql.append(" order by v.at desc, r.number desc limit :limit");
        List<QueuePage.Row> rows = query(sql.toString(), me, filter, cursor, most)
                .query((row, number) -> row(row, false, Optional.of(said(row, me.id()))))
                .list();
        return page(rows, most, last -> new Cursor(0, last.said().orElseThrow().at(), last.number()));
    }

    private JdbcClient.StatementSpec query(String sql, CurrentPerson me, QueueFilter filter, Optional<Cursor> cursor, int most) {
        return jdbc.sql(sql)
                .param("me", me.id())
                .param("keys", keys(me))
                .param("teams", me.teams().stream().map(team -> team.id()).toArray(UUID[]::new))
                .param("namespace", filter.namespace().orElse(""))
                .param("risk", filter.risk().map(Enum::ordinal).orElse(0))
                .param("atRisk", cursor.map(Cursor::risk).orElse(0))
                .param("at", cursor.map(Cursor::at).orElse(Instant.EPOCH).atOffset(ZoneOffset.UTC))
                .param("number", cursor.map(Cursor::number).orElse(0L))
                .param("limit", most + 1);
    }

    /// How many are in each view, in one statement that stops counting at 100.
    @Transactional(readOnly = true)
    public QueuePage.Counts counts(CurrentPerson me) {
        return jdbc.sql("select (select count(*) from (select 1 " + OPEN + " and " + MINE + " limit 100) a) as mine,"
                        + " (select count(*) from (select 1 " + HANDLED + " limit 100) b) as handled,"
                        + " (select count(*) from (select 1 " + OPEN + " limit 100) c) as open")
                .param("me", me.id())
                .param("keys", keys(me))
                .param("teams", me.teams().stream().map(team -> team.id()).toArray(UUID[]::new))
                .query((row, number) -> new QueuePage.Counts(row.getInt("mine"), row.getInt("handled"), row.getInt("open")))
                .single();
    }

    /// The words by which a rule could name this person.
    private static String[] keys(CurrentPerson me) {
        List<String> keys = new ArrayList<>();
        keys.add(new Eligible.Named(me.id()).word());
        me.teams().forEach(team -> keys.add(new Eligible.OfTeam(team.id()).word()));
        me.roles().stream().filter(role -> role != Role.AUDITOR).forEach(role -> keys.add(new Eligible.Holder(role).word()));
        return keys.toArray(String[]::new);
    }

    private static QueuePage page(List<QueuePage.Row> found, int most, java.util.function.Function<QueuePage.Row, Cursor> cursor) {
        boolean more = found.size() > most;
        List<QueuePage.Row> rows = more ? found.subList(0, most) : found;
        return new QueuePage(rows, more ? Optional.of(cursor.apply(rows.getLast()).text()) : Optional.empty());
    }

    private static QueuePage.Row row(ResultSet row, boolean decidable, Optional<Review> said) throws SQLException {
        return new QueuePage.Row(row.getLong("number"), row.getInt("version"), row.getString("digest"), RequestState.valueOf(row.getString("state")),
                row.getString("sentence"), row.getString("reason"), row.getString("requester_name"),
                QueueFilter.Risk.values()[row.getInt("risk")], row.getInt("opens"), row.getInt("cuts"), row.getString("missing"), decidable,
                row.getObject("submitted_at", OffsetDateTime.class).toInstant(), row.getObject("lapses_at", OffsetDateTime.class).toInstant(), said);
    }

    private static Review said(ResultSet row, UUID me) throws SQLException {
        return new Review(me, row.getString("person_name"), row.getInt("said_version"), row.getString("said_digest"),
                Decision.valueOf(row.getString("decision")), row.getString("comment"), row.getObject("at", OffsetDateTime.class).toInstant());
    }

    /// Where a page ended: risk, time in microseconds, number.
    private record Cursor(int risk, Instant at, long number) {
        static Optional<Cursor> of(String text) {
            Matcher parts = CURSOR.matcher(text);
            if (!parts.matches()) {
                return Optional.empty();
            }
            long micros = Long.parseLong(parts.group(2));
            Instant at = Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000L);
            return Optional.of(new Cursor(Integer.parseInt(parts.group(1)), at, Long.parseLong(parts.group(3))));
        }

        String text() {
            return risk + "." + (at.getEpochSecond() * 1_000_000L + at.getNano() / 1_000) + "." + number;
        }
    }
}
