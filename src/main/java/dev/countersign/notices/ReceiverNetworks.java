package dev.countersign.notices;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/// Which addresses a receiver may have: those of the internet, and those of private networks that the operator opened by
/// `countersign.webhooks.networks`, a list such as `10.20.0.0/16, 127.0.0.0/8`. Never one at which clouds hand out credentials, a
/// link-local, multicast or reserved one: these cannot be opened.
///
/// Tenants choose receivers, and the portal stands inside somebody's network: without this they could reach what only it can reach.
@Component
class ReceiverNetworks {
    static final String SETTING = "countersign.webhooks.networks";

    private static final List<Network> PRIVATE = networks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "::1/128", "fc00::/7");
    private static final List<Network> NEVER = networks(
            "0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
            "100.100.100.200/32", "168.63.129.16/32", "fd00:ec2::/32", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");
    /// All of IPv6 that is given out; what else begins otherwise embeds IPv4 addresses, or is special.
    private static final Network GLOBAL = Network.of("2000::/3");

    private final List<Network> opened;

    /// Throws IllegalArgumentException, which stops the program, for what is no network or cannot be opened.
    ReceiverNetworks(@Value("${" + SETTING + ":}") List<String> opened) {
        this.opened = opened.stream().map(String::strip).filter(text -> !text.isEmpty()).map(ReceiverNetworks::openable).toList();
    }

    /// Throws `Refused` with what to do.
    void check(InetAddress address) throws Refused {
        byte[] bytes = address.getAddress();
        if (!mayBeOpened(bytes) && !isPublic(bytes)) {
            throw new Refused("leads to " + address.getHostAddress() + ", a link-local, metadata or reserved address. No receiver is there; choose another");
        }
        if (!isPublic(bytes) && opened.stream().noneMatch(network -> network.holds(bytes))) {
            throw new Refused("leads to " + address.getHostAddress() + ", an address of a private network. The operator of the portal can open that network to webhooks by "
                    + SETTING);
        }
    }

    private static boolean isPublic(byte[] address) {
        return !in(NEVER, address) && !in(PRIVATE, address) && (address.length == 4 || GLOBAL.holds(address));
    }

    private static boolean mayBeOpened(byte[] address) {
        return in(PRIVATE, address) && !in(NEVER, address);
    }

    private static boolean in(List<Network> networks, byte[] address) {
        return networks.stream().anyMatch(network -> network.holds(address));
    }

    private static Network openable(String text) {
        Network network;
        try {
            network = Network.of(text);
        } catch (IllegalArgumentException malformed) {
            throw new IllegalArgumentException(SETTING + ": \"" + text + "\" is no network; write it like 10.20.0.0/16");
        }
        if (PRIVATE.stream().noneMatch(outer -> outer.includes(network))) {
            throw new IllegalArgumentException(SETTING + ": " + text + " cannot be opened; only parts of private networks can (" + String.join(", ",
                    PRIVATE.stream().map(Network::text).toList()) + "), public addresses are open");
        }
        return network;
    }

    private static List<Network> networks(String... texts) {
        return Arrays.stream(texts).map(Network::of).toList();
    }

    /// An address and how many of its first bits count.
    private record Network(String text, byte[] address, int bits) {
        private static final Pattern LITERAL = Pattern.compile("([0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-fA-F.]{0,20}:[0-9a-fA-F:.]{1,44})/[0-9]{1,3}");

        static Network of(String text) {
            if (!LITERAL.matcher(text).matches()) {
                throw new IllegalArgumentException(text);
            }
            int slash = text.indexOf('/');
            try {
                // A literal: nothing is looked up.
                byte[] address = InetAddress.ofLiteral(text.substring(0, slash)).getAddress();
                int bits = Integer.parseInt(text.substring(slash + 1));
                if (bits > address.length * 8) {
                    throw new IllegalArgumentException(text);
                }
                return new Network(text, address, bits);
            } catch (IllegalArgumentException malformed) {
                throw new IllegalArgumentException(text);
            }
        }

        boolean holds(byte[] other) {
            if (other.length != address.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> (bit % 8);
                if ((other[bit / 8] & mask) != (address[bit / 8] & mask)) {
                    return false;
                }
            }
            return true;
        }

        boolean includes(Network other) {
            return other.bits >= bits && holds(other.address);
        }
    }

    /// Why an address is not gone to; completes the sentence "The address …". An UnknownHostException, so that it passes through a
    /// client that asks for addresses.
    static final class Refused extends UnknownHostException {
        private static final long serialVersionUID = 1;

        Refused(String words) {
            super(words);
        }

        String words() {
            return String.valueOf(getMessage());
        }
    }
}
