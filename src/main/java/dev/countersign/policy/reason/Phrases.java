package dev.countersign.policy.reason;

import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Regions in words. Names are as short as they can be where they are read: an identity of the called workload's own
/// namespace goes by its service account.
record Phrases(MeshSettings mesh, Workload workload) {
    String opened(Party party, List<Facet> facets) {
        return facets.isEmpty() ? name(party) + " may do everything" : name(party) + " may " + calls(facets);
    }

    String cut(Party party, List<Facet> facets) {
        return facets.isEmpty() ? name(party) + " loses everything" : name(party) + " may no longer " + calls(facets);
    }

    String name(Party party) {
        return switch (party) {
            case Party.One(String principal, boolean live) -> identity(principal);
            case Party.WithoutIdentity() -> "every caller without identity";
            case Party.Others(List<String> any, List<String> except) -> {
                String who = any.isEmpty() ? "every other identity" : "every other identity of " + list(any, " or ");
                List<String> without = except.stream().map(this::shortened).toList();
                yield except.isEmpty() ? who : who + " except " + list(without, " and ");
            }
        };
    }

    /// Patterns stand as they are; only a whole identity has a shorter name.
    private String shortened(String pattern) {
        return pattern.contains("*") ? pattern : identity(pattern);
    }

    String identity(String principal) {
        return Spiffe.parse(principal)
                .map(spiffe -> {
                    boolean here = spiffe.trustDomain().equals(mesh.trustDomains().trustDomain());
                    boolean near = here && spiffe.namespace().equals(workload.namespace());
                    return spiffe.serviceAccount()
                            + (near ? "" : " of " + spiffe.namespace())
                            + (here ? "" : " in " + spiffe.trustDomain());
                })
                .orElse(principal);
    }

    /// What the calls are: `POST /api/* on port 8080 with request.headers[x] gold`.
    static String calls(List<Facet> facets) {
        boolean tcp = false;
        String method = "";
        String path = "";
        List<String> rest = new ArrayList<>();
        for (Facet facet : facets) {
            switch (facet.attribute()) {
                case "protocol" -> tcp = facet.any().contains("TCP");
                case "method" -> method = facet.any().isEmpty() || facet.approximate()
                        ? "use " + value(facet, "any method")
                        : value(facet, "any method");
                case "path" -> path = value(facet, "any path");
                case "host" -> rest.add("on host " + value(facet, "any"));
                case "destination.port" -> rest.add(facet.any().isEmpty() ? "on " + value(facet, "any port") : "on port " + value(facet, ""));
                default -> rest.add("with " + facet.attribute() + " " + value(facet, "any value or none"));
            }
        }
        String what = tcp ? "open TCP connections"
                : method.isEmpty() ? "call " + (path.isEmpty() ? "any path" : path)
                : path.isEmpty() ? method + (method.startsWith("use ") ? "" : " any path")
                : method + (method.startsWith("use ") ? " on " : " ") + path;
        return Stream.concat(Stream.of(what), rest.stream()).reduce((a, b) -> a + " " + b).orElseThrow();
    }

    private static String value(Facet facet, String all) {
        String any = facet.any().isEmpty() ? all
                : (facet.approximate() ? "such as " : "") + list(facet.any(), " or ");
        return facet.except().isEmpty() ? any : any + " but " + list(facet.except(), " and ");
    }

    static String list(List<String> words, String last) {
        int size = words.size();
        return size == 1 ? words.getFirst() : String.join(", ", words.subList(0, size - 1)) + last + words.getLast();
    }
}
