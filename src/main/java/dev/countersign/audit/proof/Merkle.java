package dev.countersign.audit.proof;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The hash tree of RFC 6962, section 2.1. Nodes are addressed as (height, index): the node of height h covers the leaves
/// from index·2^h, 2^h of them, and exists once they all do.
public final class Merkle {
    public static final int HASH = 32;

    /// To ask for one each time takes as long as to hash two nodes.
    private static final ThreadLocal<MessageDigest> SHA_256 = ThreadLocal.withInitial(() -> {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    });

    private Merkle() {}

    /// Gives the hash of a complete subtree.
    @FunctionalInterface
    public interface Nodes {
        byte[] at(int height, long index);
    }

    public static byte[] sha256(byte[]... parts) {
        MessageDigest digest = digest();
        for (byte[] part : parts) {
            digest.update(part);
        }
        return digest.digest();
    }

    /// That of this thread, begun anew: for whoever ends with it before somebody else begins.
    private static MessageDigest digest() {
        MessageDigest digest = SHA_256.get();
        digest.reset();
        return digest;
    }

    public static byte[] leaf(byte[] data) {
        MessageDigest digest = digest();
        digest.update((byte) 0);
        return digest.digest(data);
    }

    public static byte[] node(byte[] left, byte[] right) {
        MessageDigest digest = digest();
        digest.update((byte) 1);
        digest.update(left);
        return digest.digest(right);
    }

    /// The root over the first `size` leaves; of none: the hash of nothing.
    public static byte[] root(long size, Nodes nodes) {
        return size == 0 ? sha256() : range(0, size, nodes);
    }

    /// MTH(D[from:to]) where `from` is a multiple of the power of two that the range fits into.
    private static byte[] range(long from, long to, Nodes nodes) {
        long count = to - from;
        if (Long.bitCount(count) == 1) {
            int height = Long.numberOfTrailingZeros(count);
            return nodes.at(height, from >> height);
        }
        long left = split(count);
        return node(range(from, from + left, nodes), range(from + left, to, nodes));
    }

    /// The largest power of two below `count`.
    private static long split(long count) {
        return Long.highestOneBit(count - 1);
    }

    /// The audit path of leaf `index` in the tree of `size` leaves, from the leaf upwards.
    public static List<byte[]> inclusion(long index, long size, Nodes nodes) {
        if (index < 0 || index >= size) {
            throw new IllegalArgumentException("leaf " + index + " is not in a tree of " + size);
        }
        List<byte[]> path = new ArrayList<>();
        long from = 0;
        long to = size;
        while (to - from > 1) {
            long middle = from + split(to - from);
            if (index < middle) {
                path.addFirst(range(middle, to, nodes));
                to = middle;
            } else {
                path.addFirst(range(from, middle, nodes));
                from = middle;
            }
        }
        return path;
    }

    /// That the tree of `old` leaves is the beginning of the tree of `size` leaves; nothing to show from 0 or between equals.
    public static List<byte[]> consistency(long old, long size, Nodes nodes) {
        if (old < 0 || old > size) {
            throw new IllegalArgumentException("a tree of " + old + " is no beginning of one of " + size);
        }
        List<byte[]> path = new ArrayList<>();
        if (old == 0 || old == size) {
            return path;
        }
        long from = 0;
        long to = size;
        boolean whole = true;
        while (old != to) {
            long middle = from + split(to - from);
            if (old <= middle) {
                path.addFirst(range(middle, to, nodes));
                to = middle;
            } else {
                path.addFirst(range(from, middle, nodes));
                from = middle;
                whole = false;
            }
        }
        if (!whole) {
            path.addFirst(range(from, to, nodes));
        }
        return path;
    }

    /// RFC 9162, section 2.1.3.2.
    public static boolean verifyInclusion(byte[] leaf, long index, long size, List<byte[]> path, byte[] root) {
        if (index < 0 || index >= size) {
            return false;
        }
        long fn = index;
        long sn = size - 1;
        byte[] r = leaf;
        for (byte[] p : path) {
            if (sn == 0) {
                return false;
            }
            if ((fn & 1) == 1 || fn == sn) {
                r = node(p, r);
                while ((fn & 1) == 0 && fn != 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
            } else {
                r = node(r, p);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 && Arrays.equals(r, root);
    }

    /// RFC 9162, section 2.1.4.2, with the two cases that need no path.
    public static boolean verifyConsistency(long old, long size, List<byte[]> path, byte[] oldRoot, byte[] root) {
        if (old < 0 || old > size) {
            return false;
        }
        if (old == size) {
            return path.isEmpty() && Arrays.equals(oldRoot, root);
        }
        if (old == 0) {
            return path.isEmpty() && Arrays.equals(oldRoot, sha256());
        }
        List<byte[]> steps = new ArrayList<>(path);
        if (Long.bitCount(old) == 1) {
            steps.addFirst(oldRoot);
        }
        if (steps.isEmpty()) {
            return false;
        }
        long fn = old - 1;
        long sn = size - 1;
        while ((fn & 1) == 1) {
            fn >>= 1;
            sn >>= 1;
        }
        byte[] fr = steps.getFirst();
        byte[] sr = fr;
        for (byte[] c : steps.subList(1, steps.size())) {
            if (sn == 0) {
                return false;
            }
            if ((fn & 1) == 1 || fn == sn) {
                fr = node(c, fr);
                sr = node(c, sr);
                while ((fn & 1) == 0 && fn != 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
            } else {
                sr = node(sr, c);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 && Arrays.equals(fr, oldRoot) && Arrays.equals(sr, root);
    }

    /// The root of leaves that come one by one, in memory that grows with the logarithm of their number.
    public static final class Growing {
        private final byte[][] complete = new byte[64][];
        private long size;

        public void add(byte[] leaf) {
            byte[] hash = leaf;
            int height = 0;
            for (long rest = size; (rest & 1) == 1; rest >>= 1) {
                hash = node(complete[height++], hash);
            }
            complete[height] = hash;
            size++;
        }

        public long size() {
            return size;
        }

        public byte[] root() {
            if (size == 0) {
                return sha256();
            }
            int height = Long.numberOfTrailingZeros(size);
            byte[] hash = complete[height];
            for (long rest = size >> (height + 1); rest != 0; rest >>= 1) {
                height++;
                if ((rest & 1) == 1) {
                    hash = node(complete[height], hash);
                }
            }
            return hash;
        }
    }
}
