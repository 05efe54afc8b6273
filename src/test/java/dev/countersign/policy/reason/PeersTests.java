package dev.countersign.policy.reason;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Values;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.Matcher.OfPeer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PeersTests {
    private static final List<String> PARTS = List.of("a", "ab", "ba", "ns", "sa", "s", "n", "x");
    private static final List<String> PRINCIPALS = List.of(
            "*", "a*", "*a", "a/ns/ab*", "a/ns/ab/sa/*", "*/sa/x", "*b/sa/x", "*a/x", "*s/ab/sa/x", "a/n*", "a/ns/a/s*",
            "*/ns/ab/sa/x", "*a/ns/ab/sa/x", "a/ns/ab/sa/x", "ab/ns/ba/sa/ns", "ns/ns/ns/sa/sa", "*ns/ns/sa/sa", "/ns/a/sa/b");
    private static final List<String> NAMESPACES =
            List.of("a", "ab", "ns", "sa", "*", "a*", "*a", "n*", "*s", "s*", "a*b", "*b*", "*-*");
    private static final List<String> ACCOUNTS = List.of("x", "ab/x", "sa/sa", "ns/ns", "ab");
    private static final List<String> DOMAINS = List.of("a", "a*", "*a", "*", "ns");

    @Test
    void everyMatcherMeansWhatTheAuthorizerMakesOfItsValue() {
        for (SourceField field : List.of(
                SourceField.PRINCIPALS, SourceField.NAMESPACES, SourceField.SERVICE_ACCOUNTS, SourceField.TRUST_DOMAINS)) {
            for (String value : values(field)) {
                OfPeer peer = peer(field, value);
                Authorizer authorizer = Authorizer.of(
                        MeshSettings.DEFAULT,
                        List.of(AuthorizationPolicy.allow(
                                ObjectMeta.of("ab", "p"),
                                Target.EVERYTHING,
                                List.of(new Rule(List.of(Source.of(field, Values.any(value))), List.of(), List.of())))),
                        Workload.sidecar("ab", Map.of()));
                for (Spiffe identity : identities()) {
                    assertThat(Peers.matches(peer, identity))
                            .as("%s %s on %s", field, value, identity.principal())
                            .isEqualTo(authorizer.allows(Call.http(identity.principal(), "GET", "/", "h", 80)));
                }
            }
        }
    }

    @Test
    void noIdentityHasACombinationThatIsMissing() {
        SplittableRandom random = new SplittableRandom(3);
        List<Spiffe> identities = identities();
        for (int i = 0; i < 150; i++) {
            Set<OfPeer> chosen = new LinkedHashSet<>();
            for (int p = 0; p < 1 + random.nextInt(5); p++) {
                SourceField field = List.of(SourceField.PRINCIPALS, SourceField.PRINCIPALS, SourceField.NAMESPACES,
                        SourceField.SERVICE_ACCOUNTS, SourceField.TRUST_DOMAINS).get(random.nextInt(5));
                List<String> values = values(field);
                chosen.add(peer(field, values.get(random.nextInt(values.size()))));
            }
            List<OfPeer> peers = List.copyOf(chosen);
            var combinations = Peers.combinations(peers);
            assertThat(combinations.complete()).isTrue();
            for (Spiffe identity : identities) {
                assertThat(combinations.found()).as("%s of %s", identity, peers).containsKey(signature(peers, identity));
            }
            combinations.found().forEach((combination, principal) -> assertThat(
                            signature(peers, Spiffe.parse(principal.orElseThrow()).orElseThrow()))
                    .isEqualTo(combination));
        }
    }

    private static AtomSet signature(List<OfPeer> peers, Spiffe identity) {
        boolean[] members = new boolean[peers.size()];
        for (int p = 0; p < members.length; p++) {
            members[p] = Peers.matches(peers.get(p), identity);
        }
        return AtomSet.of(members.length, members);
    }

    private static List<Spiffe> identities() {
        List<Spiffe> identities = new ArrayList<>();
        PARTS.forEach(domain -> PARTS.forEach(
                namespace -> PARTS.forEach(account -> identities.add(new Spiffe(domain, namespace, account)))));
        return identities;
    }

    private static List<String> values(SourceField field) {
        return switch (field) {
            case PRINCIPALS -> PRINCIPALS;
            case NAMESPACES -> NAMESPACES;
            case SERVICE_ACCOUNTS -> ACCOUNTS;
            default -> DOMAINS;
        };
    }

    private static OfPeer peer(SourceField field, String value) {
        return switch (field) {
            case PRINCIPALS -> Peers.principal(value);
            case NAMESPACES -> Peers.namespace(value);
            case SERVICE_ACCOUNTS -> Peers.serviceAccount(value, "ab");
            default -> Peers.trustDomain(value);
        };
    }
}
