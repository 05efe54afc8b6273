package dev.countersign.audit;

import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.MapperFeature;

/// The one pen of the record. Appends in the caller's transaction and tenant, so that the fact and its entry are both there
/// or neither. Entries of a tenant are serialised by a lock that is held until the transaction ends: append last, or `hold` first.
@Service
public class AuditLog {
    private final JdbcClient jdbc;
    private final News news;
    private final RecordFollowers followers;
    private final RecordState state;
    private final Pseudonyms pseudonyms;
    private final Tenants tenants;
    /// Members in alphabetical order, times as RFC 3339: the same fact has the same bytes.
    private final JsonMapper json = JsonMapper.builder()
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .disable(MapperFeature.SORT_CREATOR_PROPERTIES_FIRST)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DateTimeFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .build();

    AuditLog(JdbcClient jdbc, News news, RecordFollowers followers, RecordState state, Pseudonyms pseudonyms, Tenants tenants) {
        this.jdbc = jdbc;
        this.news = news;
        this.followers = followers;
        this.state = state;
        this.pseudonyms = pseudonyms;
        this.tenants = tenants;
    }

    /// Takes the place of the next entry now. For transactions that lock rows which others lock after they appended: with the
    /// record always locked first, the two cannot wait for each other.
    @Transactional(propagation = Propagation.MANDATORY)
    public void hold() {
        state.requireSound();
        jdbc.sql("select pg_advisory_xact_lock(hashtextextended('audit ' || ?, 0))")
                .param(CurrentTenant.require().toString())
                .query((row, number) -> true)
                .single();
    }

    /// People are written by marks (`Pseudonyms`), in the columns as in the content: what the digest covers names nobody.
    ///
    /// Returns the entry's number within the tenant. Throws IllegalStateException without a tenant, and refuses to run
    /// outside a transaction. Throws `Problem.Unavailable` while the record is not what was sealed.
    @Transactional(propagation = Propagation.MANDATORY)
    public long append(AuditEvent event) {
        Entry entry = entry(event);
        return jdbc.sql("select append_audit_entry(:kind, :actorKind, :actorId, :actorName, :subjectKind, :subjectId, :sentence, :content, :alsoKinds, :alsoIds)")
                .param("kind", event.kind())
                .param("actorKind", event.actor().kind().name())
                .param("actorId", event.actor().id())
                .param("actorName", entry.actorName())
                .param("subjectKind", event.subject().kind())
                .param("subjectId", event.subject().id())
                .param("sentence", entry.sentence())
                .param("content", entry.content())
                .param("alsoKinds", event.also().stream().map(Subject::kind).toArray(String[]::new))
                .param("alsoIds", event.also().stream().map(Subject::id).toArray(String[]::new))
                .query(Long.class)
                .single();
    }

    /// As `append`, one after another in this order, by one statement: others wait for the record meanwhile. Returns their numbers.
    @Transactional(propagation = Propagation.MANDATORY)
    public List<Long> append(List<AuditEvent> events) {
        if (events.size() <= 1) {
            return events.stream().map(this::append).toList();
        }
        List<Entry> entries = events.stream().map(this::entry).toList();
        List<Mention> mentions = IntStream.range(0, events.size()).boxed()
                .flatMap(place -> events.get(place).also().stream().map(subject -> new Mention(place + 1, subject))).toList();
        return jdbc.sql("""
                        select append_audit_entry(
                            e.kind, e.actor_kind, e.actor_id, e.actor_name, e.subject_kind, e.subject_id, e.sentence, e.content,
                            array(select m.kind
                                  from unnest(:mentioning::int[], :mentionedKinds::text[], :mentionedIds::text[]) with ordinality as m (place, kind, id, number)
                                  where m.place = e.place
                                  order by m.number),
                            array(select m.id
                                  from unnest(:mentioning::int[], :mentionedKinds::text[], :mentionedIds::text[]) with ordinality as m (place, kind, id, number)
                                  where m.place = e.place
                                  order by m.number))
                        from unnest(:kinds::text[], :actorKinds::text[], :actorIds::text[], :actorNames::text[], :subjectKinds::text[], :subjectIds::text[],
                                    :sentences::text[], :contents::text[]) with ordinality
                            as e (kind, actor_kind, actor_id, actor_name, subject_kind, subject_id, sentence, content, place)
                        order by e.place""")
                .param("kinds", events.stream().map(AuditEvent::kind).toArray(String[]::new))
                .param("actorKinds", events.stream().map(event -> event.actor().kind().name()).toArray(String[]::new))
                .param("actorIds", events.stream().map(event -> event.actor().id()).toArray(String[]::new))
                .param("actorNames", entries.stream().map(Entry::actorName).toArray(String[]::new))
                .param("subjectKinds", events.stream().map(event -> event.subject().kind()).toArray(String[]::new))
                .param("subjectIds", events.stream().map(event -> event.subject().id()).toArray(String[]::new))
                .param("sentences", entries.stream().map(Entry::sentence).toArray(String[]::new))
                .param("contents", entries.stream().map(Entry::content).toArray(String[]::new))
                .param("mentioning", mentions.stream().map(Mention::place).toArray(Integer[]::new))
                .param("mentionedKinds", mentions.stream().map(mention -> mention.subject().kind()).toArray(String[]::new))
                .param("mentionedIds", mentions.stream().map(mention -> mention.subject().id()).toArray(String[]::new))
                .query(Long.class)
                .list();
    }

    /// What is written where the event names somebody.
    private record Entry(String actorName, String sentence, String content) {}

    /// `place`: which of the events, from 1.
    private record Mention(int place, Subject subject) {}

    private Entry entry(AuditEvent event) {
        state.requireSound();
        state.unsealedAfterCommit(CurrentTenant.require());
        followers.afterCommit(CurrentTenant.require());
        news.afterCommit(CurrentTenant.require(), Stream.concat(Stream.of(event.subject()), event.also().stream())
                .filter(subject -> subject.kind().equals("request")).map(Subject::id).collect(Collectors.toSet()));
        TreeMap<String, Object> entry = new TreeMap<>();
        entry.put("kind", event.kind());
        entry.put("actor", event.actor());
        entry.put("subject", event.subject());
        entry.put("sentence", event.sentence());
        entry.put("content", event.content());
        // A policy's entry has the exact text that was applied, and names no person but in it.
        Pseudonyms.Closer closer = event.kind().startsWith("policy.") ? Pseudonyms.NOBODY : pseudonyms.closer(event.actor(), tenants.byId(CurrentTenant.require()).orElseThrow().slug());
        return new Entry(closer.text(event.actor().name()), closer.text(event.sentence()), closer.json(json.writeValueAsString(entry)));
    }
}
