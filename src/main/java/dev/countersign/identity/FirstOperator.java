package dev.countersign.identity;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Locale;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/// Makes the platform operator that the configuration names, as the owner of the schema and right after the migrations: the
/// portal's own role cannot. `countersign.operator.username` and `countersign.operator.password-hash` (as
/// `{bcrypt}$2b$12$…`) come together or not at all; there is no default. A changed hash replaces the former.
@Component
class FirstOperator implements Callback {
    private static final String HASH = "\\{bcrypt}\\$2[aby]\\$[0-9]{2}\\$[./A-Za-z0-9]{53}";

    private final String username;
    private final String passwordHash;

    FirstOperator(
            @Value("${countersign.operator.username:}") String username,
            @Value("${countersign.operator.password-hash:}") String passwordHash) {
        this.username = username.strip().toLowerCase(Locale.ROOT);
        this.passwordHash = passwordHash.strip();
        if (this.username.isEmpty() != this.passwordHash.isEmpty()) {
            throw new IllegalStateException("set countersign.operator.username and countersign.operator.password-hash together, or neither");
        }
        if (!this.username.isEmpty() && !this.username.matches("[a-z0-9][-a-z0-9._]{0,62}")) {
            throw new IllegalStateException("countersign.operator.username: use 1 to 63 of a-z, 0-9, dot, dash and underscore, without @");
        }
        if (!this.passwordHash.isEmpty() && !this.passwordHash.matches(HASH)) {
            throw new IllegalStateException("countersign.operator.password-hash: give a bcrypt hash as {bcrypt}$2b$12$…, never the password itself");
        }
    }

    @Override
    public boolean supports(Event event, Context context) {
        return event == Event.AFTER_MIGRATE && !username.isEmpty();
    }

    @Override
    public boolean canHandleInTransaction(Event event, Context context) {
        return true;
    }

    @Override
    public void handle(Event event, Context context) {
        Connection owner = context.getConnection();
        try (PreparedStatement insert = owner.prepareStatement("""
                insert into platform_operator (id, username, password_hash)
                values (gen_random_uuid(), ?, ?)
                on conflict on constraint platform_operator_username_is_unique do update
                set password_hash = excluded.password_hash
                where platform_operator.password_hash <> excluded.password_hash""")) {
            insert.setString(1, username);
            insert.setString(2, passwordHash);
            insert.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException("the operator of the configuration could not be written", e);
        }
    }

    @Override
    public String getCallbackName() {
        return "first operator";
    }
}
