package dev.countersign.adoption;

import dev.countersign.policy.reason.Comparison;
import dev.countersign.policy.reason.Region;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// Whether nothing changes for any call: the policies without the adopted one, and with its rules among ours, against those that live.
///
/// - `opened`, `cut`: what would change, each as a sentence; both empty where it holds.
/// - `uncertain`: what could not be decided. Never read as "nothing changes".
public record Proof(Comparison.Verdict verdict, List<String> opened, List<String> cut, List<String> uncertain) {
    public Proof {
        opened = List.copyOf(opened);
        cut = List.copyOf(cut);
        uncertain = List.copyOf(uncertain);
    }

    static Proof of(Comparison comparison, Collection<String> unreadable) {
        List<String> uncertain = new ArrayList<>(unreadable);
        uncertain.addAll(comparison.uncertain());
        return new Proof(comparison.verdict(), sentences(comparison.newlyAllowed()), sentences(comparison.newlyCut()), uncertain);
    }

    /// Equivalent, and nothing was left undecided.
    public boolean holds() {
        return verdict == Comparison.Verdict.EQUIVALENT && uncertain.isEmpty();
    }

    /// Why it does not hold, in a sentence; "" where it does.
    public String why() {
        if (holds()) {
            return "";
        }
        if (!opened.isEmpty()) {
            return "it would open: " + opened.getFirst() + more(opened);
        }
        if (!cut.isEmpty()) {
            return "it would cut: " + cut.getFirst() + more(cut);
        }
        return uncertain.isEmpty() ? "it could not be decided" : "it could not be decided: " + uncertain.getFirst();
    }

    private static String more(List<String> regions) {
        return regions.size() == 1 ? "" : " (and " + (regions.size() - 1) + " more)";
    }

    private static List<String> sentences(List<Region> regions) {
        return regions.stream().map(Region::description).toList();
    }
}
