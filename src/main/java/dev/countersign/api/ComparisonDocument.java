package dev.countersign.api;

import dev.countersign.policy.reason.Comparison;
import dev.countersign.policy.reason.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the change does, over all calls there can be. The regions do not overlap and together are all that changes. Empty
/// `uncertain` means that the verdict is proven.
record ComparisonDocument(
        Comparison.Verdict verdict, boolean proven, List<ChangeDocument> newlyAllowed, List<ChangeDocument> newlyCut, List<String> uncertain) {
    record ChangeDocument(Optional<String> cluster, String description, WitnessDocument witness) {}

    static ComparisonDocument of(Optional<String> cluster, String to, Comparison comparison, List<String> unreadable) {
        List<String> uncertain = new ArrayList<>(unreadable);
        uncertain.addAll(comparison.uncertain());
        return new ComparisonDocument(comparison.verdict(), uncertain.isEmpty(), changes(cluster, to, comparison.newlyAllowed()),
                changes(cluster, to, comparison.newlyCut()), uncertain);
    }

    private static List<ChangeDocument> changes(Optional<String> cluster, String to, List<Region> regions) {
        return regions.stream()
                .map(region -> new ChangeDocument(cluster, region.description(), WitnessDocument.of(to, region.witness())))
                .toList();
    }
}
