package dev.countersign.policy.model;

import java.util.Optional;

/// The fields of `rules[].from[].source`; each has a `not` form in YAML, which is `Values.none` here.
public enum SourceField {
    PRINCIPALS("principals", "notPrincipals", "source.principal", false),
    REQUEST_PRINCIPALS("requestPrincipals", "notRequestPrincipals", "request.auth.principal", true),
    NAMESPACES("namespaces", "notNamespaces", "source.namespace", false),
    SERVICE_ACCOUNTS("serviceAccounts", "notServiceAccounts", "source.serviceAccount", false),
    TRUST_DOMAINS("trustDomains", "notTrustDomains", "source.trustDomain", false),
    IP_BLOCKS("ipBlocks", "notIpBlocks", "source.ip", false),
    REMOTE_IP_BLOCKS("remoteIpBlocks", "notRemoteIpBlocks", "remote.ip", false);

    private final String key;
    private final String notKey;
    private final String attribute;
    private final boolean httpOnly;

    SourceField(String key, String notKey, String attribute, boolean httpOnly) {
        this.key = key;
        this.notKey = notKey;
        this.attribute = attribute;
        this.httpOnly = httpOnly;
    }

    /// The YAML key, `principals`.
    public String key() {
        return key;
    }

    /// The YAML key of the negation, `notPrincipals`.
    public String notKey() {
        return notKey;
    }

    /// The `when` key that says the same, `source.principal`.
    public String attribute() {
        return attribute;
    }

    /// Whether the field has no meaning on a TCP connection (istio.md 1.9).
    public boolean httpOnly() {
        return httpOnly;
    }

    public static Optional<SourceField> ofAttribute(String attribute) {
        for (SourceField field : values()) {
            if (field.attribute.equals(attribute)) {
                return Optional.of(field);
            }
        }
        return Optional.empty();
    }
}
