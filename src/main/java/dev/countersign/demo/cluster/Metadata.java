package dev.countersign.demo.cluster;

import dev.countersign.demo.cluster.SchemaCheck.Invalid;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// The rules every object's metadata must keep, whatever its kind: names, labels, annotations, known fields.
final class Metadata {
    private static final Set<String> KNOWN = Set.of(
            "name",
            "generateName",
            "namespace",
            "selfLink",
            "uid",
            "resourceVersion",
            "generation",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "labels",
            "annotations",
            "ownerReferences",
            "finalizers",
            "managedFields");
    private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
    private static final Pattern DNS_SUBDOMAIN = Pattern.compile(DNS_LABEL + "(\\." + DNS_LABEL + ")*");
    private static final Pattern QUALIFIED = Pattern.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");
    private static final String LABEL_WORDS =
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and"
                + " end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
                + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    private static final String SUBDOMAIN_WORDS =
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must"
                    + " start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
                    + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    private static final int LARGEST_ANNOTATIONS = 256 * 1024;

    private Metadata() {}

    static Set<String> unknownFields(Map<String, Object> object) {
        var unknown = new TreeSet<String>();
        Tree.mapAt(object, "metadata").keySet().stream()
                .filter(key -> !KNOWN.contains(key))
                .forEach(key -> unknown.add("metadata." + key));
        return unknown;
    }

    /// Types that no decoder would let through.
    static void checkTypes(ApiKind kind, Map<String, Object> object) {
        for (var map : List.of("labels", "annotations")) {
            Tree.mapAt(object, "metadata", map).forEach((key, value) -> {
                if (!(value instanceof String)) {
                    throw Refused.badRequest(
                            "%s in version \"%s\" cannot be handled as a %s: json: cannot unmarshal %s into Go struct field ObjectMeta.metadata.%s of type string"
                                    .formatted(
                                            kind.kind(), kind.versions().getFirst(), kind.kind(), goType(value), map));
                }
            });
        }
    }

    /// Labels and annotations that are no text, by their path.
    static Map<String, Object> labelsNotText(Map<String, Object> object) {
        var found = new TreeMap<String, Object>();
        for (var map : List.of("labels", "annotations")) {
            Tree.mapAt(object, "metadata", map).forEach((key, value) -> {
                if (value != null && !(value instanceof String)) {
                    found.put("metadata." + map + "." + key, value);
                }
            });
        }
        return found;
    }

    static List<Invalid> problems(ApiKind kind, Map<String, Object> object) {
        var problems = new ArrayList<Invalid>();
        var name = Tree.text(object, "metadata", "name").orElse("");
        var short_ = kind == ApiKinds.NAMESPACE || kind == ApiKinds.SERVICE;
        var wellFormed = (short_ ? DNS_LABEL : DNS_SUBDOMAIN).matcher(name).matches();
        if (name.isEmpty()) {
            problems.add(new Invalid(
                    "metadata.name", "FieldValueRequired", "Required value: name or generateName is required"));
        } else if (!wellFormed) {
            problems.add(invalid("metadata.name", name, short_ ? LABEL_WORDS : SUBDOMAIN_WORDS));
        } else if (name.length() > (short_ ? 63 : 253)) {
            problems.add(invalid("metadata.name", name, "must be no more than %d characters".formatted(short_ ? 63 : 253)));
        }
        Tree.mapAt(object, "metadata", "labels").forEach((key, value) -> {
            checkKey("metadata.labels", key, problems);
            var text = String.valueOf(value);
            if (text.length() > 63) {
                problems.add(invalid("metadata.labels", text, "must be no more than 63 bytes"));
            } else if (!text.isEmpty() && !QUALIFIED.matcher(text).matches()) {
                problems.add(invalid(
                        "metadata.labels",
                        text,
                        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.',"
                            + " and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',"
                            + "  or '12345', regex used for validation is"
                            + " '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"));
            }
        });
        var size = 0;
        for (var annotation : Tree.mapAt(object, "metadata", "annotations").entrySet()) {
            checkKey("metadata.annotations", annotation.getKey(), problems);
            size += annotation.getKey().length()
                    + String.valueOf(annotation.getValue()).length();
        }
        if (size > LARGEST_ANNOTATIONS) {
            problems.add(new Invalid(
                    "metadata.annotations", "FieldValueTooLong", "Too long: may not be more than 262144 bytes"));
        }
        return problems;
    }

    private static void checkKey(String field, String key, List<Invalid> problems) {
        var slash = key.indexOf('/');
        var name = key.substring(slash + 1);
        var prefix = slash < 0 ? "" : key.substring(0, slash);
        if (slash >= 0 && !DNS_SUBDOMAIN.matcher(prefix).matches()) {
            problems.add(invalid(field, key, "prefix part " + SUBDOMAIN_WORDS));
        }
        if (name.length() > 63) {
            problems.add(invalid(field, key, "name part must be no more than 63 bytes"));
        } else if (!QUALIFIED.matcher(name).matches()) {
            problems.add(invalid(
                    field,
                    key,
                    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with"
                            + " an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for"
                            + " validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"));
        }
    }

    private static Invalid invalid(String field, String value, String why) {
        return new Invalid(field, "FieldValueInvalid", "Invalid value: \"%s\": %s".formatted(value, why));
    }

    private static String goType(Object value) {
        return switch (value) {
            case Number n -> "number";
            case Boolean b -> "bool";
            case List<?> l -> "array";
            case null, default -> "object";
        };
    }
}
