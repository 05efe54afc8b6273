package dev.countersign.identity;

import dev.countersign.tenancy.CurrentTenant;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// Whose password does in the current tenant: everybody's, or, where the tenant closed passwords, that of the one administrator who
/// was named for the day on which its identity provider does not answer.
@Component
class PasswordPolicy {
    private final JdbcClient jdbc;

    PasswordPolicy(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// Empty where passwords are open.
    Optional<UUID> onlyFor() {
        return jdbc.sql("select emergency_person_id from identity_provider where tenant_id = ? and passwords_closed_at is not null")
                .params(CurrentTenant.require().value())
                .query(UUID.class)
                .optional();
    }

    boolean isOnlyFor(UUID person) {
        return onlyFor().filter(person::equals).isPresent();
    }
}
