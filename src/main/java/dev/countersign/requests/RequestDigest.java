package dev.countersign.requests;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;

/// What a decision binds to: SHA-256 over the canonical JSON (members in alphabetical order, no spaces, UTF-8) of a version:
/// number, version, ask, reason, ticket, period, and the places with the labels that they would select. A review of one version
/// says nothing about any other.
final class RequestDigest {
    private RequestDigest() {}

    /// `sha256:` and 64 hex digits.
    static String of(long number, int version, Draft draft, List<Place> places) {
        return sha256Text(canonical(number, version, draft, places));
    }

    static String sha256Text(String text) {
        return "sha256:" + HexFormat.of().formatHex(sha256(text));
    }

    static String canonical(long number, int version, Draft draft, List<Place> places) {
        TreeMap<String, Object> content = new TreeMap<>();
        content.put("number", number);
        content.put("version", version);
        content.put("ask", draft.ask().tree());
        content.put("reason", draft.justification().reason());
        draft.justification().ticket().ifPresent(ticket -> content.put("ticket", ticket));
        switch (draft.period()) {
            case GrantPeriod.For(var length) -> content.put("grantFor", length.toString());
            case GrantPeriod.Until(var end) -> content.put("until", end.toString());
            case GrantPeriod.Permanent() -> content.put("permanent", true);
        }
        content.put("places", places);
        return AskJson.MAPPER.writeValueAsString(content);
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
