package dev.countersign.clusters;

import dev.countersign.policy.yaml.Document;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.Reading;
import dev.countersign.policy.yaml.YamlLimits;
import dev.countersign.tenancy.ServerAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Reads a kubeconfig against a closed list of fields. The clusters, users and contexts that are not in use are checked as
/// well: a text with something forbidden in any place is refused, so that nobody wonders later which part counted.
final class KubeconfigReader {
    private static final YamlLimits LIMITS = new YamlLimits(Kubeconfig.MAX_BYTES, 12, 4_000, 1);
    private static final int MAX_PEM = 64 * 1024;
    private static final int MAX_TOKEN = 16 * 1024;
    /// Printable ASCII without the space: what an HTTP header can carry unchanged.
    private static final Pattern TOKEN = Pattern.compile("[!-~]{1," + MAX_TOKEN + "}");
    private static final Pattern CERTIFICATES = Pattern.compile(
            "\\s*(-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\\s]+-----END CERTIFICATE-----\\s*)+");
    private static final Pattern KEY = Pattern.compile("\\s*(-----BEGIN EC PARAMETERS-----[A-Za-z0-9+/=\\s]+-----END EC PARAMETERS-----\\s*)?"
            + "-----BEGIN (RSA |EC )?PRIVATE KEY-----[A-Za-z0-9+/=\\s]+-----END (RSA |EC )?PRIVATE KEY-----\\s*");

    private static final Set<String> TOP = Set.of("apiVersion", "kind", "clusters", "users", "contexts", "current-context", "preferences");
    private static final Set<String> CLUSTER = Set.of("server", "certificate-authority-data");
    private static final Set<String> USER = Set.of("token", "client-certificate-data", "client-key-data");
    private static final Set<String> CONTEXT = Set.of("cluster", "user", "namespace");
    /// Why the fields that people do meet are not accepted. The list explains; what refuses is the list of the allowed.
    private static final Map<String, String> REASONS = Map.ofEntries(
            Map.entry("exec", "the portal never runs a program; put a token of a service account in its place"),
            Map.entry("auth-provider", "the portal never runs a plug-in; put a token of a service account in its place"),
            Map.entry("certificate-authority", "the portal never reads a file; paste the content as certificate-authority-data (kubectl config view --flatten does it)"),
            Map.entry("client-certificate", "the portal never reads a file; paste the content as client-certificate-data (kubectl config view --flatten does it)"),
            Map.entry("client-key", "the portal never reads a file; paste the content as client-key-data (kubectl config view --flatten does it)"),
            Map.entry("tokenFile", "the portal never reads a file; paste the token itself as token"),
            Map.entry("insecure-skip-tls-verify", "an unverified server could read the credentials; give its certificate-authority-data instead"),
            Map.entry("tls-server-name", "the server must be reached by a name in its certificate"),
            Map.entry("proxy-url", "the portal talks to the API server directly"),
            Map.entry("username", "passwords are not accepted; use a token of a service account"),
            Map.entry("password", "passwords are not accepted; use a token of a service account"),
            Map.entry("as", "the portal acts as itself; give the rights to its own account"),
            Map.entry("as-uid", "the portal acts as itself; give the rights to its own account"),
            Map.entry("as-groups", "the portal acts as itself; give the rights to its own account"),
            Map.entry("as-user-extra", "the portal acts as itself; give the rights to its own account"));

    private final List<String> reasons = new ArrayList<>();

    private KubeconfigReader() {}

    static Kubeconfig.Reading read(String text) {
        if (text.isBlank()) {
            return new Kubeconfig.Reading.Refused(List.of("The kubeconfig is empty. Paste the text that kubectl config view --flatten --minify --raw prints."));
        }
        return switch (PolicyReader.read(text, LIMITS)) {
            case Reading.Refused refused -> new Kubeconfig.Reading.Refused(List.of("The kubeconfig is not read: " + refused.sentence() + "."));
            case Reading.Read(List<Document> documents) when documents.size() == 1 -> new KubeconfigReader().document(documents.getFirst().tree());
            case Reading.Read _ -> new Kubeconfig.Reading.Refused(List.of("The text holds no kubeconfig. Paste one document with kind: Config."));
        };
    }

    private Kubeconfig.Reading document(Map<String, Object> tree) {
        if (!"Config".equals(tree.get("kind")) || !"v1".equals(tree.get("apiVersion"))) {
            refuse("this is not a kubeconfig: it needs apiVersion: v1 and kind: Config");
            return refused();
        }
        allow(tree, TOP, "");
        if (!JsonTree.map(tree, "preferences").isEmpty() || tree.getOrDefault("preferences", Map.of()) instanceof String) {
            refuse("preferences: is not accepted; remove it");
        }
        Map<String, Map<String, Object>> clusters = named(tree, "clusters", "cluster", CLUSTER);
        Map<String, Map<String, Object>> users = named(tree, "users", "user", USER);
        Map<String, Map<String, Object>> contexts = named(tree, "contexts", "context", CONTEXT);
        if (!reasons.isEmpty()) {
            return refused();
        }
        Optional<Map<String, Object>> context = context(tree, contexts);
        Optional<Kubeconfig> result = context.flatMap(chosen -> {
            Optional<Map<String, Object>> cluster = lookUp(clusters, chosen, "cluster", "clusters");
            Optional<Map<String, Object>> user = lookUp(users, chosen, "user", "users");
            return cluster.isEmpty() || user.isEmpty() ? Optional.empty() : kubeconfig(cluster.get(), user.get());
        });
        return reasons.isEmpty() && result.isPresent() ? new Kubeconfig.Reading.Read(result.get()) : refused();
    }

    private Optional<Map<String, Object>> context(Map<String, Object> tree, Map<String, Map<String, Object>> contexts) {
        String current = tree.get("current-context") instanceof String text ? text : "";
        if (current.isEmpty() && contexts.size() == 1) {
            return contexts.values().stream().findFirst();
        }
        if (current.isEmpty()) {
            refuse("there are " + contexts.size() + " contexts and no current-context: keep one context, or name it in current-context");
            return Optional.empty();
        }
        if (!contexts.containsKey(current)) {
            refuse("current-context: there is no context of that name in contexts");
        }
        return Optional.ofNullable(contexts.get(current));
    }

    private Optional<Map<String, Object>> lookUp(
            Map<String, Map<String, Object>> entries, Map<String, Object> context, String field, String list) {
        Map<String, Object> found = context.get(field) instanceof String name ? entries.get(name) : null;
        if (found == null) {
            refuse("the context names no " + field + " that is in " + list + "; add it, or correct the name");
        }
        return Optional.ofNullable(found);
    }

    private Optional<Kubeconfig> kubeconfig(Map<String, Object> cluster, Map<String, Object> user) {
        Optional<ServerAddress> server = Optional.empty();
        try {
            server = Optional.of(ServerAddress.of(cluster.get("server") instanceof String text ? text : ""));
        } catch (ServerAddress.Refusal refusal) {
            refuse("clusters.cluster.server " + refusal.words());
        }
        Optional<String> authority = pem(cluster, "certificate-authority-data", CERTIFICATES, "clusters.cluster");
        Optional<Credentials> credentials = credentials(user);
        return server.isPresent() && credentials.isPresent()
                ? Optional.of(new Kubeconfig(server.get(), authority, credentials.get()))
                : Optional.empty();
    }

    private Optional<Credentials> credentials(Map<String, Object> user) {
        Optional<String> certificate = pem(user, "client-certificate-data", CERTIFICATES, "users.user");
        Optional<String> key = pem(user, "client-key-data", KEY, "users.user");
        if (user.get("token") instanceof String token && !token.isEmpty()) {
            if (!TOKEN.matcher(token).matches()) {
                refuse("users.user.token must be at most " + MAX_TOKEN + " printable characters without spaces");
                return Optional.empty();
            }
            if (user.containsKey("client-certificate-data") || user.containsKey("client-key-data")) {
                refuse("users.user has a token and a client certificate: keep one of them");
                return Optional.empty();
            }
            return Optional.of(new Credentials.BearerToken(token));
        }
        if (certificate.isPresent() && key.isPresent()) {
            return Optional.of(new Credentials.ClientCertificate(certificate.get(), key.get()));
        }
        refuse("users.user needs a token, or client-certificate-data together with client-key-data");
        return Optional.empty();
    }

    /// Base64 of PEM of the expected kind.
    private Optional<String> pem(Map<String, Object> section, String field, Pattern form, String where) {
        if (!section.containsKey(field)) {
            return Optional.empty();
        }
        if (section.get(field) instanceof String data && data.length() <= MAX_PEM) {
            try {
                String text = new String(Base64.getMimeDecoder().decode(data), StandardCharsets.US_ASCII);
                if (form.matcher(text).matches()) {
                    return Optional.of(text);
                }
            } catch (IllegalArgumentException notBase64) {
                // told below, together with what is no PEM
            }
        }
        refuse(where + "." + field + " must be the base64 of PEM text (" + (form == KEY ? "an unencrypted private key" : "certificates")
                + "), at most " + MAX_PEM + " characters");
        return Optional.empty();
    }

    /// The entries of a list of named things, each checked against the allowed fields.
    private Map<String, Map<String, Object>> named(Map<String, Object> tree, String list, String field, Set<String> allowed) {
        Map<String, Map<String, Object>> found = new HashMap<>();
        if (!(tree.get(list) instanceof List<?> items)) {
            refuse(list + " must be a list");
            return found;
        }
        if (JsonTree.maps(items).size() != items.size()) {
            refuse(list + ": every entry must be an object with name and " + field);
        }
        for (Map<String, Object> item : JsonTree.maps(items)) {
            allow(item, Set.of("name", field), list);
            Map<String, Object> content = JsonTree.map(item, field);
            allow(content, allowed, list + "." + field);
            if (!(item.get("name") instanceof String name) || !(item.get(field) instanceof Map)) {
                refuse(list + ": every entry must be an object with name and " + field);
            } else if (found.put(name, content) != null) {
                refuse(list + ": two entries have the same name; keep one");
            }
        }
        return found;
    }

    private void allow(Map<String, Object> section, Set<String> allowed, String where) {
        section.forEach((field, value) -> {
            if (!allowed.contains(field)) {
                String path = where.isEmpty() ? shown(field) : where + "." + shown(field);
                refuse(path + ": is not accepted; " + REASONS.getOrDefault(field, "remove it"));
            }
        });
    }

    private static String shown(String field) {
        return field.length() <= 60 ? field : field.substring(0, 60) + "…";
    }

    /// Values are never repeated in a reason: one of them may be a secret.
    private void refuse(String reason) {
        if (reasons.size() < 20 && !reasons.contains(reason)) {
            reasons.add(reason);
        }
    }

    private Kubeconfig.Reading refused() {
        return new Kubeconfig.Reading.Refused(reasons);
    }
}
