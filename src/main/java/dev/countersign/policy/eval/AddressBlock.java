package dev.countersign.policy.eval;

import java.util.Optional;

/// The addresses that share the first `length` bits with `base`: `10.1.0.0/16`, or one address (`10.1.2.3`,
/// `2001:db8::1`). Host bits are ignored: `10.1.2.3/16` is `10.1.0.0/16`.
public record AddressBlock(Address base, int length) {
    public AddressBlock {
        if (length < 0 || length > (base.six() ? 128 : 32)) {
            throw new IllegalArgumentException("prefix length " + length + " does not fit the address");
        }
        base = masked(base, length);
    }

    public static Optional<AddressBlock> parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return Address.parse(text).map(address -> new AddressBlock(address, address.six() ? 128 : 32));
        }
        int length = length(text.substring(slash + 1));
        return Address.parse(text.substring(0, slash))
                .filter(address -> length >= 0 && length <= (address.six() ? 128 : 32))
                .map(address -> new AddressBlock(address, length));
    }

    /// Never an address of the other family, whose masked form differs from every base of this one.
    public boolean contains(Address address) {
        return masked(address, length).equals(base);
    }

    private static Address masked(Address address, int length) {
        if (!address.six()) {
            return new Address(false, 0, address.low() & mask(length + 32));
        }
        return new Address(true, address.high() & mask(length), address.low() & mask(length - 64));
    }

    /// The first `bits` of 64 set; shifts in Java count modulo 64, hence the ends by hand.
    private static long mask(int bits) {
        if (bits <= 0) {
            return 0;
        }
        return bits >= 64 ? -1L : -1L << (64 - bits);
    }

    private static int length(String text) {
        if (text.isEmpty() || text.length() > 3 || (text.length() > 1 && text.charAt(0) == '0')) {
            return -1;
        }
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char digit = text.charAt(i);
            if (digit < '0' || digit > '9') {
                return -1;
            }
            length = length * 10 + (digit - '0');
        }
        return length;
    }
}
