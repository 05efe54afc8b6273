package dev.countersign.identity.oidc;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// What the browser keeps of a sign-in under way, sealed: nothing of it is kept by the portal. `begunAt` is by the database's clock.
///
/// - `state`: comes back with the answer; `nonce`: stands in the ID token; `verifier`: proves to the provider that it was us who asked.
public record Way(String issuer, String state, String nonce, String verifier, Instant begunAt) {
    public static final Duration LIVES = Duration.ofMinutes(10);

    public boolean isOver(Instant now) {
        return now.isAfter(begunAt.plus(LIVES));
    }

    public String text() {
        return String.join("\n", issuer, state, nonce, verifier, Long.toString(begunAt.getEpochSecond()));
    }

    public static Optional<Way> parse(String text) {
        String[] parts = text.split("\n", -1);
        return parts.length == 5 && parts[4].matches("[0-9]{1,12}")
                ? Optional.of(new Way(parts[0], parts[1], parts[2], parts[3], Instant.ofEpochSecond(Long.parseLong(parts[4]))))
                : Optional.empty();
    }

    /// Without what is secret.
    @Override
    public String toString() {
        return "Way[" + issuer + "]";
    }
}
