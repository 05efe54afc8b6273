package dev.countersign.policy.reason;

import dev.countersign.policy.eval.Address;
import dev.countersign.policy.eval.AddressBlock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/// The atoms of addresses. Blocks contain each other or are apart, so each atom is a block without the blocks inside it, or
/// a family without all its blocks; it is empty only where the inner ones fill the outer one.
final class Blocks {
    private static final List<String> PRETTY = List.of("10.0.0.1", "192.0.2.1", "203.0.113.1", "2001:db8::1");

    private Blocks() {}

    /// Combinations of blocks with an address each; a value that is no block is never matched.
    static Map<AtomSet, String> combinations(List<Optional<AddressBlock>> blocks) {
        Map<AtomSet, String> found = new LinkedHashMap<>();
        for (String pretty : PRETTY) {
            note(found, blocks, Address.parse(pretty).orElseThrow());
        }
        note(found, blocks, new AddressBlock(new Address(false, 0, 0), 0));
        note(found, blocks, new AddressBlock(new Address(true, 0, 0), 0));
        blocks.forEach(block -> block.ifPresent(outer -> note(found, blocks, outer)));
        return found;
    }

    private static void note(Map<AtomSet, String> found, List<Optional<AddressBlock>> blocks, AddressBlock outer) {
        List<AddressBlock> inner = blocks.stream()
                .flatMap(Optional::stream)
                .filter(block -> block.length() > outer.length() && outer.contains(block.base()))
                .toList();
        free(outer, inner).ifPresent(address -> note(found, blocks, address));
    }

    private static void note(Map<AtomSet, String> found, List<Optional<AddressBlock>> blocks, Address address) {
        boolean[] members = new boolean[blocks.size()];
        for (int b = 0; b < members.length; b++) {
            members[b] = blocks.get(b).filter(block -> block.contains(address)).isPresent();
        }
        found.putIfAbsent(AtomSet.of(members.length, members), text(address));
    }

    /// An address of `outer` that is in none of `inner`.
    private static Optional<Address> free(AddressBlock outer, List<AddressBlock> inner) {
        List<AddressBlock> within = inner.stream()
                .filter(block -> block.length() >= outer.length() && outer.contains(block.base()))
                .toList();
        if (within.stream().anyMatch(block -> block.length() == outer.length())) {
            return Optional.empty();
        }
        int bits = outer.base().six() ? 128 : 32;
        if (within.isEmpty()) {
            // The second address of a block reads better than its first, which is the network's own.
            return Optional.of(outer.length() < bits - 1 ? withBit(outer.base(), bits - 1) : outer.base());
        }
        Optional<Address> low = free(new AddressBlock(outer.base(), outer.length() + 1), within);
        return low.isPresent()
                ? low
                : free(new AddressBlock(withBit(outer.base(), outer.length()), outer.length() + 1), within);
    }

    /// The address with the bit set, counted from the most significant one of its family.
    private static Address withBit(Address address, int bit) {
        if (!address.six()) {
            return new Address(false, 0, address.low() | 1L << (31 - bit));
        }
        return bit < 64
                ? new Address(true, address.high() | 1L << (63 - bit), address.low())
                : new Address(true, address.high(), address.low() | 1L << (127 - bit));
    }

    static String text(Address address) {
        if (!address.six()) {
            long low = address.low();
            return (low >> 24 & 255) + "." + (low >> 16 & 255) + "." + (low >> 8 & 255) + "." + (low & 255);
        }
        StringJoiner groups = new StringJoiner(":");
        for (int shift = 48; shift >= 0; shift -= 16) {
            groups.add(Long.toHexString(address.high() >>> shift & 0xffff));
        }
        for (int shift = 48; shift >= 0; shift -= 16) {
            groups.add(Long.toHexString(address.low() >>> shift & 0xffff));
        }
        return groups.toString();
    }
}
