package dev.countersign.adoption.web;

import dev.countersign.adoption.AdoptionDesk.Finding;
import dev.countersign.adoption.AdoptionState;
import dev.countersign.adoption.Assessment;
import dev.countersign.adoption.Proof;
import dev.countersign.catalog.LivePolicy;
import dev.countersign.grants.Promise;
import dev.countersign.identity.TeamName;
import dev.countersign.policy.yaml.PolicyWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A policy by nobody's word, as a page says it.
///
/// - `hindrances`: why it cannot be adopted as it is; empty where it can.
/// - `underWay`: the number of the adoption that is not over, null where there is none.
/// - `before`: what became of the last one that is over without effect, null where there is none.
public record FindingView(
        String policy, String name, String by, List<RuleView> rules, List<String> hindrances, boolean adoptable, boolean proven, @Nullable Long underWay,
        @Nullable String before, String yaml) {
    /// `sentence` is null where the rule cannot be said as a request.
    public record RuleView(int number, @Nullable String sentence, @Nullable String owners) {}

    static FindingView of(Finding finding) {
        Assessment assessment = finding.assessment();
        LivePolicy policy = assessment.policy();
        List<String> hindrances = new ArrayList<>(assessment.hindrances());
        assessment.rules().forEach(rule -> hindrances.addAll(rule.hindrances()));
        Optional<Long> underWay = finding.last().filter(ignored -> finding.underWay()).map(adoption -> adoption.number());
        Optional<String> before = finding.last().filter(ignored -> !finding.underWay())
                .filter(adoption -> adoption.state() == AdoptionState.STOPPED)
                .map(adoption -> "Adoption " + adoption.number() + " did not remove it. " + adoption.words() + " " + adoption.advice());
        return new FindingView(policy.namespace() + "/" + policy.name(), policy.name(),
                policy.managers().isEmpty() ? "made by an unknown hand" : "made by " + String.join(", ", policy.managers()),
                assessment.rules().stream().map(FindingView::rule).toList(), hindrances, assessment.adoptable() && underWay.isEmpty(),
                assessment.proof().map(Proof::holds).orElse(false), underWay.orElse(null), before.orElse(null), PolicyWriter.text(policy.tree()));
    }

    private static RuleView rule(Assessment.AssessedRule rule) {
        List<String> owners = rule.owners().stream().map(TeamName::name).toList();
        return new RuleView(rule.rule(), rule.ask().map(ask -> Promise.of(ask).text()).orElse(null), owners.isEmpty() ? null : String.join(", ", owners));
    }
}
