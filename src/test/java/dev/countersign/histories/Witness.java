package dev.countersign.histories;

import dev.countersign.delivery.SimulatedLedger;
import java.time.Instant;
import java.util.UUID;

/// Is told, in the transaction, what the simulated rows of delivery come to; `tenant` is a slug, `policy` is `namespace/name`.
public interface Witness {
    void claimed(String tenant, UUID cluster, String policy, long fence, Instant until);

    void renewed(String tenant, UUID cluster, String policy, long fence, Instant until);

    void recalled(String tenant, UUID cluster, String policy, long fence);

    void recorded(String tenant, UUID cluster, String policy, long fence, String state, long revision);

    void revised(String tenant, UUID cluster, String policy, String workload, long revision);

    void drifted(String tenant, UUID cluster, String policy);

    /// An entry of the record.
    void entry(String tenant, String kind, String subject);

    /// A NOTIFY, delivered to who listens when the transaction ends.
    void notified(SimulatedLedger ledger);
}
