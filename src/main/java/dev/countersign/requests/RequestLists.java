package dev.countersign.requests;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// Reads requests for pages and the API: one statement each, keyset by number, no totals. The texts of the statements are
/// a closed set; everything from outside is a parameter.
@Component
class RequestLists {
    private static final int MOST = 100;

    private static final String COLUMNS = """
            select r.id,
                   r.number,
                   case when r.state in ('SUBMITTED', 'CHANGES_REQUESTED') and r.lapses_at <= now() then 'LAPSED' else r.state end as state,
                   r.version,
                   r.digest,
                   r.requester_id,
                   r.requester_name,
                   r.reason,
                   r.ticket,
                   r.grant_minutes,
                   r.grant_until,
                   r.ask,
                   r.places,
                   r.submitted_at,
                   r.lapses_at
            from access_request r
            """;

    private static final String LINE_COLUMNS = """
            select r.number,
                   case when r.state in ('SUBMITTED', 'CHANGES_REQUESTED') and r.lapses_at <= now() then 'LAPSED' else r.state end as state,
                   r.sentence,
                   r.requester_name,
                   r.submitted_at
            from access_request r
            """;

    private final JdbcClient jdbc;

    RequestLists(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    Optional<RequestView> find(long number) {
        return jdbc.sql(COLUMNS + "where r.number = ?").param(number).query(RequestLists::view).optional();
    }

    /// As `find`, its row locked until the transaction ends: as it is once the lock is held.
    Optional<RequestView> lock(long number) {
        return jdbc.sql(COLUMNS + "where r.number = ? for update of r").param(number).query(RequestLists::view).optional();
    }

    /// As `lock` while it can be decided. Whoever holds it may just be the last of many who came too late: one that was decided is told
    /// without a lock.
    Optional<RequestView> lockOpen(long number) {
        Optional<RequestView> free = jdbc.sql(COLUMNS + "where r.number = ? for update of r skip locked").param(number).query(RequestLists::view).optional();
        if (free.isPresent()) {
            return free;
        }
        Optional<RequestView> seen = find(number);
        return seen.filter(view -> view.state() == RequestState.SUBMITTED).isPresent() ? lock(number) : seen;
    }

    Set<Long> known(Set<Long> numbers) {
        return numbers.isEmpty() ? Set.of() : Set.copyOf(jdbc.sql("select number from access_request where number = any(?)")
                .param(numbers.toArray(Long[]::new)).query(Long.class).list());
    }

    RequestPage list(RequestFilter filter, Optional<Long> before, int limit) {
        int most = Math.clamp(limit, 1, MOST);
        List<RequestView> found = found(COLUMNS, filter, before, most + 1, RequestLists::view);
        boolean more = found.size() > most;
        List<RequestView> page = more ? found.subList(0, most) : found;
        return new RequestPage(page, more ? Optional.of(page.getLast().number()) : Optional.empty());
    }

    RequestLine.Page lines(RequestFilter filter, Optional<Long> before, int limit) {
        int most = Math.clamp(limit, 1, MOST);
        List<RequestLine> found = found(LINE_COLUMNS, filter, before, most + 1, RequestLists::line);
        boolean more = found.size() > most;
        List<RequestLine> page = more ? found.subList(0, most) : found;
        return new RequestLine.Page(page, more ? Optional.of(page.getLast().number()) : Optional.empty());
    }

    private <T> List<T> found(String columns, RequestFilter filter, Optional<Long> before, int limit, RowMapper<T> mapper) {
        Map<String, Object> values = new LinkedHashMap<>();
        List<String> conditions = new ArrayList<>();
        before.ifPresent(number -> {
            conditions.add("r.number < :before");
            values.put("before", number);
        });
        if (!filter.states().isEmpty()) {
            // A request whose time is over counts as lapsed before the job has been there.
            conditions.add("""
                    (case when r.state in ('SUBMITTED', 'CHANGES_REQUESTED') and r.lapses_at <= now() then 'LAPSED' else r.state end)
                    in (:states)""");
            values.put("states", filter.states().stream().map(Enum::name).sorted().toList());
            if (!filter.states().contains(RequestState.LAPSED)) {
                conditions.add("r.state in (:states)");
            }
        }
        filter.requester().ifPresent(person -> {
            conditions.add("r.requester_id = :requester");
            values.put("requester", person);
        });
        filter.namespace().ifPresent(namespace -> {
            conditions.add("r.namespaces @> array[cast(:namespace as text)]");
            values.put("namespace", namespace);
        });
        filter.text().filter(text -> !text.isBlank()).ifPresent(text -> {
            conditions.add("r.words @@ (websearch_to_tsquery('simple', :text) || websearch_to_tsquery('english', :text))");
            values.put("text", text);
        });
        String where = conditions.isEmpty() ? "" : "where " + String.join("\n  and ", conditions) + "\n";
        return jdbc.sql(columns + where + "order by r.number desc\nlimit :limit")
                .params(values)
                .param("limit", limit)
                .query(mapper)
                .list();
    }

    private static RequestLine line(ResultSet row, int index) throws SQLException {
        return new RequestLine(row.getLong("number"), RequestState.valueOf(row.getString("state")), row.getString("sentence"),
                row.getString("requester_name"), row.getObject("submitted_at", OffsetDateTime.class).toInstant());
    }

    private static RequestView view(ResultSet row, int index) throws SQLException {
        GrantPeriod period = Periods.of(row.getObject("grant_minutes", Long.class), instant(row, "grant_until"));
        Ask ask = AskJson.read(row.getString("ask"));
        return new RequestView(
                row.getObject("id", UUID.class),
                row.getLong("number"),
                RequestState.valueOf(row.getString("state")),
                row.getInt("version"),
                row.getString("digest"),
                new RequestView.Requester(row.getObject("requester_id", UUID.class), row.getString("requester_name")),
                ask,
                AskJson.readPlaces(row.getString("places")),
                new Justification(row.getString("reason"), Optional.ofNullable(row.getString("ticket"))),
                period,
                ask.sentence(period),
                row.getObject("submitted_at", OffsetDateTime.class).toInstant(),
                row.getObject("lapses_at", OffsetDateTime.class).toInstant());
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
