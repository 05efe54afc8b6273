package dev.countersign.policy.reason;

import java.util.Comparator;

/// One thing about a call that policies look at. Dimensions are independent of each other; their order is that in which a
/// difference is told: first who, then what, then how.
record DimensionKey(Kind kind, String detail) implements Comparable<DimensionKey> {
    enum Kind {
        IDENTITY("source.principal"),
        PROTOCOL("protocol"),
        METHOD("method"),
        PATH("path"),
        PORT("destination.port"),
        HOST("host"),
        HEADER("request.headers"),
        TOKEN("request.auth.principal"),
        CLAIM("request.auth.claims"),
        SOURCE_IP("source.ip"),
        REMOTE_IP("remote.ip"),
        DESTINATION_IP("destination.ip"),
        SNI("connection.sni"),
        METADATA("experimental"),
        AUTHORIZER("external authorizer");

        final String attribute;

        Kind(String attribute) {
            this.attribute = attribute;
        }
    }

    static final DimensionKey IDENTITY = new DimensionKey(Kind.IDENTITY, "");
    static final DimensionKey PROTOCOL = new DimensionKey(Kind.PROTOCOL, "");
    static final DimensionKey METHOD = new DimensionKey(Kind.METHOD, "");
    static final DimensionKey PATH = new DimensionKey(Kind.PATH, "");
    static final DimensionKey PORT = new DimensionKey(Kind.PORT, "");
    static final DimensionKey HOST = new DimensionKey(Kind.HOST, "");
    static final DimensionKey TOKEN = new DimensionKey(Kind.TOKEN, "");
    static final DimensionKey SOURCE_IP = new DimensionKey(Kind.SOURCE_IP, "");
    static final DimensionKey REMOTE_IP = new DimensionKey(Kind.REMOTE_IP, "");
    static final DimensionKey DESTINATION_IP = new DimensionKey(Kind.DESTINATION_IP, "");
    static final DimensionKey SNI = new DimensionKey(Kind.SNI, "");

    private static final Comparator<DimensionKey> ORDER =
            Comparator.comparing(DimensionKey::kind).thenComparing(DimensionKey::detail);

    /// The attribute as policies name it: `source.principal`, `request.headers[x-channel]`.
    String attribute() {
        return switch (kind) {
            case HEADER, CLAIM, AUTHORIZER -> kind.attribute + "[" + detail + "]";
            case METADATA -> kind.attribute + "." + detail;
            default -> kind.attribute;
        };
    }

    @Override
    public int compareTo(DimensionKey other) {
        return ORDER.compare(this, other);
    }
}
