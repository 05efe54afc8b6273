package dev.countersign.api;

import dev.countersign.policy.eval.Verdict.DecidingRule;
import dev.countersign.policy.reason.Hygiene;
import dev.countersign.policy.reason.MeshHygiene;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Rules of live policies that do not do what somebody once wanted of them.
///
/// - `judged`: of how many workloads all rules were judged.
/// - `leftOut`: how many findings are not told.
/// - `uncertain`: what was not judged, in sentences. Empty means that there is nothing else to find.
record HygieneDocument(List<FlawDocument> items, int judged, int leftOut, List<String> uncertain) {
    /// Told at most: findings, and names in one of them.
    static final int MOST = 200;
    static final int MOST_NAMES = 100;

    /// - `rule`: its index in the policy.
    /// - `everywhere`: so at all workloads that the rule is for. Where it is false, the rule may be needed elsewhere.
    /// - `proof`: in words. `coveredBy`: the rules that make it so; `witness`: a call that passes by an over-broad rule.
    /// - `workloads`: where it is so; `moreWorkloads`: how many further.
    record FlawDocument(
            Hygiene.Flaw flaw, String policy, int rule, boolean everywhere, String message, String proof, List<CoverDocument> coveredBy,
            Optional<WitnessDocument> witness, List<String> workloads, int moreWorkloads) {}

    record CoverDocument(String policy, int rule) {}

    static HygieneDocument of(MeshHygiene hygiene, List<String> unreadable) {
        List<String> uncertain = new ArrayList<>(unreadable);
        uncertain.addAll(hygiene.uncertain());
        List<FlawDocument> told = hygiene.found().stream().limit(MOST).map(HygieneDocument::flaw).toList();
        return new HygieneDocument(told, hygiene.judged(), hygiene.found().size() - told.size(), uncertain);
    }

    private static FlawDocument flaw(MeshHygiene.Found found) {
        Hygiene.Finding finding = found.finding();
        List<String> names = found.workloads().stream().limit(MOST_NAMES).toList();
        List<DecidingRule> by = finding.proof() instanceof Hygiene.Proof.Covered covered ? covered.by() : List.of();
        Optional<WitnessDocument> witness = finding.proof() instanceof Hygiene.Proof.Passes(var call)
                ? Optional.of(WitnessDocument.of(names.getFirst(), call)) : Optional.empty();
        return new FlawDocument(finding.flaw(), finding.rule().policy(), finding.rule().rule().orElse(0), found.everywhere(),
                found.advice(), finding.proof().words(), by.stream().limit(MOST_NAMES).map(one -> new CoverDocument(one.policy(), one.rule().orElse(0))).toList(), witness, names,
                found.workloads().size() - names.size());
    }
}
