package dev.countersign.policy.compile;

import dev.countersign.policy.model.Spiffe;

/// Who a grant lets call. Every form is a proven identity: a grant never admits plain text.
public sealed interface Caller {
    /// One service identity.
    record Identity(Spiffe spiffe) implements Caller {
        public Identity {
            plain("trust domain", spiffe.trustDomain());
            plain("namespace", spiffe.namespace());
            plain("service account", spiffe.serviceAccount());
        }

        @Override
        public String principal() {
            return spiffe.principal();
        }
    }

    /// Every service identity of one namespace.
    record WholeNamespace(String trustDomain, String namespace) implements Caller {
        public WholeNamespace {
            plain("trust domain", trustDomain);
            plain("namespace", namespace);
        }

        @Override
        public String principal() {
            return trustDomain + "/ns/" + namespace + "/sa/*";
        }
    }

    /// Every identity that proves itself by mutual TLS, whatever its trust domain.
    record AnyIdentity() implements Caller {
        @Override
        public String principal() {
            return "*";
        }
    }

    /// The value of `principals` that says the same. A namespace is written as a prefix of the principal, not as
    /// `namespaces`, which would admit the namespace of that name in every trust domain.
    String principal();

    static Caller identity(String trustDomain, String namespace, String serviceAccount) {
        return new Identity(new Spiffe(trustDomain, namespace, serviceAccount));
    }

    private static void plain(String what, String value) {
        if (value.isEmpty() || value.contains("*") || value.contains("/")) {
            throw new IllegalArgumentException("a caller's " + what + " is a plain name, not \"" + value + "\"");
        }
    }
}
