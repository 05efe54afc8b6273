package dev.countersign.tenancy;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// Where a server that a tenant names is, an API server mostly: https, or http on this machine only. Never an address at which clouds hand out credentials to
/// whoever asks from inside: those are refused when the address is given and again whenever it is resolved.
public record ServerAddress(URI uri) {
    private static final Pattern HOST = Pattern.compile("[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?");
    /// Forms that some resolvers read as an address though they do not look like one: 2130706433, 0x7f.1, 127.1.
    private static final Pattern NUMERIC = Pattern.compile("(.*\\.)?(0x[0-9a-f]*|[0-9]+)");
    private static final Pattern IPV4 = Pattern.compile("((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\\.(?!$)|$)){4}");
    private static final Pattern PATH = Pattern.compile("(/[-A-Za-z0-9_~][-A-Za-z0-9_~.]*)*/?");
    /// Names under which clouds hand out credentials, in lower case.
    public static final Set<String> METADATA_NAMES =
            Set.of("metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal");
    private static final Set<String> METADATA_ADDRESSES = Set.of("100.100.100.200", "192.0.0.192", "168.63.129.16");

    /// Throws `Refusal` with what to do.
    public static ServerAddress of(String text) throws Refusal {
        if (text.length() > 2048) {
            throw new Refusal("is longer than 2048 characters");
        }
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException malformed) {
            throw new Refusal("is not a URL; write it as https://host:port");
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        String host = uri.getHost() == null ? "" : uri.getHost().toLowerCase(Locale.ROOT);
        if (host.isEmpty() || uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new Refusal("must be a plain URL with a host: no user, no query, no fragment");
        }
        if (!PATH.matcher(uri.getRawPath() == null ? "" : uri.getRawPath()).matches()) {
            throw new Refusal("has a path with characters that are not allowed");
        }
        boolean ipv6 = host.startsWith("[");
        if (!ipv6 && (!HOST.matcher(host).matches() || host.contains("..")
                || NUMERIC.matcher(host).matches() && !IPV4.matcher(host).matches())) {
            throw new Refusal("has a host that is neither a DNS name nor an IP address in its usual form");
        }
        if (METADATA_NAMES.contains(host)) {
            throw new Refusal("names a cloud's metadata service");
        }
        boolean literal = ipv6 || IPV4.matcher(host).matches();
        if (literal) {
            refuseAddress(resolve(host)[0]);
        }
        boolean onThisMachine = host.equals("localhost") || literal && resolve(host)[0].isLoopbackAddress();
        if (!scheme.equals("https") && !(scheme.equals("http") && onThisMachine)) {
            throw new Refusal("must begin with https:// (http is accepted on this machine's loopback address only)");
        }
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
        return new ServerAddress(URI.create(scheme + "://" + host + port + (path.endsWith("/") ? path.substring(0, path.length() - 1) : path)));
    }

    /// Asks the resolver anew, since a name may move. Throws `Refusal` where any of its addresses is one we never talk to.
    public void checkResolved() throws Refusal {
        for (InetAddress address : resolve(uri.getHost())) {
            refuseAddress(address);
            if (uri.getScheme().equals("http") && !address.isLoopbackAddress()) {
                throw new Refusal("is not on this machine: use https");
            }
        }
    }

    private static InetAddress[] resolve(String host) throws Refusal {
        try {
            return InetAddress.getAllByName(host);
        } catch (UnknownHostException unknown) {
            throw new Refusal("has a host that this machine cannot resolve: " + host);
        }
    }

    private static void refuseAddress(InetAddress address) throws Refusal {
        byte[] bytes = address.getAddress();
        // The JDK turns ::ffff:a.b.c.d into IPv4 by itself; the other embeddings it leaves.
        boolean compatible = bytes.length == 16 && zero(bytes, 12) && !address.isLoopbackAddress();
        boolean sixToFour = bytes.length == 16 && bytes[0] == 0x20 && bytes[1] == 0x02;
        boolean nat64 = bytes.length == 16 && bytes[0] == 0 && bytes[1] == 0x64 && (bytes[2] & 0xff) == 0xff && (bytes[3] & 0xff) == 0x9b;
        // fd00:ec2::/32 serves credentials to machines on AWS.
        boolean aws = bytes.length == 16 && (bytes[0] & 0xff) == 0xfd && bytes[1] == 0 && bytes[2] == 0x0e && (bytes[3] & 0xff) == 0xc2;
        if (address.isLinkLocalAddress() || address.isAnyLocalAddress() || address.isMulticastAddress() || compatible || sixToFour
                || nat64 || aws || METADATA_ADDRESSES.contains(address.getHostAddress())) {
            throw new Refusal("leads to " + address.getHostAddress() + ", where no server of yours is: a link-local, metadata or special address");
        }
    }

    private static boolean zero(byte[] bytes, int count) {
        for (int i = 0; i < count; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return uri.toString();
    }

    /// Why an address is not used; completes the sentence "the server address …".
    public static final class Refusal extends Exception {
        private static final long serialVersionUID = 1;

        Refusal(String words) {
            super(words, null, false, false);
        }

        public String words() {
            return String.valueOf(getMessage());
        }
    }
}
