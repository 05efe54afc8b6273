package dev.countersign.policy.eval;

import java.util.Optional;

/// An IPv4 or IPv6 address, read from text alone; nothing is ever looked up. An IPv4 address stands in the low 32 bits.
/// The two families never mix: `::ffff:10.1.2.3` is an IPv6 address.
public record Address(boolean six, long high, long low) {
    /// Strict text: four decimals without leading zeros, or hexadecimal groups with at most one `::` and an IPv4 tail.
    /// No zone.
    public static Optional<Address> parse(String text) {
        return text.indexOf(':') < 0 ? four(text).map(low -> new Address(false, 0, low)) : six(text);
    }

    private static Optional<Long> four(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return Optional.empty();
        }
        long address = 0;
        for (String part : parts) {
            if (part.isEmpty() || part.length() > 3 || (part.length() > 1 && part.charAt(0) == '0')) {
                return Optional.empty();
            }
            int octet = number(part, 10);
            if (octet < 0 || octet > 255) {
                return Optional.empty();
            }
            address = address << 8 | octet;
        }
        return Optional.of(address);
    }

    private static Optional<Address> six(String text) {
        int gap = text.indexOf("::");
        if (gap < 0) {
            return groups(text).filter(groups -> groups.length == 8).map(Address::of);
        }
        if (text.indexOf("::", gap + 1) >= 0) {
            return Optional.empty();
        }
        Optional<int[]> before = groups(text.substring(0, gap));
        Optional<int[]> after = groups(text.substring(gap + 2));
        if (before.isEmpty() || after.isEmpty() || before.get().length + after.get().length > 7
                || (gap > 0 && text.lastIndexOf('.', gap) >= 0)) {
            return Optional.empty();
        }
        int[] all = new int[8];
        System.arraycopy(before.get(), 0, all, 0, before.get().length);
        System.arraycopy(after.get(), 0, all, 8 - after.get().length, after.get().length);
        return Optional.of(of(all));
    }

    private static Optional<int[]> groups(String text) {
        if (text.isEmpty()) {
            return Optional.of(new int[0]);
        }
        String[] parts = text.split(":", -1);
        boolean tail = parts[parts.length - 1].indexOf('.') >= 0;
        int[] groups = new int[parts.length + (tail ? 1 : 0)];
        for (int i = 0; i < parts.length - (tail ? 1 : 0); i++) {
            groups[i] = parts[i].length() > 4 ? -1 : number(parts[i], 16);
            if (groups[i] < 0) {
                return Optional.empty();
            }
        }
        if (tail) {
            Optional<Long> four = four(parts[parts.length - 1]);
            if (four.isEmpty()) {
                return Optional.empty();
            }
            groups[groups.length - 2] = (int) (four.get() >> 16);
            groups[groups.length - 1] = (int) (four.get() & 0xffff);
        }
        return groups.length > 8 ? Optional.empty() : Optional.of(groups);
    }

    private static Address of(int[] groups) {
        long high = 0;
        long low = 0;
        for (int i = 0; i < 4; i++) {
            high = high << 16 | groups[i];
            low = low << 16 | groups[i + 4];
        }
        return new Address(true, high, low);
    }

    /// The number, or -1 where a character is not an ASCII digit of the base or there is none.
    private static int number(String digits, int base) {
        int value = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(i) < 128 ? Character.digit(digits.charAt(i), base) : -1;
            if (digit < 0) {
                return -1;
            }
            value = value * base + digit;
        }
        return digits.isEmpty() ? -1 : value;
    }
}
