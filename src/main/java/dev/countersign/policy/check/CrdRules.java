package dev.countersign.policy.check;

import dev.countersign.policy.model.GoDuration;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The cross-field rules of Istio's CRDs (CEL there, code here), by the names that `crd-schema.yaml` gives them. A
/// field counts as there when its key is, even if it is empty.
final class CrdRules {
    private CrdRules() {}

    static void check(CrdType type, Object value, String path, Findings findings) {
        for (String check : type.checks()) {
            broken(check, value).ifPresent(broken -> findings.add(broken.code, path, broken.message));
        }
    }

    private record Broken(FindingCode code, String message) {}

    private static Optional<Broken> broken(String check, Object value) {
        return switch (check) {
            case "oneTarget" -> atMostOne(FindingCode.C6, value, "selector", "targetRef", "targetRefs");
            case "oneWorkload" -> atMostOne(FindingCode.C6, value, "workloadSelector", "targetRefs");
            case "oneJwks" -> atMostOne(FindingCode.C9, value, "jwksUri", "jwks_uri", "jwks");
            case "oneCertificateSource" -> atMostOne(FindingCode.C9, value, "tlsCertificates", "credentialNames");
            case "oneCredentialName" -> atMostOne(FindingCode.C9, value, "credentialName", "credentialNames");
            case "serviceAccountsAlone" ->
                when(
                        any(value, "serviceAccounts", "notServiceAccounts")
                                && any(value, "principals", "notPrincipals", "namespaces", "notNamespaces"),
                        FindingCode.C7,
                        "service accounts stand beside principals or namespaces");
            case "portsNeedSelector" ->
                when(
                        any(value, "portLevelMtls") && labels(value).isEmpty(),
                        FindingCode.C8,
                        "portLevelMtls needs a selector with labels");
            case "waypointMatch" ->
                when(
                        Objects.equals(get(value, "context"), "WAYPOINT") != any(value, "waypoint"),
                        FindingCode.C9,
                        "context WAYPOINT and a waypoint match go together");
            case "noWildcardKey" ->
                when(keys(value).anyMatch(key -> key.contains("*")), FindingCode.C9, "a label key holds a wildcard");
            case "noEmptyKey" -> when(keys(value).anyMatch(String::isEmpty), FindingCode.C9, "a label has no key");
            case "noWildcard" ->
                when(
                        value instanceof String text && text.contains("*"),
                        FindingCode.C9,
                        "a label value holds a wildcard");
            case "ownNamespace" ->
                when(
                        value instanceof String text && !text.isEmpty(),
                        FindingCode.C9,
                        "a target is in the policy's own namespace");
            case "duration" ->
                when(!isDuration(value), FindingCode.C9, "\"" + value + "\" is no duration of 1ms or more");
            case "port" -> when(!isPort(value), FindingCode.C9, value + " is no port from 1 to 65535");
            case "portKeys" ->
                when(!keys(value).allMatch(CrdRules::isPortKey), FindingCode.C9, "a key is no port from 1 to 65535");
            case "httpUrl" ->
                when(!isHttpUrl(value), FindingCode.C9, "\"" + value + "\" is no http:// or https:// address");
            default -> throw new IllegalStateException("crd-schema.yaml names the unknown check " + check);
        };
    }

    private static Optional<Broken> when(boolean broken, FindingCode code, String message) {
        return broken ? Optional.of(new Broken(code, message)) : Optional.empty();
    }

    private static Optional<Broken> atMostOne(FindingCode code, Object value, String... keys) {
        long there = Stream.of(keys).filter(key -> any(value, key)).count();
        return when(there > 1, code, "only one of " + String.join(", ", keys) + " may be there");
    }

    private static boolean any(Object value, String... keys) {
        return value instanceof Map<?, ?> map && Stream.of(keys).anyMatch(map::containsKey);
    }

    private static @Nullable Object get(Object value, String key) {
        return value instanceof Map<?, ?> map ? map.get(key) : null;
    }

    private static Map<?, ?> labels(Object spec) {
        return get(spec, "selector") instanceof Map<?, ?> selector
                        && selector.get("matchLabels") instanceof Map<?, ?> labels
                ? labels
                : Map.of();
    }

    private static Stream<String> keys(Object value) {
        return value instanceof Map<?, ?> map
                ? List.copyOf(map.keySet()).stream().map(String::valueOf)
                : Stream.of();
    }

    private static boolean isDuration(Object value) {
        return value instanceof String text
                && GoDuration.parse(text)
                        .filter(found -> found.compareTo(Duration.ofMillis(1)) >= 0)
                        .isPresent();
    }

    private static boolean isPort(Object value) {
        return value instanceof Number number && number.doubleValue() > 0 && number.doubleValue() <= 65535;
    }

    private static boolean isPortKey(String key) {
        return key.matches("[+]?[0-9]{1,9}") && Integer.parseInt(key) > 0 && Integer.parseInt(key) <= 65535;
    }

    private static boolean isHttpUrl(Object value) {
        if (!(value instanceof String text)) {
            return false;
        }
        try {
            String scheme = new URI(text).getScheme();
            return "http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme);
        } catch (URISyntaxException malformed) {
            return false;
        }
    }
}
