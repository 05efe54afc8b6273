package dev.countersign.api;

import dev.countersign.adoption.Adoption;
import dev.countersign.adoption.AdoptionState;
import dev.countersign.adoption.Proof;
import dev.countersign.policy.reason.Comparison;
import dev.countersign.requests.RequestState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A live policy that is taken over, rule by rule.
///
/// - `uid`, `resourceVersion`: exactly the object that is adopted; of any other nothing is removed.
/// - `object`: as it was seen when it was proposed.
/// - `proof`: what taking it over would do at this moment; null once it is over.
/// - `words`, `advice`: why it is not removed yet, or never; both "" where all is well.
record AdoptionDocument(
        long number, AdoptionState state, String cluster, String namespace, String policy, String workload, String uid, String resourceVersion,
        RequestDocument.PersonNameDocument proposer, Instant proposedAt, List<AdoptedRuleDocument> rules, Optional<AdoptionProofDocument> proof, String words, String advice,
        Map<String, Object> object) {
    record AdoptedRuleDocument(int rule, long request, RequestState state) {}

    /// `holds` is true only where the verdict is EQUIVALENT and nothing is uncertain.
    record AdoptionProofDocument(boolean holds, Comparison.Verdict verdict, List<String> newlyAllowed, List<String> newlyCut, List<String> uncertain) {}

    static AdoptionDocument of(Adoption adoption, Optional<Proof> proof) {
        return new AdoptionDocument(adoption.number(), adoption.state(), adoption.cluster().name(), adoption.namespace(), adoption.name(), adoption.workload(),
                adoption.version().uid(), adoption.version().resourceVersion(), new RequestDocument.PersonNameDocument(adoption.proposer()), adoption.at(),
                adoption.rules().stream().map(rule -> new AdoptedRuleDocument(rule.rule(), rule.request(), rule.state())).toList(),
                proof.map(one -> new AdoptionProofDocument(one.holds(), one.verdict(), one.opened(), one.cut(), one.uncertain())), adoption.words(),
                adoption.advice(), adoption.object());
    }
}
