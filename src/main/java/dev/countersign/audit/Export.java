package dev.countersign.audit;

import org.springframework.jdbc.core.simple.JdbcClient;

/// A reading that lasts as long as somebody takes to fetch it.
final class Export {
    private Export() {}

    /// Lifts the bound that transactions of requests have, for this one; each of its statements keeps its own.
    static void mayTakeLong(JdbcClient jdbc) {
        jdbc.sql("select set_config('transaction_timeout', '0', true)").query(String.class).single();
    }
}
