package dev.countersign.requests;

import dev.countersign.tenancy.Tenants;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Ends requests whose lifetime is over, by the database's clock. Any number of replicas: each row is claimed once. Until it
/// has been there, every reader counts such a request as lapsed already.
@Component
class LapseJob {
    private static final Logger LOG = LoggerFactory.getLogger(LapseJob.class);
    private static final int BATCH = 200;

    private final Tenants tenants;
    private final JdbcClient jdbc;
    private final RequestRecord record;
    private final SubmissionKeys keys;

    LapseJob(Tenants tenants, JdbcClient jdbc, RequestRecord record, SubmissionKeys keys) {
        this.tenants = tenants;
        this.jdbc = jdbc;
        this.record = record;
        this.keys = keys;
    }

    @Scheduled(fixedDelayString = "PT1M", initialDelayString = "PT1M")
    void everyTenant() {
        tenants.all().forEach(tenant -> {
            try {
                while (tenants.inTenant(tenant.id(), this::batch) == BATCH) {
                    // the next batch, in a transaction of its own
                }
                tenants.doInTenant(tenant.id(), keys::forgetOld);
            } catch (RuntimeException e) {
                // One tenant's trouble, such as a stopped record, is no other tenant's.
                LOG.atWarn().setCause(e).addKeyValue("tenant", tenant.slug()).log("Requests could not lapse; it is tried again");
            }
        });
    }

    /// Returns how many lapsed. In the current tenant and transaction.
    int batch() {
        record Lapsed(UUID id, long number, int version) {}
        List<Lapsed> lapsed = jdbc.sql("""
                        update access_request
                        set state = 'LAPSED',
                            row_version = row_version + 1
                        where id in (select id
                                     from access_request
                                     where state in ('SUBMITTED', 'CHANGES_REQUESTED')
                                       and lapses_at <= now()
                                     order by lapses_at
                                     limit :batch
                                     for update skip locked)
                        returning id, number, version""")
                .param("batch", BATCH)
                .query((row, index) -> new Lapsed(row.getObject("id", UUID.class), row.getLong("number"), row.getInt("version")))
                .list();
        lapsed.forEach(one -> record.lapsed(one.id(), one.number(), one.version()));
        return lapsed.size();
    }
}
