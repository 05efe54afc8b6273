package dev.countersign.policy.reason;

import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.reason.Matcher.OfPeer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The identities of a mesh by number, those of one namespace side by side, and after them anyone else: a caller without
/// identity, or with one that no rule in question has a word for, which fares alike. What a value says of them is found out
/// once.
final class KnownSources {
    private static final int REMEMBERED = 50_000;

    private final List<Spiffe> identities;
    private final Map<Spiffe, Integer> numbers = new HashMap<>();
    private final Map<String, SourceSet> byNamespace = new LinkedHashMap<>();
    private final Map<String, SourceSet> byAccount = new HashMap<>();
    private final SourceSet everyone;
    private final Map<OfPeer, SourceSet> known = new ConcurrentHashMap<>();

    KnownSources(Collection<Spiffe> sources) {
        identities = sources.stream()
                .distinct()
                .sorted(Comparator.comparing(Spiffe::namespace).thenComparing(Spiffe::trustDomain).thenComparing(Spiffe::serviceAccount))
                .toList();
        Map<String, List<Integer>> accounts = new HashMap<>();
        int from = 0;
        for (int n = 0; n < identities.size(); n++) {
            Spiffe identity = identities.get(n);
            numbers.put(identity, n);
            accounts.computeIfAbsent(identity.serviceAccount(), name -> new ArrayList<>()).add(n);
            if (n + 1 == identities.size() || !identities.get(n + 1).namespace().equals(identity.namespace())) {
                byNamespace.put(identity.namespace(), SourceSet.range(from, n + 1));
                from = n + 1;
            }
        }
        accounts.forEach((name, of) -> byAccount.put(name, SourceSet.of(of.stream().mapToInt(Integer::intValue).toArray())));
        everyone = SourceSet.range(0, identities.size() + 1);
    }

    List<Spiffe> identities() {
        return identities;
    }

    /// Anyone else among them.
    SourceSet everyone() {
        return everyone;
    }

    int anyoneElse() {
        return identities.size();
    }

    /// Empty for an identity that is not known.
    Optional<Integer> number(Optional<Spiffe> source) {
        return source.isEmpty() ? Optional.of(anyoneElse()) : Optional.ofNullable(numbers.get(source.get()));
    }

    Optional<Spiffe> source(int number) {
        return number == anyoneElse() ? Optional.empty() : Optional.of(identities.get(number));
    }

    /// Those who meet every demand; the demands are on identities.
    SourceSet meeting(List<Literal> demands) {
        SourceSet meeting = everyone;
        for (Literal demand : demands) {
            if (demand.limited()) {
                meeting = meeting.and(union(demand.any()));
            }
            meeting = meeting.minus(union(demand.none()));
        }
        return meeting;
    }

    private SourceSet union(List<Matcher> peers) {
        int[] single = new int[peers.size()];
        int singles = 0;
        SourceSet union = SourceSet.NONE;
        for (Matcher matcher : peers) {
            OfPeer peer = (OfPeer) matcher;
            if (peer.single()) {
                Integer number = numbers.get(
                        new Spiffe(peer.trustDomain().value(), peer.namespace().value(), peer.account().value()));
                if (number != null) {
                    single[singles++] = number;
                }
                continue;
            }
            SourceSet of = known.get(peer);
            if (of == null) {
                of = find(peer);
                if (known.size() >= REMEMBERED) {
                    known.clear();
                }
                known.put(peer, of);
            }
            union = union.or(of);
        }
        return singles == 0 ? union : union.or(SourceSet.of(java.util.Arrays.copyOf(single, singles)));
    }

    private SourceSet find(OfPeer peer) {
        if (peer.whole().isPresent()) {
            return among(SourceSet.range(0, identities.size()), peer);
        }
        if (peer.account().kind() == Text.Kind.EXACT) {
            return among(byAccount.getOrDefault(peer.account().value(), SourceSet.NONE), peer);
        }
        if (peer.namespace().kind() == Text.Kind.EXACT) {
            return within(byNamespace.getOrDefault(peer.namespace().value(), SourceSet.NONE), peer);
        }
        SourceSet found = SourceSet.NONE;
        for (Map.Entry<String, SourceSet> namespace : byNamespace.entrySet()) {
            if (peer.namespace().matches(namespace.getKey())) {
                found = found.or(within(namespace.getValue(), peer));
            }
        }
        return found;
    }

    /// Of sources whose namespace is right.
    private SourceSet within(SourceSet namespace, OfPeer peer) {
        boolean all = peer.trustDomain().kind() == Text.Kind.NON_EMPTY && peer.account().kind() == Text.Kind.NON_EMPTY;
        return all ? namespace : among(namespace, peer);
    }

    private SourceSet among(SourceSet candidates, OfPeer peer) {
        int[] found = new int[candidates.size()];
        int[] size = new int[1];
        candidates.forEach(n -> {
            if (Peers.matches(peer, identities.get(n))) {
                found[size[0]++] = n;
            }
        });
        return SourceSet.of(java.util.Arrays.copyOf(found, size[0]));
    }
}
