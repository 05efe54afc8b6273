package dev.countersign.demo.cluster;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The server says no: a Kubernetes `Status` with the words a real API server uses, thrown from wherever the reason was
/// found and answered by `ApiServer`. It never leaves this package.
final class Refused extends RuntimeException {
    private static final String OPTIMISTIC_LOCK =
            "the object has been modified; please apply your changes to the latest version and try again";

    private final int code;
    private final transient Map<String, Object> status;

    private Refused(int code, String reason, String message, Map<String, Object> details) {
        super(message, null, false, false);
        this.code = code;
        this.status = Tree.of("kind", "Status", "apiVersion", "v1", "metadata", Map.of(), "status", "Failure");
        status.put("message", message);
        if (!reason.isEmpty()) {
            status.put("reason", reason);
        }
        if (!details.isEmpty()) {
            status.put("details", details);
        }
        status.put("code", code);
    }

    int code() {
        return code;
    }

    Map<String, Object> status() {
        return status;
    }

    Optional<Object> retryAfterSeconds() {
        return Tree.at(status, "details", "retryAfterSeconds");
    }

    static Refused badRequest(String message) {
        return new Refused(400, "BadRequest", message, Map.of());
    }

    static Refused unauthorized() {
        return new Refused(401, "Unauthorized", "Unauthorized", Map.of());
    }

    static Refused forbidden(ApiKind kind, String name, String message) {
        var subject = name.isEmpty() ? kind.groupResource() : "%s \"%s\"".formatted(kind.groupResource(), name);
        return new Refused(403, "Forbidden", subject + " is forbidden: " + message, details(kind, name));
    }

    static Refused notFound(ApiKind kind, String name) {
        return new Refused(
                404, "NotFound", "%s \"%s\" not found".formatted(kind.groupResource(), name), details(kind, name));
    }

    static Refused methodNotAllowed() {
        return new Refused(
                405, "MethodNotAllowed", "the server does not allow this method on the requested resource", Map.of());
    }

    static Refused alreadyExists(ApiKind kind, String name) {
        return new Refused(
                409,
                "AlreadyExists",
                "%s \"%s\" already exists".formatted(kind.groupResource(), name),
                details(kind, name));
    }

    static Refused stale(ApiKind kind, String name) {
        return conflict(kind, name, OPTIMISTIC_LOCK);
    }

    static Refused conflict(ApiKind kind, String name, String why) {
        var message = "Operation cannot be fulfilled on %s \"%s\": %s".formatted(kind.groupResource(), name, why);
        return new Refused(409, "Conflict", message, details(kind, name));
    }

    /// A precondition of a deletion: the words and details name the kind, not the resource.
    static Refused unmet(ApiKind kind, String name, String why) {
        var groupKind = kind.group().isEmpty() ? kind.kind() : kind.kind() + "." + kind.group();
        var details = details(kind, name);
        details.put("kind", kind.kind());
        return new Refused(
                409, "Conflict", "Operation cannot be fulfilled on %s \"%s\": %s".formatted(groupKind, name, why), details);
    }

    static Refused notSupported(ApiKind kind, String verb) {
        return new Refused(
                405,
                "MethodNotAllowed",
                "%s is not supported on resources of kind \"%s\"".formatted(verb, kind.groupResource()),
                details(kind, ""));
    }

    static Refused applyConflict(String message, List<Map<String, Object>> causes) {
        return new Refused(409, "Conflict", message, Tree.of("causes", causes));
    }

    static Refused gone(String message) {
        return new Refused(410, "Expired", message, Map.of());
    }

    static Refused tooLarge() {
        return new Refused(413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728", Map.of());
    }

    static Refused unsupportedMediaType(String mediaType) {
        var message =
                "the body of the request was in an unknown format - accepted media types include: application/json,"
                        + " application/yaml, application/apply-patch+yaml, application/merge-patch+json,"
                        + " application/json-patch+json"
                        + " (got %s)".formatted(mediaType);
        return new Refused(415, "UnsupportedMediaType", message, Map.of());
    }

    /// 422 with one cause for each problem, in the order given.
    static Refused invalid(String group, String kind, String name, List<SchemaCheck.Invalid> problems) {
        var texts = problems.stream().map(p -> p.field() + ": " + p.message()).toList();
        var joined = texts.size() == 1 ? texts.getFirst() : "[" + String.join(", ", texts) + "]";
        var groupKind = group.isEmpty() ? kind : kind + "." + group;
        var details = name.isEmpty() ? Tree.of() : Tree.of("name", name);
        details.put("group", group);
        details.put("kind", kind);
        details.put(
                "causes",
                problems.stream()
                        .map(p -> Tree.of("reason", p.reason(), "message", p.message(), "field", p.field()))
                        .toList());
        return new Refused(422, "Invalid", "%s \"%s\" is invalid: %s".formatted(groupKind, name, joined), details);
    }

    static Refused invalid(ApiKind kind, String name, List<SchemaCheck.Invalid> problems) {
        return invalid(kind.group(), kind.kind(), name, problems);
    }

    static Refused tooManyRequests(String message, int seconds) {
        return new Refused(429, "TooManyRequests", message, Tree.of("retryAfterSeconds", (long) seconds));
    }

    /// A real server answers 500 without a reason for errors it does not classify.
    static Refused unclassified(String message) {
        return new Refused(500, "", message, Map.of());
    }

    static Refused webhook(String name, String why) {
        return new Refused(400, "", "admission webhook \"%s\" denied the request: %s".formatted(name, why), Map.of());
    }

    /// An answer that a fault puts in place of the real one.
    static Refused fault(int code, String reason, String message, int retryAfterSeconds) {
        return new Refused(
                code,
                reason,
                message,
                retryAfterSeconds > 0 ? Tree.of("retryAfterSeconds", (long) retryAfterSeconds) : Map.of());
    }

    private static Map<String, Object> details(ApiKind kind, String name) {
        var details = Tree.of();
        if (!name.isEmpty()) {
            details.put("name", name);
        }
        if (!kind.group().isEmpty()) {
            details.put("group", kind.group());
        }
        details.put("kind", kind.plural());
        return details;
    }
}
