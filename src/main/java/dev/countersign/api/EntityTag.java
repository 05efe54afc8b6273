package dev.countersign.api;

import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;

/// Entity tags of RFC 9110: strong, opaque, over the exact bytes of the representation, so that whoever holds one has seen
/// all that it says: version, reviews, delivery.
final class EntityTag {
    private static final Pattern TAG = Pattern.compile("\\s*(W/)?(\"[\\x21\\x23-\\x7e]*\")\\s*(?:,|$)");

    private EntityTag() {}

    static String of(byte[] representation) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(representation);
            return '"' + Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, 18)) + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// A read under its conditions: 304 for what the caller has already, 412 where `If-Match` names something else.
    static ResponseEntity<byte[]> read(HttpServletRequest request, Answer answer) {
        String tag = answer.etag().orElseThrow();
        heed(request, answer);
        List<String> known = headers(request, "If-None-Match");
        // Weak comparison: a proxy may have weakened the tag that we gave.
        if (!known.isEmpty() && (isStar(known) || tags(known, true).contains(tag))) {
            return ResponseEntity.status(HttpStatus.NOT_MODIFIED).eTag(tag).build();
        }
        return answer.entity();
    }

    /// Throws `Stale` where `If-Match` is there and names none that is current.
    static void heed(HttpServletRequest request, Answer current) {
        List<String> wanted = headers(request, "If-Match");
        if (!wanted.isEmpty() && !isStar(wanted) && !tags(wanted, false).contains(current.etag().orElseThrow())) {
            throw new Problem.Stale("This changed since you read it. Read it again, look at what changed, and send your change with the new ETag in If-Match.");
        }
    }

    /// Throws `VersionMissing` without `If-Match`.
    static void require(HttpServletRequest request) {
        if (headers(request, "If-Match").isEmpty()) {
            throw new Problem.VersionMissing("Send If-Match with the ETag that GET answered, so that nobody's change is lost.");
        }
    }

    private static List<String> headers(HttpServletRequest request, String name) {
        return Collections.list(request.getHeaders(name));
    }

    private static boolean isStar(List<String> headers) {
        return headers.size() == 1 && headers.getFirst().strip().equals("*");
    }

    private static List<String> tags(List<String> headers, boolean weakToo) {
        return headers.stream()
                .filter(header -> header.length() <= 4_000)
                .flatMap(header -> TAG.matcher(header).results())
                .filter(found -> weakToo || found.group(1) == null)
                .map(found -> found.group(2))
                .toList();
    }
}
