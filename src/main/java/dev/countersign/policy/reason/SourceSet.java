package dev.countersign.policy.reason;

import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.IntConsumer;

/// A set of sources by number. Only words with a member are kept, so that a few callers among many thousands cost a few
/// words. Immutable; equal sets have equal words.
final class SourceSet {
    static final SourceSet NONE = new SourceSet(new int[0], new long[0]);

    private final int[] places;
    private final long[] words;

    private SourceSet(int[] places, long[] words) {
        this.places = places;
        this.words = words;
    }

    /// All numbers from `from` to before `to`.
    static SourceSet range(int from, int to) {
        if (from >= to) {
            return NONE;
        }
        int first = from >> 6;
        int[] places = new int[(to - 1 >> 6) - first + 1];
        long[] words = new long[places.length];
        for (int i = 0; i < places.length; i++) {
            places[i] = first + i;
            words[i] = -1L;
        }
        words[0] &= -1L << (from & 63);
        words[words.length - 1] &= -1L >>> (63 - (to - 1 & 63));
        return new SourceSet(places, words);
    }

    /// Numbers in any order, some of them perhaps twice.
    static SourceSet of(int... numbers) {
        int[] sorted = numbers.clone();
        Arrays.sort(sorted);
        int[] places = new int[sorted.length];
        long[] words = new long[sorted.length];
        int size = 0;
        for (int number : sorted) {
            if (size == 0 || places[size - 1] != number >> 6) {
                places[size++] = number >> 6;
            }
            words[size - 1] |= 1L << (number & 63);
        }
        return made(places, words, size);
    }

    private static SourceSet made(int[] places, long[] words, int size) {
        return size == 0 ? NONE
                : size == places.length ? new SourceSet(places, words)
                : new SourceSet(Arrays.copyOf(places, size), Arrays.copyOf(words, size));
    }

    boolean has(int number) {
        int at = Arrays.binarySearch(places, number >> 6);
        return at >= 0 && (words[at] & 1L << (number & 63)) != 0;
    }

    boolean isEmpty() {
        return places.length == 0;
    }

    int size() {
        int size = 0;
        for (long word : words) {
            size += Long.bitCount(word);
        }
        return size;
    }

    SourceSet or(SourceSet other) {
        if (other.isEmpty() || this == other) {
            return this;
        }
        if (isEmpty()) {
            return other;
        }
        int[] joint = new int[places.length + other.places.length];
        long[] filled = new long[joint.length];
        int size = 0;
        int a = 0;
        int b = 0;
        while (a < places.length || b < other.places.length) {
            int left = a < places.length ? places[a] : Integer.MAX_VALUE;
            int right = b < other.places.length ? other.places[b] : Integer.MAX_VALUE;
            joint[size] = Math.min(left, right);
            filled[size++] = (left <= right ? words[a] : 0) | (right <= left ? other.words[b] : 0);
            a += left <= right ? 1 : 0;
            b += right <= left ? 1 : 0;
        }
        return made(joint, filled, size);
    }

    SourceSet and(SourceSet other) {
        return this == other ? this : within(other, true);
    }

    SourceSet minus(SourceSet other) {
        return isEmpty() || other.isEmpty() ? this : within(other, false);
    }

    /// What of this is in the other, or is not.
    private SourceSet within(SourceSet other, boolean inside) {
        int[] kept = new int[places.length];
        long[] left = new long[places.length];
        int size = 0;
        int b = 0;
        for (int a = 0; a < places.length; a++) {
            while (b < other.places.length && other.places[b] < places[a]) {
                b++;
            }
            long theirs = b < other.places.length && other.places[b] == places[a] ? other.words[b] : 0;
            long word = words[a] & (inside ? theirs : ~theirs);
            if (word != 0) {
                kept[size] = places[a];
                left[size++] = word;
            }
        }
        return made(kept, left, size);
    }

    void forEach(IntConsumer action) {
        for (int i = 0; i < places.length; i++) {
            for (long rest = words[i]; rest != 0; rest &= rest - 1) {
                action.accept((places[i] << 6) + Long.numberOfTrailingZeros(rest));
            }
        }
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(places.length);
        for (int i = 0; i < places.length; i++) {
            out.writeInt(places[i]);
            out.writeLong(words[i]);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SourceSet that && Arrays.equals(places, that.places) && Arrays.equals(words, that.words);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(places) + Arrays.hashCode(words);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        forEach(i -> text.append(text.length() > 1 ? "," : "").append(i));
        return text.append('}').toString();
    }
}
