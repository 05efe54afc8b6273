package dev.countersign.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// Slows guessing: after 10 failures for a name, or 100 from an address, within 15 minutes, further tries are refused
/// unseen. Kept in PostgreSQL, so the limit holds across replicas; names count without case and surrounding space.
@Component
class SignInThrottle {
    static final int PER_NAME = 10;
    static final int PER_ADDRESS = 100;

    private final JdbcClient jdbc;

    SignInThrottle(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    boolean refuses(String name, String address) {
        return failures("name " + PersonName.of(name)) >= PER_NAME || failures("address " + address) >= PER_ADDRESS;
    }

    void failed(String name, String address) {
        count("name " + PersonName.of(name));
        count("address " + address);
    }

    void succeeded(String name) {
        jdbc.sql("delete from sign_in_attempt where key = ?").param(key("name " + PersonName.of(name))).update();
    }

    private int failures(String what) {
        return jdbc.sql("select failures from sign_in_attempt where key = ? and window_start > now() - interval '15 minutes'")
                .param(key(what))
                .query(Integer.class)
                .optional()
                .orElse(0);
    }

    private void count(String what) {
        jdbc.sql("""
                insert into sign_in_attempt as a (key, window_start, failures)
                values (?, now(), 1)
                on conflict (key) do update
                set failures = case when a.window_start > now() - interval '15 minutes' then a.failures + 1 else 1 end,
                    window_start = case when a.window_start > now() - interval '15 minutes' then a.window_start else now() end""")
                .param(key(what))
                .update();
    }

    private static String key(String what) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(what.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
