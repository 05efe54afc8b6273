package dev.countersign.demo.cluster;

import java.util.List;
import java.util.Map;
import java.util.Set;

/// What the schema of a kind says about an object, as an API server holding Istio's CRDs would: unknown fields first
/// (their fate depends on the request), then everything that makes the object invalid.
public interface SchemaCheck {
    /// Knows no kind and finds nothing.
    SchemaCheck NONE = (kind, object) -> Findings.NOTHING;

    /// @param kind the kind's name, `AuthorizationPolicy`
    /// @param object the whole object; must not be changed
    Findings check(String kind, Map<String, Object> object);

    /// @param unknownFields paths such as `spec.rules[0].form`, each not declared in the schema
    /// @param invalid the causes of a 422, in the order a real server lists them
    record Findings(Set<String> unknownFields, List<Invalid> invalid) {
        public static final Findings NOTHING = new Findings(Set.of(), List.of());
    }

    /// One cause: `reason` is the API's cause type (`FieldValueNotSupported`), `message` its sentence, `field` its
    /// path.
    record Invalid(String field, String reason, String message) {}
}
