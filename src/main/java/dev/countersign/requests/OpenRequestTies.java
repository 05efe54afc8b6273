package dev.countersign.requests;

import dev.countersign.identity.PersonTies;
import dev.countersign.tenancy.CurrentTenant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// Whoever decides about a request has to know whose it is: nobody is erased who has one open.
@Component
class OpenRequestTies implements PersonTies {
    private static final int SHOWN = 3;

    private final JdbcClient jdbc;

    OpenRequestTies(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public Optional<String> hindersErasure(UUID person) {
        List<Long> open = jdbc.sql("""
                        select number
                        from access_request
                        where tenant_id = ?
                          and requester_id = ?
                          and state in ('SUBMITTED', 'CHANGES_REQUESTED')
                        order by number""")
                .params(CurrentTenant.require().value(), person)
                .query(Long.class)
                .list();
        if (open.isEmpty()) {
            return Optional.empty();
        }
        String numbers = open.stream().limit(SHOWN).map(String::valueOf).collect(Collectors.joining(", "))
                + (open.size() > SHOWN ? " and " + (open.size() - SHOWN) + " more" : "");
        return Optional.of("Requests of theirs are open: " + numbers + ". Have them decided, or wait until they lapse.");
    }
}
