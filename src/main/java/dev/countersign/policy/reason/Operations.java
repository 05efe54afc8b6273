package dev.countersign.policy.reason;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.HashSet;

/// What a rule asks of a call beside its caller: that it meets one of some demands. Equal ones ask the same.
final class Operations {
    /// Any call.
    static final Operations ALL = new Operations(List.of(new Cube(List.of())));

    private final List<Cube> cubes;
    private final int hash;

    private Operations(List<Cube> cubes) {
        this.cubes = cubes;
        this.hash = cubes.hashCode();
    }

    /// `cubes` speak of anything but identities; one that demands nothing makes the others idle.
    static Operations of(List<Cube> cubes) {
        return cubes.stream().anyMatch(cube -> cube.literals().isEmpty()) ? ALL : new Operations(List.copyOf(cubes));
    }

    List<Cube> cubes() {
        return cubes;
    }

    /// As a person would say it: `GET or POST /api/*`.
    String words() {
        return cubes.stream().map(Operations::words).distinct().collect(Collectors.joining(", or "));
    }

    private static String words(Cube cube) {
        List<Facet> facets = new ArrayList<>();
        Set<String> named = new HashSet<>();
        for (Literal literal : cube.literals()) {
            String attribute = literal.key().attribute();
            List<String> any = labels(literal.any());
            List<String> none = labels(literal.none());
            if (literal.key().equals(DimensionKey.PROTOCOL)) {
                facets.add(new Facet(attribute, List.of(any.isEmpty() ? "TCP" : "HTTP"), List.of(), false));
                continue;
            }
            // A second demand on one attribute comes from a condition beside the operation.
            facets.add(new Facet(named.add(attribute) ? attribute : "also " + attribute, any, none, false));
        }
        // That a call has a method or a path is to say that it is HTTP.
        boolean tcp = facets.removeIf(facet -> facet.attribute().equals("protocol") && facet.any().contains("TCP"));
        boolean only = facets.size() == 1;
        boolean http = facets.removeIf(facet -> facet.attribute().equals("protocol"));
        if (facets.isEmpty()) {
            return tcp ? "open TCP connections" : http && only ? "use HTTP" : "do everything";
        }
        if (tcp) {
            facets.add(new Facet("protocol", List.of("TCP"), List.of(), false));
        }
        return Phrases.calls(facets);
    }

    private static List<String> labels(List<Matcher> matchers) {
        return matchers.stream().map(Matcher::label).distinct().sorted().toList();
    }

    /// The same text for the same demands, and another one for others.
    String canonical() {
        StringBuilder text = new StringBuilder();
        for (Cube cube : cubes) {
            text.append('(');
            for (Literal literal : cube.literals()) {
                text.append(literal.key().attribute()).append(literal.limited() ? '=' : '~');
                literal.any().forEach(matcher -> canonical(text.append('+'), matcher));
                literal.none().forEach(matcher -> canonical(text.append('-'), matcher));
                text.append(';');
            }
            text.append(')');
        }
        return text.toString();
    }

    private static void canonical(StringBuilder text, Matcher matcher) {
        switch (matcher) {
            case Matcher.OfText(Text of) -> of(text, of);
            case Matcher.OfClaim(List<String> path, Text of) -> of(text.append(path), of);
            case Matcher.OfMetadata(boolean list, Text of) -> of(text.append(list), of);
            case Matcher.OfToken(Text issuer, Text subject, String label) -> of(of(text, issuer), subject);
            case Matcher.OfBlock(var block, String label) -> text.append(label);
            case Matcher.OfPort(int port) -> text.append(port);
            case Matcher.Yes(String label) -> text.append(label);
            case Matcher.OfPeer peer -> throw new IllegalStateException("no operation: " + peer.label());
        }
    }

    private static StringBuilder of(StringBuilder text, Text of) {
        return text.append(of.kind().ordinal()).append(of.fold() ? 'f' : '.').append(of.beforeQuery() ? 'q' : '.')
                .append(of.value().length()).append(':').append(of.value());
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof Operations that && hash == that.hash && cubes.equals(that.cubes);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return words();
    }
}
