package dev.countersign.policy.yaml;

import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.IstioObject;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.PeerAuthentication;
import dev.countersign.policy.model.Tree;
import dev.countersign.policy.yaml.Fields.Notes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads Istio objects from text (YAML 1.2 or JSON, several documents) and from trees that came from an API server.
/// Never throws for what it is given. Refuses, with a line, what JSON cannot say and what is absurdly large; keeps and
/// reports what it does not know. `namespace` is `default` where an object names none.
public final class PolicyReader {
    private PolicyReader() {}

    public static Reading read(String text) {
        return read(text, YamlLimits.DEFAULT);
    }

    public static Reading read(String text, YamlLimits limits) {
        try {
            List<Document> documents = new ArrayList<>();
            for (YamlParser.Parsed parsed : YamlParser.parse(text, limits)) {
                documents.addAll(documents(parsed));
            }
            return new Reading.Read(documents);
        } catch (Refusal refusal) {
            return refusal.refused();
        }
    }

    /// What a tree stands for, as it comes from an API server: the server's own metadata and status are passed over.
    public static Decoding decode(Map<String, Object> tree) {
        String apiVersion = tree.get("apiVersion") instanceof String text ? text : "";
        String kind = tree.get("kind") instanceof String text ? text : "";
        String group = group(apiVersion);
        boolean ours = switch (kind) {
            case "AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication" ->
                group.equals("security.istio.io");
            case "DestinationRule", "EnvoyFilter", "Sidecar" -> group.equals("networking.istio.io");
            default -> false;
        };
        if (!ours) {
            return new Decoding.OtherKind(apiVersion, kind);
        }
        Notes notes = new Notes();
        Optional<? extends IstioObject> object = object(kind, tree, notes);
        return object.isPresent() && notes.problems().isEmpty()
                ? new Decoding.Understood(object.get(), notes.unknown())
                : new Decoding.Malformed(kind, notes.problems(), notes.unknown());
    }

    /// The policy that the tree stands for; empty for another kind and for a malformed one.
    public static Optional<AuthorizationPolicy> authorizationPolicy(Map<String, Object> tree) {
        return decode(tree).as(AuthorizationPolicy.class);
    }

    public static Optional<PeerAuthentication> peerAuthentication(Map<String, Object> tree) {
        return decode(tree).as(PeerAuthentication.class);
    }

    private static Optional<? extends IstioObject> object(String kind, Map<String, Object> tree, Notes notes) {
        Fields fields = new Fields(tree, "", notes);
        fields.ignore("apiVersion", "kind", "status");
        Optional<ObjectMeta> metadata = MetadataDecoder.metadata(fields, notes);
        // An object without spec is one with an empty spec.
        Fields spec = fields.object("spec").orElseGet(() -> new Fields(Map.of(), "spec", notes));
        fields.done();
        // Decoded even without a name, so that one reading lists every problem.
        ObjectMeta named = metadata.orElseGet(() -> ObjectMeta.of("default", "unnamed"));
        return switch (kind) {
            case "AuthorizationPolicy" -> AuthorizationPolicyDecoder.decode(named, spec, notes);
            case "PeerAuthentication" -> SecurityDecoder.peerAuthentication(named, spec, notes);
            case "RequestAuthentication" -> SecurityDecoder.requestAuthentication(named, spec, notes);
            case "DestinationRule" -> NetworkingDecoder.destinationRule(named, spec, notes);
            case "EnvoyFilter" -> NetworkingDecoder.envoyFilter(named, spec, notes);
            default -> NetworkingDecoder.sidecar(named, spec, fields.tree("spec"), notes);
        };
    }

    private static String group(String apiVersion) {
        int slash = apiVersion.indexOf('/');
        return slash < 0 ? "" : apiVersion.substring(0, slash);
    }

    private static List<Document> documents(YamlParser.Parsed parsed) {
        if (parsed.tree() == null) {
            return List.of();
        }
        if (!(parsed.tree() instanceof Map<?, ?> map)) {
            throw new Refusal(
                    parsed.line(),
                    1,
                    "a document must be an object with apiVersion and kind",
                    "Write key: value lines");
        }
        if ("List".equals(map.get("kind")) && map.get("items") instanceof List<?> items) {
            return items(parsed, items);
        }
        Map<String, Object> tree = Tree.copyOf(map);
        return List.of(new Document(parsed.line(), tree, parsed.lines(), decode(tree), parsed.remarks()));
    }

    private static List<Document> items(YamlParser.Parsed list, List<?> items) {
        List<Document> documents = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            String prefix = "items[" + i + "]";
            int line = list.lines().getOrDefault(prefix, list.line());
            if (!(items.get(i) instanceof Map<?, ?> item)) {
                throw new Refusal(line, 1, "an item of a List must be an object", "Write key: value lines");
            }
            Map<String, Integer> lines = new HashMap<>();
            list.lines().forEach((path, at) -> within(prefix, path).ifPresent(inner -> lines.put(inner, at)));
            List<Remark> remarks = list.remarks().stream()
                    .flatMap(remark ->
                            within(prefix, remark.path()).map(inner -> new Remark(inner, remark.message())).stream())
                    .toList();
            Map<String, Object> tree = Tree.copyOf(item);
            documents.add(new Document(line, tree, lines, decode(tree), remarks));
        }
        return documents;
    }

    private static Optional<String> within(String prefix, String path) {
        if (!path.startsWith(prefix)) {
            return Optional.empty();
        }
        String rest = path.substring(prefix.length());
        return Optional.of(rest.startsWith(".") ? rest.substring(1) : rest);
    }
}
