package dev.countersign.clusters;

import dev.countersign.clusters.ApplyOutcome.Conflicted;
import dev.countersign.clusters.ApplyOutcome.FieldConflict;
import dev.countersign.clusters.ApplyOutcome.Stale;
import dev.countersign.clusters.ClusterHttp.Answer;
import dev.countersign.clusters.ClusterTrouble.Forbidden;
import dev.countersign.clusters.ClusterTrouble.Rejected;
import dev.countersign.clusters.ClusterTrouble.Unreachable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the API server's refusals mean, by status and by the words that real servers use.
final class Answers {
    private static final Pattern MANAGER = Pattern.compile("conflict with \"([^\"]{1,200})\"");
    private static final int MAX_CAUSES = 50;

    private Answers() {}

    static Unreachable notKubernetes() {
        return new Unreachable("the server answers, but not as a Kubernetes API server does", Optional.empty());
    }

    static ClusterTrouble trouble(Answer answer) {
        Map<String, Object> status = status(answer);
        return trouble(answer.status(), words(answer), status, answer.retryAfter());
    }

    private static ClusterTrouble trouble(int code, String words, Map<String, Object> status, Optional<Duration> retryAfter) {
        if (code == 401) {
            return new Forbidden(401, words);
        }
        // Admission speaks with 403 as well: those words are about the object, not about the account.
        if (code == 403 && !isAdmission(words)) {
            return new Forbidden(403, words);
        }
        // 410: the rest of a list in pages is of a view that the cluster has forgotten. The list is begun again.
        if (code == 408 || code == 410 || code == 425 || code == 429 || code >= 500 && !isSchema(words)) {
            return new Unreachable(words, retryAfter.or(() -> retryAfter(status)));
        }
        return new Rejected(code, words, causes(status));
    }

    /// A real API server answers 500 for an unknown field under server-side apply.
    private static boolean isSchema(String words) {
        return words.contains("field not declared in schema") || words.contains("failed to create typed patch object");
    }

    private static boolean isAdmission(String words) {
        return words.contains("admission webhook") || words.contains("denied the request") || words.contains("denied request")
                || words.contains("exceeded quota") || words.contains("is being terminated");
    }

    /// 409 to an apply: fields that others own, or a state that is not the expected one.
    static ApplyOutcome conflict(Answer answer) {
        List<FieldConflict> conflicts = JsonTree.maps(JsonTree.map(status(answer), "details").get("causes")).stream()
                .filter(cause -> "FieldManagerConflict".equals(cause.get("reason")))
                .limit(MAX_CAUSES)
                .map(cause -> new FieldConflict(FieldManagers.known(manager(text(cause, "message"))), text(cause, "field")))
                .toList();
        return conflicts.isEmpty() ? new Stale(words(answer)) : new Conflicted(conflicts, words(answer));
    }

    private static String manager(String message) {
        Matcher matcher = MANAGER.matcher(message);
        return matcher.find() ? matcher.group(1) : message;
    }

    /// The object of a watch's ERROR event.
    static WatchOutcome watchError(Map<String, Object> status) {
        int code = status.get("code") instanceof Number number ? number.intValue() : 500;
        return code == 410 || "Expired".equals(status.get("reason")) || "Gone".equals(status.get("reason"))
                ? new WatchOutcome.Expired()
                : trouble(code, text(status, "message"), status, Optional.empty());
    }

    static String words(Answer answer) {
        String message = text(status(answer), "message");
        if (!message.isEmpty()) {
            return message;
        }
        String body = ClusterWords.clean(new String(answer.body(), 0, Math.min(answer.body().length, 2_000), StandardCharsets.UTF_8));
        return "status " + answer.status() + (body.isBlank() ? "" : ": " + body);
    }

    private static List<Rejected.Cause> causes(Map<String, Object> status) {
        return JsonTree.maps(JsonTree.map(status, "details").get("causes")).stream()
                .limit(MAX_CAUSES)
                .map(cause -> new Rejected.Cause(text(cause, "reason"), text(cause, "field"), text(cause, "message")))
                .toList();
    }

    private static Optional<Duration> retryAfter(Map<String, Object> status) {
        return JsonTree.map(status, "details").get("retryAfterSeconds") instanceof Number seconds && seconds.longValue() > 0
                ? Optional.of(Duration.ofSeconds(Math.min(seconds.longValue(), 3_600)))
                : Optional.empty();
    }

    private static String text(Map<String, Object> tree, String key) {
        return ClusterWords.clean(JsonTree.text(tree, key).orElse(""));
    }

    private static Map<String, Object> status(Answer answer) {
        return Json.object(answer.body()).filter(tree -> "Status".equals(tree.get("kind"))).orElse(Map.of());
    }
}
