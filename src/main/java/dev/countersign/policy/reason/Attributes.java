package dev.countersign.policy.reason;

import dev.countersign.policy.eval.AddressBlock;
import dev.countersign.policy.eval.TrustDomainBundle;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/// Translates fields and `when` conditions of one policy to demands on dimensions (istio.md 1.2 to 1.5).
record Attributes(TrustDomainBundle domains, boolean ztunnel, String policyNamespace) {
    Literal source(SourceField field, Values values) {
        return switch (field) {
            case PRINCIPALS -> ztunnel
                    ? literal(DimensionKey.IDENTITY, values, Peers::principal)
                    : literal(
                            DimensionKey.IDENTITY,
                            new Values(domains.principals(values.any()), domains.principals(values.none())),
                            Peers::principal);
            case NAMESPACES ->
                literal(DimensionKey.IDENTITY, values, ztunnel ? Peers::namespaceAtZtunnel : Peers::namespace);
            case SERVICE_ACCOUNTS ->
                literal(DimensionKey.IDENTITY, values, value -> Peers.serviceAccount(value, policyNamespace));
            case TRUST_DOMAINS -> literal(
                    DimensionKey.IDENTITY,
                    new Values(domains.trustDomains(values.any()), domains.trustDomains(values.none())),
                    Peers::trustDomain);
            case REQUEST_PRINCIPALS -> literal(DimensionKey.TOKEN, values, Attributes::requestPrincipal);
            case IP_BLOCKS -> blocks(DimensionKey.SOURCE_IP, values);
            case REMOTE_IP_BLOCKS -> blocks(DimensionKey.REMOTE_IP, values);
        };
    }

    Literal operation(OperationField field, Values values) {
        return switch (field) {
            case HOSTS -> text(DimensionKey.HOST, values, Text::host);
            case METHODS -> text(DimensionKey.METHOD, values, Text::header);
            case PATHS -> text(DimensionKey.PATH, values, Text::path);
            case PORTS -> ports(values);
        };
    }

    /// Empty where the key means nothing to Istio: then no value matches.
    Optional<Literal> condition(Condition condition) {
        Values values = condition.values();
        Optional<SourceField> field = SourceField.ofAttribute(condition.key());
        if (field.isPresent()) {
            return Optional.of(source(field.get(), values));
        }
        return switch (condition.key()) {
            case "destination.ip" -> Optional.of(blocks(DimensionKey.DESTINATION_IP, values));
            case "destination.port" -> Optional.of(ports(values));
            case "connection.sni" -> Optional.of(text(DimensionKey.SNI, values, Text::generic));
            case "request.auth.audiences" -> Optional.of(claim(List.of("aud"), values));
            case "request.auth.presenter" -> Optional.of(claim(List.of("azp"), values));
            default -> named(condition.key(), values);
        };
    }

    private static Optional<Literal> named(String key, Values values) {
        if (key.startsWith("request.headers[")) {
            return Optional.of(header(key.substring("request.headers[".length(), key.length() - 1), values));
        }
        if (key.startsWith("request.auth.claims[")) {
            return Optional.of(claim(List.of(key.substring("request.auth.claims[".length(), key.length() - 1).split("]\\[")), values));
        }
        if (key.startsWith("experimental.envoy.filters.")) {
            return Optional.of(literal(
                    new DimensionKey(DimensionKey.Kind.METADATA, key.substring("experimental.".length())),
                    values,
                    Attributes::metadata));
        }
        return Optional.empty();
    }

    private static Literal header(String name, Values values) {
        String lower = name.toLowerCase(Locale.ROOT);
        return switch (lower) {
            case ":authority", "host" -> text(DimensionKey.HOST, values, Text::header);
            case ":method" -> text(DimensionKey.METHOD, values, Text::header);
            case ":path" -> text(DimensionKey.PATH, values, Text::header);
            default -> text(new DimensionKey(DimensionKey.Kind.HEADER, lower), values, Text::header);
        };
    }

    private static Literal claim(List<String> path, Values values) {
        String top = path.getFirst();
        boolean token = top.equals("iss") || top.equals("sub");
        DimensionKey key = token ? DimensionKey.TOKEN : new DimensionKey(DimensionKey.Kind.CLAIM, top);
        return literal(key, values, value -> new Matcher.OfClaim(path, Text.generic(value)));
    }

    private static Matcher metadata(String value) {
        boolean list = value.length() > 1 && value.startsWith("[") && value.endsWith("]");
        return new Matcher.OfMetadata(list, Text.generic(list ? value.substring(1, value.length() - 1) : value));
    }

    /// `<issuer>/<subject>`, split at the last slash (istio.md 1.4).
    private static Matcher requestPrincipal(String value) {
        int slash = value.lastIndexOf('/');
        Text issuer;
        Text subject;
        if (slash < 0) {
            boolean leading = value.startsWith("*");
            boolean trailing = value.endsWith("*");
            issuer = leading ? Text.NON_EMPTY : Text.generic(value);
            subject = leading ? Text.generic(value) : trailing ? Text.NON_EMPTY : Text.exact("");
        } else {
            String before = value.substring(0, slash);
            String after = value.substring(slash + 1);
            issuer = value.startsWith("*") ? Text.generic(before) : Text.exact(before);
            boolean open = !value.startsWith("*") && value.endsWith("*");
            subject = !open ? Text.exact(after)
                    : after.equals("*") ? Text.NON_EMPTY
                    : Text.of(Text.Kind.PREFIX, after.substring(0, after.length() - 1));
        }
        return new Matcher.OfToken(issuer, subject, value);
    }

    private static Literal ports(Values values) {
        return literal(DimensionKey.PORT, values, value -> {
            boolean number = !value.isEmpty() && value.length() < 10 && value.chars().allMatch(c -> c >= '0' && c <= '9');
            return new Matcher.OfPort(number ? Integer.parseInt(value) : -1);
        });
    }

    private static Literal blocks(DimensionKey key, Values values) {
        return literal(key, values, value -> new Matcher.OfBlock(AddressBlock.parse(value), value));
    }

    private static Literal text(DimensionKey key, Values values, Function<String, Text> read) {
        return literal(key, values, value -> new Matcher.OfText(read.apply(value)));
    }

    private static Literal literal(DimensionKey key, Values values, Function<String, ? extends Matcher> read) {
        List<Matcher> any = new ArrayList<>(values.any().size());
        List<Matcher> none = new ArrayList<>(values.none().size());
        values.any().forEach(value -> any.add(read.apply(value)));
        values.none().forEach(value -> none.add(read.apply(value)));
        return new Literal(key, !any.isEmpty(), any, none);
    }
}
