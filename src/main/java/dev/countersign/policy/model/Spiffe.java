package dev.countersign.policy.model;

import java.util.Optional;

/// A service identity: `trustDomain/ns/namespace/sa/serviceAccount`, as Istio's `principals` write it (without `spiffe://`).
public record Spiffe(String trustDomain, String namespace, String serviceAccount) {
    public Spiffe {
        if (trustDomain.isEmpty() || namespace.isEmpty() || serviceAccount.isEmpty()) {
            throw new IllegalArgumentException("a service identity needs trust domain, namespace and service account");
        }
    }

    public String principal() {
        return trustDomain + "/ns/" + namespace + "/sa/" + serviceAccount;
    }

    public static Optional<Spiffe> parse(String principal) {
        String[] parts = principal.split("/", -1);
        if (parts.length != 5 || !parts[1].equals("ns") || !parts[3].equals("sa") || parts[0].isEmpty()
                || parts[2].isEmpty() || parts[4].isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Spiffe(parts[0], parts[2], parts[4]));
    }
}
