package dev.countersign.policy.check;

/// IP addresses and blocks as Go's `net/netip` reads them, which is stricter than Java's own reading.
final class Addresses {
    private Addresses() {}

    static boolean isAddress(String text) {
        return text.indexOf(':') >= 0 ? isVersion6(text) : isVersion4(text);
    }

    /// `address/length`; the address has no zone, the length no sign and no leading zero.
    static boolean isBlock(String text) {
        int slash = text.lastIndexOf('/');
        if (slash < 0) {
            return false;
        }
        String address = text.substring(0, slash);
        String bits = text.substring(slash + 1);
        boolean plain = bits.matches("0|[1-9][0-9]{0,2}");
        return plain
                && address.indexOf('%') < 0
                && isAddress(address)
                && Integer.parseInt(bits) <= (address.indexOf(':') >= 0 ? 128 : 32);
    }

    private static boolean isVersion4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return false;
        }
        for (String part : parts) {
            if (!part.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(part) > 255) {
                return false;
            }
        }
        return true;
    }

    private static boolean isVersion6(String text) {
        String address = text;
        int zone = text.indexOf('%');
        if (zone >= 0) {
            if (zone == text.length() - 1) {
                return false;
            }
            address = text.substring(0, zone);
        }
        int gap = address.indexOf("::");
        if (gap >= 0 && address.indexOf("::", gap + 1) >= 0) {
            return false;
        }
        if (gap < 0) {
            return groups(address, true) == 8;
        }
        String left = address.substring(0, gap);
        String right = address.substring(gap + 2);
        int before = left.isEmpty() ? 0 : groups(left, false);
        int after = right.isEmpty() ? 0 : groups(right, true);
        return before >= 0 && after >= 0 && before + after <= 7;
    }

    /// How many groups of 16 bits the text spells; negative if it is malformed.
    private static int groups(String text, boolean mayEndInVersion4) {
        String[] parts = text.split(":", -1);
        int groups = 0;
        for (int i = 0; i < parts.length; i++) {
            if (parts[i].matches("[0-9a-fA-F]{1,4}")) {
                groups++;
            } else if (mayEndInVersion4 && i == parts.length - 1 && isVersion4(parts[i])) {
                groups += 2;
            } else {
                return Integer.MIN_VALUE;
            }
        }
        return groups;
    }
}
