package dev.countersign.demo.cluster;

import dev.countersign.demo.cluster.SchemaCheck.Invalid;
import java.util.List;
import java.util.Set;

/// What a request may say about how it is to be carried out; anything else is refused before the object is looked at.
final class WriteOptions {
    private static final int LONGEST_MANAGER = 128;
    private static final Set<String> VALIDATIONS = Set.of("", "Ignore", "Strict", "Warn");

    private WriteOptions() {}

    /// @param kind how the options are called, `PatchOptions`
    static void check(ApiCall call, String kind) {
        if (call.param("fieldManager").length() > LONGEST_MANAGER) {
            throw refused(kind, "fieldManager", "FieldValueTooLong", "Too long: may not be more than 128 bytes");
        }
        var dryRun = call.param("dryRun");
        if (!Set.of("", "All").contains(dryRun)) {
            throw refused(
                    kind,
                    "dryRun",
                    "FieldValueNotSupported",
                    "Unsupported value: [\"%s\"]: supported values: \"All\"".formatted(dryRun));
        }
        var validation = call.param("fieldValidation");
        if (!VALIDATIONS.contains(validation)) {
            throw refused(
                    kind,
                    "fieldValidation",
                    "FieldValueNotSupported",
                    "Unsupported value: \"%s\": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\""
                            .formatted(validation));
        }
    }

    static Refused refused(String kind, String field, String reason, String message) {
        return Refused.invalid("meta.k8s.io", kind, "", List.of(new Invalid(field, reason, message)));
    }
}
