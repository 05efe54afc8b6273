package dev.countersign.policy.yaml;

import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.DestinationRule;
import dev.countersign.policy.model.EnvoyFilter;
import dev.countersign.policy.model.IstioObject;
import dev.countersign.policy.model.PeerAuthentication;
import dev.countersign.policy.model.RequestAuthentication;
import dev.countersign.policy.model.Sidecar;
import dev.countersign.policy.model.Tree;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;

/// Writes Istio objects: as the tree that is sent to an API server, and as text. The same object gives the same tree
/// and the same bytes; `PolicyReader` reads back the same object. An empty list is never written, since Istio would
/// take `from: []` as "anyone".
public final class PolicyWriter {
    private static final String SECURITY = "security.istio.io/v1";
    private static final String NETWORKING = "networking.istio.io/v1";

    private PolicyWriter() {}

    /// apiVersion, kind, metadata, spec; in that order, and everything below in a fixed one.
    public static Map<String, Object> tree(IstioObject object) {
        Encoder top = new Encoder();
        top.put("apiVersion", apiVersion(object));
        top.put("kind", object.getClass().getSimpleName());
        top.put("metadata", MetadataEncoder.metadata(object.metadata()));
        top.put(
                "spec",
                switch (object) {
                    case AuthorizationPolicy policy -> AuthorizationPolicyEncoder.spec(policy);
                    case PeerAuthentication peers -> SecurityEncoder.peerAuthentication(peers);
                    case RequestAuthentication requests -> SecurityEncoder.requestAuthentication(requests);
                    case DestinationRule rule -> NetworkingEncoder.destinationRule(rule);
                    case EnvoyFilter filter -> NetworkingEncoder.envoyFilter(filter);
                    case Sidecar sidecar -> NetworkingEncoder.sidecar(sidecar);
                });
        return top.map();
    }

    /// One YAML document, ending with a line break.
    public static String text(IstioObject object) {
        return YamlText.of(tree(object));
    }

    /// Several documents in the order given, with `---` between them.
    public static String text(Collection<? extends IstioObject> objects) {
        return objects.stream().map(PolicyWriter::text).collect(Collectors.joining("---\n"));
    }

    /// Any tree of JSON values as one YAML document, in the tree's own order.
    public static String text(Map<String, Object> tree) {
        return YamlText.of(Tree.copyOf(tree));
    }

    private static String apiVersion(IstioObject object) {
        return switch (object) {
            case AuthorizationPolicy _, PeerAuthentication _, RequestAuthentication _ -> SECURITY;
            case DestinationRule _, Sidecar _ -> NETWORKING;
            case EnvoyFilter _ -> "networking.istio.io/v1alpha3"; // the only version that Istio serves
        };
    }
}
