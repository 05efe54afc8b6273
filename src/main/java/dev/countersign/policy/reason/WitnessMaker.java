package dev.countersign.policy.reason;

import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.Call.ExternalAuthorizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Makes a call from one atom of each dimension; what no policy looks at is filled with something ordinary.
final class WitnessMaker {
    private final List<Dimension> dimensions;
    private final boolean http;
    private final int port;

    WitnessMaker(List<Dimension> dimensions, boolean http, Known known) {
        this.dimensions = dimensions;
        this.http = http;
        this.port = known.ports().stream().findFirst().orElse(8080);
    }

    /// `region`: atoms by dimension, null for all. The caller is given, for a region may name several.
    Call of(Optional<String> principal, AtomSet[] region) {
        int[] atoms = new int[region.length];
        for (int d = 0; d < atoms.length; d++) {
            atoms[d] = region[d] == null ? 0 : region[d].first();
        }
        return of(principal, atoms);
    }

    Call of(Optional<String> principal, int[] atoms) {
        Map<DimensionKey, Object> chosen = new HashMap<>();
        Map<String, List<String>> headers = new LinkedHashMap<>();
        Map<String, Object> claims = new LinkedHashMap<>();
        Map<String, Map<String, Object>> metadata = new LinkedHashMap<>();
        Map<String, ExternalAuthorizer> authorizers = new LinkedHashMap<>();
        for (int d = 0; d < atoms.length; d++) {
            DimensionKey key = dimensions.get(d).key();
            Object thing = dimensions.get(d).witnesses().get(atoms[d]);
            if (thing == Claims.ABSENT) {
                continue;
            }
            switch (key.kind()) {
                case HEADER -> headers.put(key.detail(), List.of((String) thing));
                case TOKEN -> ((Map<?, ?>) thing).forEach((name, value) -> claims.put((String) name, value));
                case CLAIM -> claims.put(key.detail(), thing);
                case METADATA -> {
                    int open = key.detail().indexOf('[');
                    metadata.computeIfAbsent(key.detail().substring(0, open), name -> new LinkedHashMap<>())
                            .put(key.detail().substring(open + 1, key.detail().length() - 1), thing);
                }
                case AUTHORIZER -> authorizers.put(key.detail(), (ExternalAuthorizer) thing);
                default -> chosen.put(key, thing);
            }
        }
        String source = (String) chosen.getOrDefault(DimensionKey.SOURCE_IP, "10.0.0.1");
        Optional<Call.Http> part = (boolean) chosen.getOrDefault(DimensionKey.PROTOCOL, http)
                ? Optional.of(new Call.Http(
                        (String) chosen.getOrDefault(DimensionKey.METHOD, "GET"),
                        (String) chosen.getOrDefault(DimensionKey.PATH, "/"),
                        (String) chosen.getOrDefault(DimensionKey.HOST, "service.example"),
                        headers,
                        claims.isEmpty() ? Optional.empty() : Optional.of(claims)))
                : Optional.empty();
        return new Call(
                principal,
                source,
                (String) chosen.getOrDefault(DimensionKey.REMOTE_IP, source),
                (String) chosen.getOrDefault(DimensionKey.DESTINATION_IP, "10.0.0.2"),
                (int) chosen.getOrDefault(DimensionKey.PORT, port),
                Optional.of((String) chosen.getOrDefault(DimensionKey.SNI, "")).filter(sni -> !sni.isEmpty()),
                part,
                metadata,
                authorizers);
    }

    /// Every choice of one atom in each dimension.
    List<int[]> choices() {
        List<int[]> choices = new ArrayList<>();
        choices.add(new int[dimensions.size()]);
        for (int d = 0; d < dimensions.size(); d++) {
            List<int[]> longer = new ArrayList<>();
            for (int[] choice : choices) {
                for (int atom = 0; atom < dimensions.get(d).atoms(); atom++) {
                    int[] next = choice.clone();
                    next[d] = atom;
                    longer.add(next);
                }
            }
            choices = longer;
        }
        return choices;
    }
}
