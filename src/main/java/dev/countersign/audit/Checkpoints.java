package dev.countersign.audit;

import dev.countersign.audit.proof.VerifierKey;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenant;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// The signed checkpoints of the current tenant and the keys that signed them.
@Repository
class Checkpoints {
    private final JdbcClient jdbc;

    Checkpoints(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    record Signed(long size, String note) {}

    Optional<Signed> latest() {
        return jdbc.sql("select size, note from audit_checkpoint where tenant_id = ? order by size desc limit 1")
                .param(CurrentTenant.require().value())
                .query(Signed.class)
                .optional();
    }

    /// The first that covers the entry.
    Optional<Signed> covering(long seq) {
        return jdbc.sql("select size, note from audit_checkpoint where tenant_id = ? and size >= ? order by size limit 1")
                .params(CurrentTenant.require().value(), seq)
                .query(Signed.class)
                .optional();
    }

    /// Oldest first.
    List<VerifierKey> keys(Tenant tenant) {
        return jdbc.sql("select public_key from audit_key where tenant_id = ? order by since, public_key")
                .param(tenant.id().value())
                .query(byte[].class)
                .list()
                .stream()
                .map(key -> new VerifierKey(RecordKey.origin(tenant), key))
                .toList();
    }

    /// Whether it was not known before.
    boolean remember(VerifierKey key) {
        return jdbc.sql("insert into audit_key (tenant_id, public_key) values (?, ?) on conflict do nothing")
                .params(CurrentTenant.require().value(), key.publicKey())
                .update() == 1;
    }
}
