package dev.countersign.policy.reason;

import java.util.Arrays;
import java.util.function.IntConsumer;

/// A set of small numbers: atoms of a dimension, or matchers that hold together. Immutable; sets of one universe have the
/// same number of words.
final class AtomSet {
    private final long[] words;
    private final int hash;

    private AtomSet(long[] words) {
        this.words = words;
        this.hash = Arrays.hashCode(words);
    }

    static AtomSet none(int size) {
        return new AtomSet(new long[words(size)]);
    }

    static AtomSet all(int size) {
        long[] words = new long[words(size)];
        Arrays.fill(words, -1L);
        if (size == 0 || (size & 63) != 0) {
            words[words.length - 1] = (1L << (size & 63)) - 1;
        }
        return new AtomSet(words);
    }

    static AtomSet of(int size, boolean[] members) {
        long[] words = new long[words(size)];
        for (int i = 0; i < size; i++) {
            if (members[i]) {
                words[i >> 6] |= 1L << (i & 63);
            }
        }
        return new AtomSet(words);
    }

    static AtomSet single(int size, int member) {
        long[] words = new long[words(size)];
        words[member >> 6] |= 1L << (member & 63);
        return new AtomSet(words);
    }

    private static int words(int size) {
        return Math.max(1, (size + 63) >> 6);
    }

    boolean has(int member) {
        return (words[member >> 6] & 1L << (member & 63)) != 0;
    }

    AtomSet and(AtomSet other) {
        long[] result = new long[words.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = words[i] & other.words[i];
        }
        return new AtomSet(result);
    }

    AtomSet or(AtomSet other) {
        long[] result = new long[words.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = words[i] | other.words[i];
        }
        return new AtomSet(result);
    }

    AtomSet minus(AtomSet other) {
        long[] result = new long[words.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = words[i] & ~other.words[i];
        }
        return new AtomSet(result);
    }

    boolean isEmpty() {
        for (long word : words) {
            if (word != 0) {
                return false;
            }
        }
        return true;
    }

    boolean meets(AtomSet other) {
        for (int i = 0; i < words.length; i++) {
            if ((words[i] & other.words[i]) != 0) {
                return true;
            }
        }
        return false;
    }

    boolean within(AtomSet other) {
        for (int i = 0; i < words.length; i++) {
            if ((words[i] & ~other.words[i]) != 0) {
                return false;
            }
        }
        return true;
    }

    int size() {
        int size = 0;
        for (long word : words) {
            size += Long.bitCount(word);
        }
        return size;
    }

    int first() {
        for (int i = 0; i < words.length; i++) {
            if (words[i] != 0) {
                return (i << 6) + Long.numberOfTrailingZeros(words[i]);
            }
        }
        throw new IllegalStateException("an empty set has no first member");
    }

    void forEach(IntConsumer action) {
        for (int i = 0; i < words.length; i++) {
            for (long rest = words[i]; rest != 0; rest &= rest - 1) {
                action.accept((i << 6) + Long.numberOfTrailingZeros(rest));
            }
        }
    }

    /// An order of sets of one universe: the empty one comes last.
    static int descending(AtomSet one, AtomSet other) {
        for (int i = one.words.length - 1; i >= 0; i--) {
            int order = Long.compareUnsigned(other.words[i], one.words[i]);
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AtomSet that && Arrays.equals(words, that.words);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        forEach(i -> text.append(text.length() > 1 ? "," : "").append(i));
        return text.append('}').toString();
    }
}
