package dev.countersign.api;

import dev.countersign.delivery.PastCallers;
import java.time.Instant;
import java.util.List;

/// Who could call a workload at a moment. `entry` numbers are those of the record; `open`: what passed by no rule; `uncertain`: what
/// the record cannot tell; `suspended`: what was approved and kept out by a roll back; `held`: what was approved for a wave to come.
record PastCallersDocument(Instant at, List<String> open, List<PastPolicyDocument> policies, List<KeptOutDocument> suspended, List<HeldDocument> held, List<String> uncertain) {
    record PastPolicyDocument(String policy, long revision, Instant since, long entry, List<Long> requests, List<String> ways, List<WordDocument> words) {}

    record KeptOutDocument(
            String policy, long suspension, long revision, long entry, Instant at, List<Long> grants, List<Long> requests, String actor) {}

    record HeldDocument(long grant, long request, int wave, String name, long entry) {}

    record WordDocument(long request, long entry, Instant at, String actor, String sentence) {}

    static PastCallersDocument of(PastCallers.Then then) {
        return new PastCallersDocument(then.at(), then.open(), then.policies().stream()
                .map(policy -> new PastPolicyDocument(policy.policy(), policy.revision(), policy.since(), policy.entry(), policy.requests(), policy.ways(),
                        policy.words().stream().map(word -> new WordDocument(word.request(), word.entry(), word.at(), word.actor(), word.sentence())).toList()))
                .toList(), then.suspended().stream()
                .map(kept -> new KeptOutDocument(kept.policy(), kept.suspension(), kept.revision(), kept.entry(), kept.at(), kept.grants(), kept.requests(), kept.actor()))
                .toList(), then.held().stream()
                .map(held -> new HeldDocument(held.grant(), held.request(), held.wave(), held.name(), held.entry()))
                .toList(), then.uncertain());
    }
}
