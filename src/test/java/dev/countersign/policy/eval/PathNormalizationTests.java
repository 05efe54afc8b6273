package dev.countersign.policy.eval;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PathNormalizationTests {
    @Test
    void theQueryStaysAsItIs() {
        assertThat(PathNormalization.DECODE_AND_MERGE_SLASHES.normalize("/a//b?c=//%2f/../d"))
                .contains("/a/b?c=//%2f/../d");
        assertThat(PathNormalization.BASE.normalize("/a/..?x")).contains("/?x");
    }

    @Test
    void theFragmentNeverReachesAPolicy() {
        for (PathNormalization mode : PathNormalization.values()) {
            assertThat(mode.normalize("/a#b?c")).contains("/a");
        }
    }

    @Test
    void dotSegmentsNeverClimbOutOfTheRoot() {
        assertThat(PathNormalization.BASE.normalize("/../../a")).contains("/a");
        assertThat(PathNormalization.BASE.normalize("/a/.")).contains("/a/");
        assertThat(PathNormalization.BASE.normalize("/a/b/..")).contains("/a/");
        assertThat(PathNormalization.BASE.normalize("/..")).contains("/");
    }

    @Test
    void aZeroByteIsRefused() {
        assertThat(PathNormalization.BASE.normalize("/a%00")).isEmpty();
        assertThat(PathNormalization.NONE.normalize("/a%00")).contains("/a%00");
    }

    @Test
    void nothingIsDecodedTwice() {
        assertThat(PathNormalization.DECODE_AND_MERGE_SLASHES.normalize("/%252e%252e/a")).contains("/%252e%252e/a");
        assertThat(PathNormalization.DECODE_AND_MERGE_SLASHES.normalize("/%25%32%66")).contains("/%252f");
    }

    @Test
    void aHalfEscapeStaysAsItIs() {
        assertThat(PathNormalization.BASE.normalize("/a%2")).contains("/a%2");
        assertThat(PathNormalization.BASE.normalize("/a%zz")).contains("/a%zz");
    }

    @Test
    void normalizingTwiceChangesNothingMore() {
        for (String path : new String[] {"/a/./b", "/%41%2e/..//x", "/a\\..\\b", "/a b", "/é", "/a;x/../b", "//"}) {
            String once = PathNormalization.MERGE_SLASHES.normalize(path).orElseThrow();
            assertThat(PathNormalization.MERGE_SLASHES.normalize(once)).contains(once);
        }
    }
}
