package dev.countersign.policy.eval;

import java.util.BitSet;

/// An Envoy URI template (istio.md 1.5), matched against a whole path without its query: `{*}` is one or more
/// characters of a segment, `{**}` any number of them and of slashes, all else itself. Time is length of path times
/// length of template: every position reachable is walked at once, nothing is tried twice.
public final class PathTemplate {
    private static final char SEGMENT = '\uE000';
    private static final char REST = '\uE001';
    private static final BitSet SEGMENT_CHARACTERS = segmentCharacters();

    private final String tokens;

    private PathTemplate(String tokens) {
        this.tokens = tokens;
    }

    public static PathTemplate of(String template) {
        StringBuilder tokens = new StringBuilder();
        for (int i = 0; i < template.length(); i++) {
            if (template.startsWith("{**}", i)) {
                tokens.append(REST);
                i += 3;
            } else if (template.startsWith("{*}", i)) {
                tokens.append(SEGMENT);
                i += 2;
            } else {
                tokens.append(template.charAt(i));
            }
        }
        return new PathTemplate(tokens.toString());
    }

    /// Whether the character may stand in one segment of a path under `{*}`.
    public static boolean inSegment(char character) {
        return SEGMENT_CHARACTERS.get(character);
    }

    public boolean matches(String path) {
        BitSet reached = new BitSet(2 * tokens.length() + 1);
        reached.set(0);
        skipRests(reached);
        for (int at = 0; at < path.length() && !reached.isEmpty(); at++) {
            reached = step(reached, path.charAt(at));
            skipRests(reached);
        }
        return reached.get(2 * tokens.length());
    }

    /// State 2i stands before token i, 2i+1 inside SEGMENT i, which may end or go on.
    private BitSet step(BitSet reached, char character) {
        BitSet next = new BitSet(reached.length() + 2);
        for (int state = reached.nextSetBit(0); state >= 0; state = reached.nextSetBit(state + 1)) {
            int token = state / 2;
            if (token == tokens.length()) {
                continue;
            }
            switch (tokens.charAt(token)) {
                case REST -> {
                    if (character == '/' || inSegment(character)) {
                        next.set(state);
                    }
                }
                case SEGMENT -> {
                    if (inSegment(character)) {
                        next.set(2 * token + 1);
                        next.set(2 * token + 2);
                    }
                }
                default -> {
                    if (tokens.charAt(token) == character) {
                        next.set(2 * token + 2);
                    }
                }
            }
        }
        return next;
    }

    private void skipRests(BitSet reached) {
        for (int state = reached.nextSetBit(0); state >= 0; state = reached.nextSetBit(state + 1)) {
            int token = state / 2;
            if (state % 2 == 0 && token < tokens.length() && tokens.charAt(token) == REST) {
                reached.set(state + 2);
            }
        }
    }

    private static BitSet segmentCharacters() {
        BitSet set = new BitSet(128);
        set.set('a', 'z' + 1);
        set.set('A', 'Z' + 1);
        set.set('0', '9' + 1);
        "-._~%!$&'()+,;:@=".chars().forEach(set::set);
        return set;
    }
}
