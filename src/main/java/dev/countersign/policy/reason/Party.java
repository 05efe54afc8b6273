package dev.countersign.policy.reason;

import java.util.List;

/// Whose calls a region is about.
public sealed interface Party {
    /// One identity, by its principal. `live`: it is known to exist in the mesh.
    record One(String principal, boolean live) implements Party {}

    /// Identities by pattern, without those that another region of the same list tells by name: all but `except` where
    /// `any` is empty. `except` may hold whole principals.
    record Others(List<String> any, List<String> except) implements Party {
        public Others {
            any = List.copyOf(any);
            except = List.copyOf(except);
        }
    }

    /// Callers in plain text: no mutual TLS, no identity.
    record WithoutIdentity() implements Party {}
}
