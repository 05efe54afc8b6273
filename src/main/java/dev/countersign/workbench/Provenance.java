package dev.countersign.workbench;

import dev.countersign.catalog.LivePolicy;
import dev.countersign.policy.compile.CompiledPolicy;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// By whose word a live policy stands.
///
/// - `ours`: it bears our label and Countersign wrote its spec. The label alone is only a claim: anyone can write it.
/// - `requests`: the requests named in it that this tenant has; only those of our own policies count.
/// - `by`: who wrote it.
public record Provenance(boolean ours, List<Long> requests, String by) {
    private static final int MOST = 50;

    public Provenance {
        requests = List.copyOf(requests);
    }

    /// `known`: which of the requests that any policy names this tenant has.
    static Provenance of(LivePolicy live, Set<Long> known) {
        boolean label = live.policy()
                .map(policy -> CompiledPolicy.MANAGER.equals(policy.metadata().labels().get(CompiledPolicy.MANAGED_BY)))
                .orElse(false);
        boolean ours = label && live.managers().contains(CompiledPolicy.MANAGER);
        List<String> others = live.managers().stream().filter(manager -> !ours || !manager.equals(CompiledPolicy.MANAGER)).toList();
        String by = ours
                ? others.isEmpty() ? "written by Countersign" : "written by Countersign, changed by " + String.join(", ", others)
                : others.isEmpty() ? "made by an unknown hand" : "made by " + String.join(", ", others);
        return new Provenance(ours, ours ? named(live).filter(known::contains).toList() : List.of(), by);
    }

    /// Every request that one of the policies names, whether it is there or not.
    static Set<Long> named(Collection<LivePolicy> policies) {
        return policies.stream().flatMap(Provenance::named).collect(Collectors.toSet());
    }

    private static Stream<Long> named(LivePolicy live) {
        Optional<String> annotation =
                live.policy().map(policy -> policy.metadata().annotations().get(CompiledPolicy.REQUESTS));
        return Arrays.stream(annotation.orElse("").split(","))
                .map(String::strip)
                .filter(word -> word.matches("[0-9]{1,18}"))
                .limit(MOST)
                .map(Long::valueOf);
    }

    /// Whether no request of this portal stands behind it.
    public boolean nobodysWord() {
        return requests.isEmpty();
    }
}
