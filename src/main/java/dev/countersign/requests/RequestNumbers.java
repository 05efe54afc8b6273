package dev.countersign.requests;

import dev.countersign.tenancy.CurrentTenant;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// Numbers of requests: 1, 2, 3 … in each tenant, without gaps. The counter's row stays locked until the transaction ends, and a
/// transaction that fails gives its number back.
@Component
class RequestNumbers {
    private final JdbcClient jdbc;

    RequestNumbers(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    long next() {
        return jdbc.sql("""
                        insert into request_counter (tenant_id, last_number)
                        values (?, 1)
                        on conflict (tenant_id) do update set last_number = request_counter.last_number + 1
                        returning last_number""")
                .param(CurrentTenant.require().value())
                .query(Long.class)
                .single();
    }
}
