package dev.countersign.audit;

import java.util.Locale;
import java.util.Set;

/// What may be sent where: everything by https, and by http only to this machine.
final class SafeAddress {
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]", "::1");

    private SafeAddress() {}

    static boolean allows(String scheme, String host) {
        return scheme.equalsIgnoreCase("https") || scheme.equalsIgnoreCase("http") && LOOPBACK.contains(host.toLowerCase(Locale.ROOT));
    }
}
