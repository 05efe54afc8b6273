package dev.countersign.demo.cluster;

import java.util.Map;
import java.util.Optional;

/// A validating admission webhook: says why it denies an object that the schema has accepted, or nothing.
public interface AdmissionCheck {
    /// Denies nothing.
    AdmissionCheck NONE = (kind, object) -> Optional.empty();

    /// @param kind the kind's name, `AuthorizationPolicy`
    /// @param object the whole object; must not be changed
    Optional<String> denies(String kind, Map<String, Object> object);
}
