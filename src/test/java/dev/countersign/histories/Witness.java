package dev.countersign.histories;

import dev.countersign.delivery.SimulatedLedger;
import java.time.Instant;
import java.util.UUID;

/// Is told, in the transaction, what the simulated rows of delivery come to; `tenant` is a slug, `policy` is `namespace/name`.
public interface Witness {
    /// Which server a registration means: the second half of its id counts the clusters from one on.
    static String server(UUID cluster) {
        return switch ((int) cluster.getLeastSignificantBits()) {
            case 1 -> "c0";
            case 2 -> "c1";
            case 3 -> "c2";
            case 4 -> "c3";
            default -> "c4";
        };
    }

    void claimed(String tenant, UUID cluster, String policy, long fence, Instant until);

    void renewed(String tenant, UUID cluster, String policy, long fence, Instant until);

    /// The lease ends early; the claim goes on until somebody takes it.
    void freed(String tenant, UUID cluster, String policy);

    void recalled(String tenant, UUID cluster, String policy, long fence);

    void recorded(String tenant, UUID cluster, String policy, long fence, String state, long revision);

    void revised(String tenant, UUID cluster, String policy, String workload, long revision);

    void drifted(String tenant, UUID cluster, String policy);

    /// An entry of the record.
    void entry(String tenant, String kind, String subject);

    /// A NOTIFY, delivered to who listens when the transaction ends.
    void notified(SimulatedLedger ledger);
}
