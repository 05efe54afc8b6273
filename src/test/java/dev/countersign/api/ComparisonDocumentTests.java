package dev.countersign.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.reason.Comparison;
import dev.countersign.policy.reason.MeshComparison;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ComparisonDocumentTests {
    private static final Comparison CUTS = new Comparison(Comparison.Verdict.LESS_PERMISSIVE, List.of(), List.of(), List.of());
    private static final Comparison OPENS = new Comparison(Comparison.Verdict.MORE_PERMISSIVE, List.of(), List.of(), List.of());

    private static List<String> names(int difference, int count) {
        return IntStream.range(0, count).mapToObj(i -> "n" + difference + "/w" + i).toList();
    }

    @Test
    void differencesPastTheBoundAreCountedAndCountInTheVerdict() {
        List<MeshComparison.Difference> differences = new java.util.ArrayList<>();
        for (int i = 0; i < ComparisonDocument.MOST_DIFFERENCES; i++) {
            differences.add(new MeshComparison.Difference(names(i, 1), CUTS));
        }
        differences.add(new MeshComparison.Difference(names(99, 7), OPENS));
        ComparisonDocument told = ComparisonDocument.of("demo", new MeshComparison(Comparison.Verdict.INCOMPARABLE, differences, 3, List.of()), List.of());
        assertThat(told.verdict()).isEqualTo(Comparison.Verdict.INCOMPARABLE);
        assertThat(told.differences()).hasSize(ComparisonDocument.MOST_DIFFERENCES);
        assertThat(told.leftOut()).isEqualTo(7);
        assertThat(told.same()).isEqualTo(3);
        assertThat(told.proven()).isTrue();
    }

    @Test
    void namesPastTheBoundAreCounted() {
        MeshComparison one = new MeshComparison(Comparison.Verdict.LESS_PERMISSIVE,
                List.of(new MeshComparison.Difference(names(0, ComparisonDocument.MOST_NAMES + 5), CUTS)), 0, List.of("a"));
        ComparisonDocument told = ComparisonDocument.of("demo", one, List.of("b"));
        assertThat(told.differences().getFirst().workloads()).hasSize(ComparisonDocument.MOST_NAMES);
        assertThat(told.leftOut()).isEqualTo(5);
        assertThat(told.proven()).isFalse();
        assertThat(told.uncertain()).containsExactly("b", "a");
    }
}
