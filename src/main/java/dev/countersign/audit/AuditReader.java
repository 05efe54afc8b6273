package dev.countersign.audit;

import dev.countersign.tenancy.CurrentTenant;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// Reads the record of the current tenant: search, one entry, the story of a subject, and everything in order for an export.
@Service
public class AuditReader {
    private static final int FETCH = 500;
    private static final Set<String> STORY = Set.of("request", "grant", "policy");

    private final JdbcClient jdbc;
    private final JdbcTemplate template;
    private final PersonNames names;
    private final Pseudonyms pseudonyms;

    AuditReader(JdbcClient jdbc, JdbcTemplate template, PersonNames names, Pseudonyms pseudonyms) {
        this.jdbc = jdbc;
        this.template = template;
        this.names = names;
        this.pseudonyms = pseudonyms;
    }

    /// An entry as a line: what happened, by whom, about what, and the exact content that the digest covers. Actor and sentence
    /// name people for as long as these were not erased; the content, which never changes, has their marks (`Pseudonyms`).
    public record Line(String kind, Actor actor, Subject subject, String sentence, AuditEntry entry) {
        public long seq() {
            return entry.seq();
        }

        public Instant at() {
            return entry.at();
        }

        /// Whether everyone of the tenant may read it: it tells the story of a request.
        public boolean tellsAStory() {
            return STORY.contains(subject.kind());
        }
    }

    /// What to look for; an absent part does not restrict. `words` is free text over sentence, actor and subject id; `kind`
    /// matches itself and everything below it (`request` finds `request.submitted`); `until` is exclusive.
    public record Search(
            Optional<String> words, Optional<String> actor, Optional<String> kind, Optional<Subject> subject,
            Optional<Instant> from, Optional<Instant> until) {
        public static final Search ALL = new Search(
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /// Newest first, those with a number below `before`.
    @Transactional(readOnly = true)
    public List<Line> search(Search search, Optional<Long> before, int limit) {
        return opened(jdbc.sql("""
                        select seq, at, kind, actor_kind, actor_id, actor_name, subject_kind, subject_id, sentence, content, previous_digest, digest
                        from audit_entry
                        where tenant_id = :tenant
                          and seq < :before
                          and (:words::text is null or words @@ record_query(:words::text))
                          and (:actor::text is null or actor_id = any(:called) or lower(actor_name) = lower(:actor::text) or starts_with(lower(actor_name), lower(:actor::text) || '@')
                               or starts_with(lower(actor_name), lower(:actor::text) || ' by '))
                          and (:kind::text is null or kind = :kind::text or starts_with(kind, :kind::text || '.'))
                          and (:subjectKind::text is null or (subject_kind = :subjectKind::text and subject_id = :subjectId::text))
                          and (:from::timestamptz is null or at >= :from::timestamptz)
                          and (:until::timestamptz is null or at < :until::timestamptz)
                        order by seq desc
                        limit :limit""")
                .param("tenant", CurrentTenant.require().value())
                .param("before", before.orElse(Long.MAX_VALUE))
                .param("words", search.words().orElse(null))
                .param("actor", search.actor().orElse(null))
                .param("called", search.actor().map(names::called).orElse(List.of()).stream().map(java.util.UUID::toString).toArray(String[]::new))
                .param("kind", search.kind().orElse(null))
                .param("subjectKind", search.subject().map(Subject::kind).orElse(null))
                .param("subjectId", search.subject().map(Subject::id).orElse(null))
                .param("from", time(search.from()))
                .param("until", time(search.until()))
                .param("limit", limit)
                .query(AuditReader::line)
                .list());
    }

    @Transactional(readOnly = true)
    public Optional<Line> entry(long seq) {
        return jdbc.sql(COLUMNS + " where tenant_id = ? and seq = ?")
                .params(CurrentTenant.require().value(), seq)
                .query(AuditReader::line)
                .optional()
                .map(line -> opened(List.of(line)).getFirst());
    }

    /// The story of one subject, what mentions it included, oldest first, at most 500 entries.
    @Transactional(readOnly = true)
    public List<Line> of(Subject subject) {
        return opened(jdbc.sql(COLUMNS + " " + """
                         where tenant_id = :tenant
                           and seq in (select seq from audit_entry where tenant_id = :tenant and subject_kind = :kind and subject_id = :id
                                       union
                                       select seq from audit_mention where tenant_id = :tenant and subject_kind = :kind and subject_id = :id)
                         order by seq
                         limit 500""")
                .param("tenant", CurrentTenant.require().value())
                .param("kind", subject.kind())
                .param("id", subject.id())
                .query(AuditReader::line)
                .list());
    }

    /// Of these subjects of one kind, those of which an entry of one of the kinds tells, up to a moment.
    @Transactional(readOnly = true)
    public Set<String> told(String subjectKind, Set<String> ids, Set<String> kinds, Instant until) {
        return ids.isEmpty() ? Set.of() : Set.copyOf(jdbc.sql("""
                        select distinct subject_id
                        from audit_entry
                        where tenant_id = :tenant
                          and subject_kind = :subjectKind
                          and subject_id = any (:ids)
                          and kind = any (:kinds)
                          and at <= :until""")
                .param("tenant", CurrentTenant.require().value())
                .param("subjectKind", subjectKind)
                .param("ids", ids.toArray(String[]::new))
                .param("kinds", kinds.toArray(String[]::new))
                .param("until", until.atOffset(ZoneOffset.UTC))
                .query(String.class)
                .list());
    }

    /// Oldest first from after `after`, at most `limit`.
    @Transactional(readOnly = true)
    public List<Line> after(long after, int limit) {
        return opened(jdbc.sql(COLUMNS + " where tenant_id = ? and seq > ? order by seq limit ?")
                .params(CurrentTenant.require().value(), after, limit)
                .query(AuditReader::line)
                .list());
    }

    /// Hands every entry to `each`, oldest first, as one consistent reading that does not grow in memory.
    @Transactional(readOnly = true)
    public void all(Consumer<Line> each) {
        Export.mayTakeLong(jdbc);
        JdbcTemplate streaming = new JdbcTemplate(java.util.Objects.requireNonNull(template.getDataSource()));
        streaming.setFetchSize(FETCH);
        Pseudonyms.Opener opener = pseudonyms.opener();
        streaming.query(COLUMNS + " where tenant_id = ? order by seq", (ResultSet row) -> each.accept(opened(line(row, 0), opener)),
                CurrentTenant.require().value());
    }

    /// Hands over every entry about a subject of this kind whose id begins with `prefix`, up to and including the moment, oldest
    /// first, without growing in memory.
    @Transactional(readOnly = true)
    public void upTo(Instant at, String subjectKind, String prefix, Consumer<Line> each) {
        JdbcTemplate streaming = new JdbcTemplate(java.util.Objects.requireNonNull(template.getDataSource()));
        streaming.setFetchSize(FETCH);
        Pseudonyms.Opener opener = pseudonyms.opener();
        streaming.query(COLUMNS + " where tenant_id = ? and subject_kind = ? and starts_with(subject_id, ?) and at <= ? order by seq",
                (ResultSet row) -> each.accept(opened(line(row, 0), opener)), CurrentTenant.require().value(), subjectKind, prefix, at.atOffset(ZoneOffset.UTC));
    }

    private List<Line> opened(List<Line> lines) {
        Pseudonyms.Opener opener = pseudonyms.opener();
        opener.learn(lines.stream().flatMap(line -> Stream.of(line.actor().name(), line.sentence())).toList());
        return lines.stream().map(line -> opened(line, opener)).toList();
    }

    private static Line opened(Line line, Pseudonyms.Opener opener) {
        Actor actor = new Actor(line.actor().kind(), line.actor().id(), opener.open(line.actor().name()));
        return new Line(line.kind(), actor, line.subject(), opener.open(line.sentence()), line.entry());
    }

    private static final String COLUMNS =
            "select seq, at, kind, actor_kind, actor_id, actor_name, subject_kind, subject_id, sentence, content, previous_digest, digest from audit_entry";

    private static Line line(ResultSet row, int number) throws SQLException {
        AuditEntry entry = new AuditEntry(row.getLong("seq"), row.getObject("at", OffsetDateTime.class).toInstant(),
                HexFormat.of().formatHex(row.getBytes("previous_digest")), HexFormat.of().formatHex(row.getBytes("digest")), row.getString("content"));
        return new Line(row.getString("kind"),
                new Actor(Actor.Kind.valueOf(row.getString("actor_kind")), row.getString("actor_id"), row.getString("actor_name")),
                new Subject(row.getString("subject_kind"), row.getString("subject_id")), row.getString("sentence"), entry);
    }

    private static @Nullable OffsetDateTime time(Optional<Instant> instant) {
        return instant.map(at -> at.atOffset(ZoneOffset.UTC)).orElse(null);
    }
}
