package dev.countersign.requests;

import dev.countersign.tenancy.CurrentTenant;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Keeps, with every version, what it was foreseen to do.
@Component
class ForeseenEffects {
    /// The members of a witness keep their order.
    private static final JsonMapper MAPPER =
            AskJson.MAPPER.rebuild().disable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

    private final JdbcClient jdbc;

    ForeseenEffects(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    private record Content(Effect effect, ForeseenEffect.Counts counts) {}

    /// In the transaction that stores the version, after it.
    ForeseenEffect keep(RequestView view, Foresight foresight, Instant now) {
        Effect effect = foresight.effect()
                .orElseThrow(() -> new IllegalStateException("request " + view.number() + " is submitted without a known effect"));
        ForeseenEffect seen = ForeseenEffect.of(view.version(), effect, now);
        jdbc.sql("insert into request_foresight (tenant_id, request_id, version, content, taken_at) values (?, ?, ?, ?, ?)")
                .params(CurrentTenant.require().value(), view.id(), seen.version(),
                        MAPPER.writeValueAsString(new Content(seen.effect(), seen.counts())), now.atOffset(ZoneOffset.UTC))
                .update();
        return seen;
    }

    /// Of the present version.
    Optional<ForeseenEffect> find(long number) {
        return jdbc.sql("""
                        select f.version,
                               f.content,
                               f.taken_at
                        from access_request r
                        join request_foresight f on f.tenant_id = r.tenant_id and f.request_id = r.id and f.version = r.version
                        where r.number = ?""")
                .param(number)
                .query((row, index) -> {
                    Content content = MAPPER.readValue(row.getString("content"), Content.class);
                    return new ForeseenEffect(row.getInt("version"), content.effect(), content.counts(),
                            row.getObject("taken_at", OffsetDateTime.class).toInstant());
                })
                .optional();
    }
}
