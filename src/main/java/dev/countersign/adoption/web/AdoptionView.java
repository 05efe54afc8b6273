package dev.countersign.adoption.web;

import dev.countersign.adoption.Adoption;
import dev.countersign.adoption.AdoptionState;
import dev.countersign.adoption.Proof;
import dev.countersign.policy.yaml.PolicyWriter;
import dev.countersign.requests.RequestState;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// An adoption, as its page says it. `hindrance`: why it cannot go on, null where it can.
public record AdoptionView(
        long number, String cluster, String namespace, String policy, String workload, String proposer, Instant at, String kind, String state, String words,
        String advice, List<RuleView> rules, boolean proven, List<String> doubts, @Nullable String hindrance, String uid, String resourceVersion, String yaml) {
    public record RuleView(int rule, long request, String sentence, String kind, String state) {}

    static AdoptionView of(Adoption adoption, Optional<Proof> proof, Optional<String> hindrance, LongFunction<String> sentence) {
        return new AdoptionView(adoption.number(), adoption.cluster().name(), adoption.namespace(), adoption.name(), adoption.workload(), adoption.proposer(),
                adoption.at(), kind(adoption.state()), word(adoption.state()), adoption.words(), adoption.advice(),
                adoption.rules().stream().map(rule -> new RuleView(rule.rule(), rule.request(), sentence.apply(rule.request()), kind(rule.state()), word(rule.state()))).toList(),
                proof.map(Proof::holds).orElse(false), proof.map(one -> java.util.stream.Stream.of(one.opened(), one.cut(), one.uncertain()).flatMap(List::stream).toList())
                        .orElse(List.of()),
                hindrance.orElse(null), adoption.version().uid(), adoption.version().resourceVersion(), PolicyWriter.text(adoption.object()));
    }

    private static String kind(AdoptionState state) {
        return switch (state) {
            case OPEN, WAITING, REMOVING -> "waits";
            case REMOVED -> "done";
            case ABANDONED, STOPPED -> "fails";
        };
    }

    private static String word(AdoptionState state) {
        return switch (state) {
            case OPEN -> "being decided";
            case ABANDONED -> "abandoned";
            case WAITING -> "approved, being delivered";
            case REMOVING -> "being removed";
            case REMOVED -> "adopted";
            case STOPPED -> "stopped";
        };
    }

    private static String kind(RequestState state) {
        return switch (state) {
            case SUBMITTED, CHANGES_REQUESTED -> "waits";
            case APPROVED -> "done";
            case REJECTED, WITHDRAWN, LAPSED -> "fails";
        };
    }

    private static String word(RequestState state) {
        return state.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
