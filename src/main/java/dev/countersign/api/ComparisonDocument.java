package dev.countersign.api;

import dev.countersign.policy.reason.Comparison;
import dev.countersign.policy.reason.MeshComparison;
import dev.countersign.policy.reason.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the change does, over all calls there can be. Empty `uncertain` means that the verdict is proven.
///
/// - `newlyAllowed`, `newlyCut`: the regions that change. Those of one workload do not overlap and together are all that
///   changes for it. `to` of the witness is the first of the workloads of its difference.
/// - `differences`: the workloads whose calls change; those that change alike stand together.
/// - `same`: how many workloads no call changes for, as far as `uncertain` leaves it decided.
/// - `leftOut`: how many workloads that change are not told. They count in the verdict.
record ComparisonDocument(
        Comparison.Verdict verdict, boolean proven, List<ChangeDocument> newlyAllowed, List<ChangeDocument> newlyCut,
        List<DifferenceDocument> differences, int same, int leftOut, List<String> uncertain) {
    /// Told at most: differences, and names of workloads in one of them.
    static final int MOST_DIFFERENCES = 50;
    static final int MOST_NAMES = 100;

    record ChangeDocument(Optional<String> cluster, String description, WitnessDocument witness) {}

    /// `opened` and `cut`: how many of the regions listed are of these workloads.
    record DifferenceDocument(List<String> workloads, Comparison.Verdict verdict, int opened, int cut) {
        static DifferenceDocument of(List<String> workloads, Comparison comparison) {
            return new DifferenceDocument(workloads, comparison.verdict(), comparison.newlyAllowed().size(), comparison.newlyCut().size());
        }
    }

    static ComparisonDocument of(Optional<String> cluster, String to, Comparison comparison, List<String> unreadable) {
        List<String> uncertain = new ArrayList<>(unreadable);
        uncertain.addAll(comparison.uncertain());
        boolean changes = comparison.verdict() != Comparison.Verdict.EQUIVALENT;
        return new ComparisonDocument(comparison.verdict(), uncertain.isEmpty(), changes(cluster, to, comparison.newlyAllowed()),
                changes(cluster, to, comparison.newlyCut()), changes ? List.of(DifferenceDocument.of(List.of(to), comparison)) : List.of(),
                !changes && comparison.proven() ? 1 : 0, 0, uncertain);
    }

    /// `before`: sentences about what is uncertain beyond the comparison itself.
    static ComparisonDocument of(String cluster, MeshComparison comparison, List<String> before) {
        List<ChangeDocument> allowed = new ArrayList<>();
        List<ChangeDocument> cut = new ArrayList<>();
        List<DifferenceDocument> told = new ArrayList<>();
        int leftOut = 0;
        for (MeshComparison.Difference one : comparison.differences()) {
            int names = told.size() < MOST_DIFFERENCES ? Math.min(MOST_NAMES, one.workloads().size()) : 0;
            leftOut += one.workloads().size() - names;
            if (names > 0) {
                told.add(DifferenceDocument.of(one.workloads().subList(0, names), one.comparison()));
                allowed.addAll(changes(Optional.of(cluster), one.workloads().getFirst(), one.comparison().newlyAllowed()));
                cut.addAll(changes(Optional.of(cluster), one.workloads().getFirst(), one.comparison().newlyCut()));
            }
        }
        List<String> uncertain = new ArrayList<>(before);
        uncertain.addAll(comparison.uncertain());
        return new ComparisonDocument(comparison.verdict(), uncertain.isEmpty(), allowed, cut, told, comparison.same(), leftOut, uncertain);
    }

    private static List<ChangeDocument> changes(Optional<String> cluster, String to, List<Region> regions) {
        return regions.stream()
                .map(region -> new ChangeDocument(cluster, region.description(), WitnessDocument.of(to, region.witness())))
                .toList();
    }
}
