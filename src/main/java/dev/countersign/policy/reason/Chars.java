package dev.countersign.policy.reason;

/// A set of characters. All sets agree on characters outside printable ASCII except where they name one, so that one of
/// them stands for all.
sealed interface Chars {
    boolean has(char c);

    record One(char c) implements Chars {
        @Override
        public boolean has(char other) {
            return c == other;
        }
    }

    /// One letter in either case.
    record Folded(char c) implements Chars {
        @Override
        public boolean has(char other) {
            return Text.fold(c) == Text.fold(other);
        }
    }

    enum Some implements Chars {
        ANY {
            @Override
            public boolean has(char c) {
                return true;
            }
        },
        /// What a path consists of before its query.
        BEFORE_QUERY {
            @Override
            public boolean has(char c) {
                return c != '?';
            }
        },
        NOT_SLASH {
            @Override
            public boolean has(char c) {
                return c != '/';
            }
        },
        NOT_SPACE {
            @Override
            public boolean has(char c) {
                return c != ' ';
            }
        },
        NOT_FRAGMENT {
            @Override
            public boolean has(char c) {
                return c != '#';
            }
        },
        NO_QUERY_NOR_FRAGMENT {
            @Override
            public boolean has(char c) {
                return c != '?' && c != '#';
            }
        },
        /// What `{*}` of a path template covers (istio.md 1.5).
        SEGMENT {
            @Override
            public boolean has(char c) {
                return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
                        || "-._~%!$&'()+,;:@=".indexOf(c) >= 0;
            }
        },
        SEGMENTS {
            @Override
            public boolean has(char c) {
                return c == '/' || SEGMENT.has(c);
            }
        }
    }
}
