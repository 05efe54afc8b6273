package dev.countersign.policy.reason;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Two ways to the same atoms: candidates by construction, and the automaton that visits everything.
class StringAtomsTests {
    private static final List<String> PIECES = List.of("a", "b", "ab", "/", "/a", "a/", "/a/b", "0", "");

    @Test
    void candidatesFindExactlyWhatTheAutomatonFinds() {
        SplittableRandom random = new SplittableRandom(11);
        for (Universe universe : List.of(Universe.PATH, Universe.METHOD, Universe.HOST, Universe.VALUE, Universe.NAME)) {
            for (int i = 0; i < 400; i++) {
                List<Text> texts = texts(random, universe);
                Map<AtomSet, String> candidates = StringAtoms.of(texts, universe).found();
                Combinations<String> visited = StringAtoms.byAutomaton(texts, universe);
                assertThat(visited.complete()).isTrue();
                assertThat(candidates.keySet()).as("%s", texts).isEqualTo(visited.found().keySet());
            }
        }
    }

    @Test
    void everyAtomsStringRealisesItsCombination() {
        SplittableRandom random = new SplittableRandom(12);
        List<String> paths = List.of("/a/{*}", "/a/{**}", "/{*}/b", "/a*", "*b", "/a/b", "/a/{**}/b", "*", "/", "/a?b*");
        for (int i = 0; i < 500; i++) {
            LinkedHashSet<Text> texts = new LinkedHashSet<>();
            for (int t = 0; t < 1 + random.nextInt(5); t++) {
                String value = paths.get(random.nextInt(paths.size()));
                texts.add(random.nextInt(4) == 0 ? Text.header(value) : Text.path(value));
            }
            List<Text> list = List.copyOf(texts);
            StringAtoms.of(list, Universe.PATH).found().forEach((combination, text) -> {
                assertThat(Universe.PATH.has(text)).isTrue();
                assertThat(StringAtoms.signature(list, text)).isEqualTo(combination);
            });
        }
    }

    @Test
    void noShortStringHasACombinationThatIsMissing() {
        SplittableRandom random = new SplittableRandom(13);
        List<String> values = List.of("/{*}", "/a/{**}", "/{*}/a", "/a*", "*a", "/a", "/a/", "*/", "/?*", "/a?a", "{**}");
        for (int i = 0; i < 60; i++) {
            LinkedHashSet<Text> texts = new LinkedHashSet<>();
            for (int t = 0; t < 2 + random.nextInt(4); t++) {
                String value = values.get(random.nextInt(values.size()));
                texts.add(random.nextInt(3) == 0 ? Text.header(value) : Text.path(value));
            }
            List<Text> list = List.copyOf(texts);
            Map<AtomSet, String> found = StringAtoms.of(list, Universe.PATH).found();
            for (String text : shortPaths()) {
                assertThat(found).as("%s in %s", text, list).containsKey(StringAtoms.signature(list, text));
            }
        }
    }

    @Test
    void aFoldedHostAndAnExactAuthorityAreToldApart() {
        List<Text> texts = List.of(Text.host("Shop.example"), Text.header("shop.example"), Text.host("*.EXAMPLE"));

        assertThat(StringAtoms.of(texts, Universe.HOST).found()).hasSize(4);
    }

    @Test
    void anEmptyHeaderIsPresentAndAnEmptyServerNameIsNot() {
        assertThat(StringAtoms.of(List.of(Text.header("*")), Universe.VALUE).found()).hasSize(1);
        assertThat(StringAtoms.of(List.of(Text.generic("*")), Universe.VALUE).found()).hasSize(2);
    }

    /// Every path of up to six characters over `/`, `a`, `b`, `?`.
    private static List<String> shortPaths() {
        List<String> all = new ArrayList<>(List.of("/"));
        int from = 0;
        for (int length = 2; length <= 6; length++) {
            int to = all.size();
            for (int i = from; i < to; i++) {
                for (char c : "/ab?".toCharArray()) {
                    all.add(all.get(i) + c);
                }
            }
            from = to;
        }
        return all;
    }

    private static List<Text> texts(SplittableRandom random, Universe universe) {
        boolean host = universe == Universe.HOST;
        boolean path = universe == Universe.PATH;
        LinkedHashSet<Text> texts = new LinkedHashSet<>();
        int count = 1 + random.nextInt(7);
        for (int t = 0; t < count; t++) {
            String value = PIECES.get(random.nextInt(PIECES.size())) + PIECES.get(random.nextInt(PIECES.size()))
                    + PIECES.get(random.nextInt(PIECES.size()));
            String written = switch (random.nextInt(4)) {
                case 0 -> value + "*";
                case 1 -> "*" + value;
                case 2 -> value.isEmpty() ? "*" : value;
                default -> value.isEmpty() ? "*" : (path && random.nextBoolean() ? "/" + value : value);
            };
            texts.add(host ? Text.host(written) : path ? Text.path(written) : Text.generic(written));
        }
        return List.copyOf(texts);
    }
}
