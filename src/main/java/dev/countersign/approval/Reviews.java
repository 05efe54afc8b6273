package dev.countersign.approval;

import dev.countersign.requests.RequestState;
import dev.countersign.audit.Pseudonyms;
import dev.countersign.tenancy.CurrentTenant;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/// The rows of reviews and of what became of them. Written once; the primary keys hold one word a person and version, and one
/// decision a version, whatever the code above believes.
@Component
class Reviews {
    /// A settled stage as it is kept: names for people, ids for the record.
    /// `eligible` is kept with marks in place of people's names, and read with the names.
    record SettledStage(String name, int needed, List<String> eligible, List<UUID> agreed) {
        static List<SettledStage> of(Tally tally) {
            return tally.stages().stream()
                    .map(stage -> new SettledStage(stage.seats().name(), stage.seats().needed(), kept(stage.seats()),
                            stage.agreed().stream().map(Review::person).toList()))
                    .toList();
        }

        private static List<String> kept(Seats seats) {
            return Stream.concat(seats.eligible().stream().filter(word -> !word.startsWith(PERSON)),
                    seats.keys().stream().filter(key -> key.startsWith(PERSON))
                            .map(key -> PERSON + Pseudonyms.shown(UUID.fromString(key.substring(PERSON.length()))))).toList();
        }
    }

    record Settlement(RequestState outcome, List<SettledStage> stages, String by, Instant at) {}

    /// Whose word settled it, and when.
    record LastWord(String by, Instant at) {}

    private static final JsonMapper JSON = new JsonMapper();

    private static final String PERSON = "person:";

    private final JdbcClient jdbc;
    private final Pseudonyms pseudonyms;

    Reviews(JdbcClient jdbc, Pseudonyms pseudonyms) {
        this.jdbc = jdbc;
        this.pseudonyms = pseudonyms;
    }

    /// All of one version, oldest first.
    List<Review> of(UUID request, int version) {
        return jdbc.sql("""
                        select person_id,
                               person_name,
                               version,
                               digest,
                               decision,
                               comment,
                               at
                        from review
                        where request_id = :request
                          and version = :version
                        order by at, person_id""")
                .param("request", request)
                .param("version", version)
                .query(Reviews::review)
                .list();
    }

    /// Writes the word and answers it with its moment, by the database's clock.
    Review write(UUID request, UUID person, String personName, int version, String digest, Decision decision, String comment) {
        Instant at = jdbc.sql("""
                        insert into review (tenant_id, request_id, version, person_id, person_name, digest, decision, comment, at)
                        values (:tenant, :request, :version, :person, :name, :digest, :decision, :comment, now())
                        returning at""")
                .param("tenant", CurrentTenant.require().value())
                .param("request", request)
                .param("version", version)
                .param("person", person)
                .param("name", personName)
                .param("digest", digest)
                .param("decision", decision.name())
                .param("comment", comment)
                .query(OffsetDateTime.class)
                .single()
                .toInstant();
        return new Review(person, personName, version, digest, decision, comment, at);
    }

    void settle(UUID request, int version, RequestState outcome, Tally tally, UUID person, String personName) {
        jdbc.sql("""
                        insert into request_decision (tenant_id, request_id, version, outcome, stages, actor_id, actor_name, at)
                        values (:tenant, :request, :version, :outcome, :stages, :actor, :name, now())""")
                .param("tenant", CurrentTenant.require().value())
                .param("request", request)
                .param("version", version)
                .param("outcome", outcome.name())
                .param("stages", JSON.writeValueAsString(SettledStage.of(tally)))
                .param("actor", person.toString())
                .param("name", personName)
                .update();
    }

    /// Of a settlement what somebody who comes too late is told.
    Optional<LastWord> lastWord(UUID request, int version) {
        return jdbc.sql("select actor_name, at from request_decision where request_id = :request and version = :version")
                .param("request", request)
                .param("version", version)
                .query((row, number) -> new LastWord(row.getString("actor_name"), row.getObject("at", OffsetDateTime.class).toInstant()))
                .optional();
    }

    Optional<Settlement> settlement(UUID request, int version) {
        return jdbc.sql("""
                        select outcome,
                               stages,
                               actor_name,
                               at
                        from request_decision
                        where request_id = :request
                          and version = :version""")
                .param("request", request)
                .param("version", version)
                .query((row, number) -> new Settlement(RequestState.valueOf(row.getString("outcome")),
                        List.of(JSON.readValue(pseudonyms.openJson(row.getString("stages")), SettledStage[].class)), row.getString("actor_name"),
                        row.getObject("at", OffsetDateTime.class).toInstant()))
                .optional();
    }

    private static Review review(ResultSet row, int number) throws SQLException {
        return new Review(row.getObject("person_id", UUID.class), row.getString("person_name"), row.getInt("version"),
                row.getString("digest"), Decision.valueOf(row.getString("decision")), row.getString("comment"),
                row.getObject("at", OffsetDateTime.class).toInstant());
    }
}
