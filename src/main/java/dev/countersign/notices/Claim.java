package dev.countersign.notices;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/// One attempt that this replica is to make, and nobody else until its lease ends. `at`: when it was claimed, by the database's clock.
/// `secrets`: the present one, and the one before it for as long as that counts too.
record Claim(UUID webhook, String origin, String url, List<byte[]> secrets, long seq, long fence, int attempts, String messageId, String body, Instant at) {
    /// Without address and secrets.
    @Override
    public String toString() {
        return "Claim[" + webhook + " " + seq + " " + fence + "]";
    }
}
