package dev.countersign.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Holds the colours of `tokens.css` to WCAG 2.2 AA in both themes: 4.5 : 1 for words, 3 : 1 for the edges of controls.
class ContrastTests {
    private static final Pattern TOKEN = Pattern.compile("--([a-z-]+): light-dark\\(oklch\\(([^)]*)\\), oklch\\(([^)]*)\\)\\)");
    private static final List<String> GROUNDS =
            List.of("paper", "sheet", "well", "act-wash", "opens-wash", "cuts-wash", "waits-wash", "unsure-wash");

    @Test
    void wordsAndEdgesStandOutOnEveryGroundInBothThemes() throws IOException {
        for (int theme = 1; theme <= 2; theme++) {
            Map<String, Double> light = luminances(theme);
            for (String ground : GROUNDS) {
                for (String word : List.of("ink", "ink-soft", "act", "opens", "cuts", "waits", "unsure")) {
                    assertThat(contrast(light.get(word), light.get(ground))).as("%s on %s", word, ground).isGreaterThanOrEqualTo(4.5);
                }
            }
            for (String ground : List.of("paper", "sheet")) {
                assertThat(contrast(light.get("edge"), light.get(ground))).as("edge on %s", ground).isGreaterThanOrEqualTo(3);
            }
            assertThat(contrast(light.get("act-ink"), light.get("act"))).isGreaterThanOrEqualTo(4.5);
            assertThat(contrast(light.get("act-ink"), light.get("cuts"))).isGreaterThanOrEqualTo(4.5);
        }
    }

    @Test
    void blackOnWhiteIsTwentyOneToOne() {
        assertThat(contrast(luminance("0% 0 0"), luminance("100% 0 0"))).isBetween(20.9, 21.1);
    }

    private static Map<String, Double> luminances(int theme) throws IOException {
        Map<String, Double> found = new HashMap<>();
        TOKEN.matcher(Files.readString(Path.of("frontend", "static", "css", "tokens.css")))
                .results()
                .forEach(token -> found.put(token.group(1), luminance(token.group(1 + theme))));
        return found;
    }

    private static double contrast(double one, double other) {
        return (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
    }

    /// Relative luminance of an oklch colour. Source: Björn Ottosson, "A perceptual color space for image processing".
    private static double luminance(String oklch) {
        double[] lch = Arrays.stream(oklch.split(" ")).mapToDouble(part -> Double.parseDouble(part.replace("%", ""))).toArray();
        double lightness = lch[0] / 100;
        double a = lch[1] * Math.cos(Math.toRadians(lch[2]));
        double b = lch[1] * Math.sin(Math.toRadians(lch[2]));
        double l = Math.pow(lightness + .3963377774 * a + .2158037573 * b, 3);
        double m = Math.pow(lightness - .1055613458 * a - .0638541728 * b, 3);
        double s = Math.pow(lightness - .0894841775 * a - 1.2914855480 * b, 3);
        double red = Math.clamp(4.0767416621 * l - 3.3077115913 * m + .2309699292 * s, 0, 1);
        double green = Math.clamp(-1.2684380046 * l + 2.6097574011 * m - .3413193965 * s, 0, 1);
        double blue = Math.clamp(-.0041960863 * l - .7034186147 * m + 1.7076147010 * s, 0, 1);
        return .2126 * red + .7152 * green + .0722 * blue;
    }
}
