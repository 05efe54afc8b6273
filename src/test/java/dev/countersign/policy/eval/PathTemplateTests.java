package dev.countersign.policy.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class PathTemplateTests {
    @Test
    void aStarIsOneSegmentAndNeverEmpty() {
        assertThat(PathTemplate.of("/a/{*}").matches("/a/b%20c")).isTrue();
        assertThat(PathTemplate.of("/a/{*}").matches("/a/")).isFalse();
        assertThat(PathTemplate.of("/a/{*}").matches("/a/b/c")).isFalse();
        assertThat(PathTemplate.of("/a/{*}").matches("/a/b c")).isFalse();
        assertThat(PathTemplate.of("/a.b/{*}").matches("/aXb/c")).isFalse();
    }

    @Test
    void twoStarsAreAnyRest() {
        assertThat(PathTemplate.of("/a/{**}").matches("/a/")).isTrue();
        assertThat(PathTemplate.of("/a/{**}").matches("/a/b/c")).isTrue();
        assertThat(PathTemplate.of("/a/{**}").matches("/a")).isFalse();
        assertThat(PathTemplate.of("/a/{**}/").matches("/a/b")).isFalse();
        assertThat(PathTemplate.of("/store/{**}/cart").matches("/store//cart")).isTrue();
        assertThat(PathTemplate.of("/store/{**}/cart").matches("/store/cart")).isFalse();
    }

    @Test
    void itAgreesWithTheRegularExpressionOfEnvoy() {
        SplittableRandom random = new SplittableRandom(5);
        String[] parts = {"/", "a", "{*}", "{**}", "b/", "/{*}/", "."};
        String[] words = {"/", "a", "b", ".", " ", "{", "%20", "ab"};
        int matched = 0;
        for (int i = 0; i < 100_000; i++) {
            String template = text(random, parts, 5);
            String path = text(random, words, 7);
            boolean expected = Pattern.matches(regex(template), path);
            assertThat(PathTemplate.of(template).matches(path)).as(template + " on " + path).isEqualTo(expected);
            matched += expected ? 1 : 0;
        }
        assertThat(matched).isGreaterThan(2_000);
    }

    @Test
    void aHostilePathCostsNoMoreThanItsLength() {
        PathTemplate template = PathTemplate.of("/" + "{*}a/".repeat(20) + "{**}/z");
        String path = "/" + "a".repeat(50_000);
        Assertions.assertTimeout(Duration.ofSeconds(5), () -> assertThat(template.matches(path)).isFalse());
    }

    private static String text(SplittableRandom random, String[] parts, int most) {
        StringBuilder text = new StringBuilder("/");
        int count = random.nextInt(most + 1);
        for (int i = 0; i < count; i++) {
            text.append(parts[random.nextInt(parts.length)]);
        }
        return text.toString();
    }

    private static String regex(String template) {
        String segment = "a-zA-Z0-9\\-._~%!$&'()+,;:@=";
        return Pattern.quote(template)
                .replace("{**}", "\\E[" + segment + "/]*\\Q")
                .replace("{*}", "\\E[" + segment + "]+\\Q");
    }
}
