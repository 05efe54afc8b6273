package dev.countersign.demo.cluster;

import dev.countersign.demo.cluster.SchemaCheck.Findings;
import dev.countersign.demo.cluster.SchemaCheck.Invalid;
import dev.countersign.policy.check.CrdSchema;
import dev.countersign.policy.check.Finding;
import dev.countersign.policy.check.Layer;
import dev.countersign.policy.check.PolicyCheck;
import dev.countersign.policy.check.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Istio's schemas and webhook, from what `policy.check` knows of them, in the words of an API server: the checker
/// speaks
/// to people, a server answers causes with fields. Whether an object passes is the checker's word alone; only the texts
/// are made here.
public final class IstioChecks {
    private static final Invalid NOT_ALL_CHECKED = new Invalid(
            "<nil>",
            "FieldValueInvalid",
            "Invalid value: null: some validation rules were not checked because the object was invalid; correct the"
                    + " existing errors to complete validation");
    /// Causes after which a real server does not evaluate the CEL rules.
    private static final Set<String> BLOCKING = Set.of(
            "FieldValueNotSupported",
            "FieldValueRequired",
            "FieldValueTooLong",
            "FieldValueTooMany",
            "FieldValueTypeInvalid");
    private static final Pattern LIMIT =
            Pattern.compile("(?<is>\\S+)(?: (?<unit>\\w+))? is (?<side>above|below) (?<limit>\\S+)");
    private static final Map<String, String> TYPES = Map.of(
            "a map",
            "object",
            "a list",
            "array",
            "text",
            "string",
            "true or false",
            "boolean",
            "a whole number",
            "integer",
            "a number",
            "number");
    private static final Pattern DURATION =
            Pattern.compile("[-+]?(0|((\\d+(\\.\\d*)?|\\.\\d+)(ns|us|µs|μs|ms|s|m|h))+)");
    /// What the checker says of a cross-field rule, and what Istio's CRD says of it; `%s` is the value.
    private static final Map<String, String> RULES = Map.ofEntries(
            Map.entry(
                    "only one of selector, targetRef, targetRefs may be there",
                    "only one of targetRefs or selector can be set"),
            Map.entry(
                    "service accounts stand beside principals or namespaces",
                    "Cannot set serviceAccounts with namespaces or principals"),
            Map.entry("portLevelMtls needs a selector with labels", "portLevelMtls requires selector"),
            Map.entry("only one of jwksUri, jwks_uri, jwks may be there", "only one of jwks or jwksUri can be set"),
            Map.entry(
                    "context WAYPOINT and a waypoint match go together",
                    "only support waypointMatch when context is WAYPOINT"),
            Map.entry("a label key holds a wildcard", "wildcard not allowed in label key match"),
            Map.entry("a label has no key", "key must not be empty"),
            Map.entry("a key is no port from 1 to 65535", "port must be between 1-65535"),
            Map.entry("a label value holds a wildcard", "\"%s\": wildcard not allowed in label value match"),
            Map.entry(
                    "a target is in the policy's own namespace",
                    "\"%s\": cross namespace referencing is not currently supported"));

    private IstioChecks() {}

    /// The schemas of Istio's CRDs.
    public static SchemaCheck schema() {
        return IstioChecks::check;
    }

    /// Istio's validating webhook.
    public static AdmissionCheck webhook() {
        return (kind, object) -> {
            var errors = PolicyCheck.check(object).findings().stream()
                    .filter(finding -> finding.layer() == Layer.WEBHOOK && finding.severity() == Severity.ERROR)
                    .map(finding ->
                            finding.path().isEmpty() ? finding.message() : finding.path() + ": " + finding.message())
                    .collect(Collectors.joining(", "));
            return errors.isEmpty() ? Optional.empty() : Optional.of("configuration is invalid: " + errors);
        };
    }

    private static Findings check(String kind, Map<String, Object> object) {
        var unknown = new TreeSet<String>();
        var invalid = new ArrayList<Invalid>();
        for (var finding : CrdSchema.validate(kind, object)) {
            if (CrdSchema.isUnknownField(finding)) {
                unknown.add(finding.path());
            } else {
                invalid.add(cause(finding, object));
            }
        }
        if (invalid.stream().anyMatch(cause -> BLOCKING.contains(cause.reason()))) {
            invalid.add(NOT_ALL_CHECKED);
        }
        return new Findings(unknown, List.copyOf(invalid));
    }

    private static Invalid cause(Finding finding, Map<String, Object> object) {
        var path = finding.path();
        var value = FieldPath.of(path).in(object);
        return switch (finding.code()) {
            case C2 ->
                new Invalid(
                        path,
                        "FieldValueNotSupported",
                        "Unsupported value: %s: supported values: %s"
                                .formatted(
                                        quoted(value),
                                        Stream.of(finding.message()
                                                        .replaceFirst("^.* is not one of ", "")
                                                        .split(", "))
                                                .map(word -> "\"" + word + "\"")
                                                .collect(Collectors.joining(", "))));
            case C3 -> {
                var is = value.map(IstioChecks::type).orElse("null");
                var wanted = finding.message().replaceFirst("^.* is not (?=(a |text|true))", "");
                yield new Invalid(
                        path,
                        "FieldValueTypeInvalid",
                        "Invalid value: \"%s\": %s in body must be of type %s: \"%s\""
                                .formatted(is, path, TYPES.getOrDefault(wanted, wanted), is));
            }
            case C4 -> limit(path, finding.message(), value);
            case C5 -> new Invalid(path, "FieldValueRequired", "Required value");
            default ->
                new Invalid(label(path), "FieldValueInvalid", "Invalid value: " + rule(path, finding.message(), value));
        };
    }

    private static String rule(String path, String message, Optional<Object> value) {
        if (message.endsWith(" is no duration of 1ms or more")) {
            return (DURATION.matcher(text(value)).matches() ? quoted(value) : unconverted("string", "google.protobuf.Duration"))
                    + ": must be a valid duration greater than 1ms";
        }
        if (message.equals("a key is no port from 1 to 65535")
                && value.stream()
                        .flatMap(map -> Tree.map(map).keySet().stream())
                        .anyMatch(key -> !key.matches("[-+]?\\d{1,18}"))) {
            return unconverted("object", "int") + ": port must be between 1-65535";
        }
        if (message.endsWith(" is no http:// or https:// address")) {
            return quoted(value) + ": url must have scheme http:// or https://";
        }
        if (path.startsWith("spec.workloadSelector.labels") && message.equals("a label value holds a wildcard")) {
            return quoted(value) + ": wildcard is not supported in selector";
        }
        return RULES.getOrDefault(message, message).replace("%s", text(value));
    }

    /// What an expression cannot convert ends the rule before it speaks of the value.
    private static String unconverted(String of, String to) {
        return "\"%s\": type conversion error from 'string' to '%s' evaluating rule".formatted(of, to);
    }

    /// A server writes the key of a map in brackets.
    private static String label(String path) {
        return path.replaceFirst("([lL]abels)\\.([^.]+)$", "$1[$2]").replaceFirst("([lL]abels)\\[\"(.+)\"]$", "$1[$2]");
    }

    private static Invalid limit(String path, String message, Optional<Object> value) {
        var pattern = message.indexOf(" does not match ");
        if (pattern >= 0) {
            return new Invalid(
                    path,
                    "FieldValueInvalid",
                    "Invalid value: %s: %s in body should match '%s'"
                            .formatted(quoted(value), path, message.substring(pattern + " does not match ".length())));
        }
        var limit = LIMIT.matcher(message);
        if (!limit.matches()) {
            return new Invalid(path, "FieldValueInvalid", "Invalid value: " + message);
        }
        var most = limit.group("side").equals("above");
        return switch (Optional.ofNullable(limit.group("unit")).orElse("")) {
            case "items" -> most ? tooMany(path, limit) : below(path, limit, "should have at least %s items");
            case "entries" -> most ? tooMany(path, limit) : below(path, limit, "should have at least %s properties");
            case "characters" ->
                most
                        ? new Invalid(
                                path,
                                "FieldValueTooLong",
                                "Too long: may not be more than %s bytes".formatted(limit.group("limit")))
                        : new Invalid(
                                path,
                                "FieldValueInvalid",
                                "Invalid value: %s: %s in body should be at least %s chars long"
                                        .formatted(quoted(value), path, limit.group("limit")));
            default ->
                below(
                        path,
                        limit,
                        most ? "should be less than or equal to %s" : "should be greater than or equal to %s");
        };
    }

    private static Invalid tooMany(String path, Matcher limit) {
        return new Invalid(
                path,
                "FieldValueTooMany",
                "Too many: %s: must have at most %s items".formatted(limit.group("is"), limit.group("limit")));
    }

    private static Invalid below(String path, Matcher limit, String words) {
        return new Invalid(
                path,
                "FieldValueInvalid",
                "Invalid value: %s: %s in body %s"
                        .formatted(limit.group("is"), path, words.formatted(limit.group("limit"))));
    }

    private static String quoted(Optional<Object> value) {
        return value.map(v -> v instanceof String ? "\"" + v + "\"" : String.valueOf(v))
                .orElse("null");
    }

    private static String text(Optional<Object> value) {
        return value.map(String::valueOf).orElse("");
    }

    private static String type(Object value) {
        return switch (value) {
            case String text -> "string";
            case Boolean truth -> "boolean";
            case Long number -> "integer";
            case Number number -> "number";
            case List<?> list -> "array";
            default -> "object";
        };
    }
}
