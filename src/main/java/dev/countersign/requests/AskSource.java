package dev.countersign.requests;

import dev.countersign.policy.compile.Caller;
import java.util.Optional;

/// Who would call. Widening is explicit: a forgotten service account is an error, never "all of them".
public sealed interface AskSource {
    /// The workloads that run as one service account.
    record Account(String namespace, String serviceAccount) implements AskSource {
        @Override
        public Caller in(String trustDomain) {
            return Caller.identity(trustDomain, namespace, serviceAccount);
        }

        @Override
        public Optional<String> home() {
            return Optional.of(namespace);
        }
    }

    /// Every service account of a namespace: `serviceAccount: "*"`.
    record WholeNamespace(String namespace) implements AskSource {
        @Override
        public Caller in(String trustDomain) {
            return new Caller.WholeNamespace(trustDomain, namespace);
        }

        @Override
        public Optional<String> home() {
            return Optional.of(namespace);
        }
    }

    /// Whoever proves an identity by mutual TLS, of any namespace: `namespace: "*", serviceAccount: "*"`.
    record AnyIdentity() implements AskSource {
        @Override
        public Caller in(String trustDomain) {
            return new Caller.AnyIdentity();
        }

        @Override
        public Optional<String> home() {
            return Optional.empty();
        }
    }

    /// The caller in a mesh with that trust domain.
    Caller in(String trustDomain);

    /// The namespace that all of it is in; empty for any.
    Optional<String> home();

    default boolean within(String other) {
        return home().filter(other::equals).isPresent();
    }
}
