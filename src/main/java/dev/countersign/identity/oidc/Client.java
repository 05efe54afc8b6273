package dev.countersign.identity.oidc;

import java.net.URI;

/// What the portal is at a provider, for one tenant: each has an address of its own to come back to, so that the answer of one
/// provider is never taken for another's.
public record Client(String issuer, String id, String secret, URI comesBackTo) {
    /// Without the secret.
    @Override
    public String toString() {
        return "Client[" + issuer + "]";
    }
}
