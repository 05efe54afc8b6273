package dev.countersign.notices;

import dev.countersign.tenancy.ServerAddress;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Pattern;

/// Where events are posted: https, or http on this machine only, to a host in its usual form. Path and query may hold a token, so only
/// `origin` is ever told.
record ReceiverAddress(URI uri) {
    private static final int LONGEST = 2_000;
    private static final Pattern HOST = Pattern.compile("(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*");
    /// Forms that some resolvers read as an address though they do not look like one: 2130706433, 0x7f.1, 127.1, 010.0.0.1.
    private static final Pattern NUMERIC = Pattern.compile("(.*\\.)?(0x[0-9a-f]*|[0-9]+)");
    private static final Pattern IPV4 = Pattern.compile("((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\\.(?!$)|$)){4}");

    /// What may be said at once of a text, without asking anybody; the addresses of a name are looked at whenever something is sent.
    /// Throws `Refused`, whose words complete "The address …".
    static ReceiverAddress of(String text, ReceiverNetworks networks) throws ReceiverNetworks.Refused {
        if (text.length() > LONGEST) {
            throw new ReceiverNetworks.Refused("is longer than " + LONGEST + " characters");
        }
        if (text.chars().anyMatch(c -> c <= 0x20 || c >= 0x7f)) {
            throw new ReceiverNetworks.Refused("contains characters that no URL has. Write them percent-encoded");
        }
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException malformed) {
            throw new ReceiverNetworks.Refused("is not a URL. Write it like https://hooks.example.com/countersign");
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        String host = uri.getHost() == null ? "" : uri.getHost().toLowerCase(Locale.ROOT);
        if (!scheme.equals("https") && !scheme.equals("http") || host.isEmpty()) {
            throw new ReceiverNetworks.Refused("is not a web address with a host. Write it like https://hooks.example.com/countersign");
        }
        if (uri.getRawUserInfo() != null || uri.getRawFragment() != null) {
            throw new ReceiverNetworks.Refused("must hold neither a user nor a fragment. Leave them out");
        }
        if (uri.getPort() == 0 || uri.getPort() > 65_535) {
            throw new ReceiverNetworks.Refused("has a port that does not exist");
        }
        boolean ipv6 = host.startsWith("[");
        boolean ipv4 = IPV4.matcher(host).matches();
        if (!ipv6 && !ipv4 && (!HOST.matcher(host).matches() || NUMERIC.matcher(host).matches())) {
            throw new ReceiverNetworks.Refused("has a host that is neither a DNS name nor an IP address in its usual form");
        }
        if (ServerAddress.METADATA_NAMES.contains(host)) {
            throw new ReceiverNetworks.Refused("names a cloud's metadata service");
        }
        boolean onThisMachine = host.equals("localhost");
        if (ipv6 || ipv4) {
            InetAddress address = literal(ipv6 ? host.substring(1, host.length() - 1) : host);
            networks.check(address);
            onThisMachine = address.isLoopbackAddress();
        } else if (onThisMachine) {
            networks.check(InetAddress.getLoopbackAddress());
        }
        if (scheme.equals("http") && !onThisMachine) {
            throw new ReceiverNetworks.Refused("must begin with https:// (http is accepted on the portal's own machine only)");
        }
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return new ReceiverAddress(URI.create(scheme + "://" + host + port(uri) + path + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery())));
    }

    private static InetAddress literal(String host) throws ReceiverNetworks.Refused {
        try {
            return InetAddress.ofLiteral(host);
        } catch (IllegalArgumentException malformed) {
            throw new ReceiverNetworks.Refused("has a host that is neither a DNS name nor an IP address in its usual form");
        }
    }

    private static String port(URI uri) {
        return uri.getPort() < 0 ? "" : ":" + uri.getPort();
    }

    /// Scheme, host and port: `https://hooks.example.com`.
    String origin() {
        return uri.getScheme() + "://" + uri.getHost() + port(uri);
    }

    @Override
    public String toString() {
        return origin();
    }
}
