package dev.countersign.policy.reason;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.eval.Address;
import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.laws.Worlds;
import dev.countersign.policy.laws.Worlds.World;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.Spiffe;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Calls from elsewhere, located in the space by what they are: each has an atom in every dimension (none was missed), and
/// the region it falls into is what the `Authorizer` says of it.
class EveryCallIsInItsRegionTests {
    private static final int WORLDS = Integer.getInteger("reason.worlds", 500);

    private static final Set<DimensionKey.Kind> OF_HTTP = Set.of(
            DimensionKey.Kind.METHOD, DimensionKey.Kind.PATH, DimensionKey.Kind.HOST, DimensionKey.Kind.HEADER,
            DimensionKey.Kind.TOKEN, DimensionKey.Kind.CLAIM);

    @ParameterizedTest
    @EnumSource(DataPlane.class)
    void aCallFromElsewhereIsDecidedAsItsRegionSays(DataPlane plane) {
        Worlds worlds = Worlds.seeded(1000 + plane.ordinal());
        int changes = 0;
        for (int i = 0; i < WORLDS; i++) {
            World before = worlds.world(plane);
            List<AuthorizationPolicy> after = RegionsEqualBruteForceTests.changed(worlds, before, plane);
            Formula old = Formula.of(before.mesh(), before.policies(), before.workload());
            Formula fresh = Formula.of(before.mesh(), after, before.workload());
            List<Cube> cubes = new ArrayList<>(old.denies());
            cubes.addAll(old.allows());
            cubes.addAll(fresh.denies());
            cubes.addAll(fresh.allows());
            Space space = Space.of(cubes, Set.of());
            List<Map.Entry<Diagram.Leaf, AtomSet[]>> regions = new ArrayList<>();
            Diagram.of(space, old, fresh).regions((leaf, atoms) -> regions.add(Map.entry(leaf, atoms)));
            Authorizer was = Authorizer.of(before.mesh(), before.policies(), before.workload());
            Authorizer is = Authorizer.of(before.mesh(), after, before.workload());
            for (int c = 0; c < 40; c++) {
                Call call = worlds.call(before);
                if (call.principal().isPresent() && call.principal().flatMap(Spiffe::parse).isEmpty()) {
                    continue; // not an identity that Istio issues
                }
                int[] atoms = locate(space, call);
                Diagram.Leaf leaf = regions.stream()
                        .filter(region -> within(region.getValue(), atoms))
                        .map(Map.Entry::getKey)
                        .findFirst()
                        .orElse(Diagram.Leaf.SAME);
                boolean allowed = was.allows(call);
                Diagram.Leaf expected = allowed == is.allows(call) ? Diagram.Leaf.SAME
                        : allowed ? Diagram.Leaf.CUT : Diagram.Leaf.OPENED;
                assertThat(leaf).as("%s%n%s%n%s", before, after, call).isEqualTo(expected);
                changes += expected == Diagram.Leaf.SAME ? 0 : 1;
            }
        }
        assertThat(changes).isGreaterThan(WORLDS / 5);
    }

    private static boolean within(AtomSet[] region, int[] atoms) {
        for (int d = 0; d < region.length; d++) {
            if (region[d] != null && !region[d].has(atoms[d])) {
                return false;
            }
        }
        return true;
    }

    private static int[] locate(Space space, Call call) {
        int[] atoms = new int[space.dimensions().size()];
        for (int d = 0; d < atoms.length; d++) {
            Dimension dimension = space.dimensions().get(d);
            if (call.http().isEmpty() && OF_HTTP.contains(dimension.key().kind())) {
                continue; // a connection has none of it, and no cube of connections asks
            }
            AtomSet left = dimension.all();
            for (int m = 0; m < dimension.matchers().size(); m++) {
                AtomSet set = dimension.sets().get(m);
                left = holds(dimension.key(), dimension.matchers().get(m), call) ? left.and(set) : left.minus(set);
            }
            assertThat(left.isEmpty()).as("an atom of %s for %s", dimension, call).isFalse();
            atoms[d] = left.first();
            if (dimension.key().equals(DimensionKey.IDENTITY) && call.principal().isEmpty()) {
                atoms[d] = dimension.atoms() - 1;
            }
        }
        return atoms;
    }

    static boolean holds(DimensionKey key, Matcher matcher, Call call) {
        return switch (matcher) {
            case Matcher.OfPeer peer ->
                call.principal().flatMap(Spiffe::parse).filter(identity -> Peers.matches(peer, identity)).isPresent();
            case Matcher.OfPort(int port) -> call.destinationPort() == port;
            case Matcher.OfBlock(var block, String label) -> block.filter(b -> b.contains(Address.parse(switch (key.kind()) {
                case SOURCE_IP -> call.sourceIp();
                case REMOTE_IP -> call.remoteIp();
                default -> call.destinationIp();
            }).orElseThrow())).isPresent();
            case Matcher.OfText(Text text) -> value(key, call).filter(text::matches).isPresent();
            case Matcher.OfToken(Text issuer, Text subject, String label) ->
                claim(call, List.of("iss")) instanceof String iss && issuer.matches(iss)
                        && claim(call, List.of("sub")) instanceof String sub && subject.matches(sub);
            case Matcher.OfClaim(List<String> path, Text text) -> {
                Object value = claim(call, path);
                if (value instanceof String words && Set.of("scope", "permission").contains(path.getFirst()) && path.size() == 1) {
                    value = List.of(words.split(" "));
                }
                yield value instanceof String one && text.matches(one)
                        || value instanceof List<?> many && many.stream().anyMatch(e -> e instanceof String s && text.matches(s));
            }
            case Matcher.OfMetadata(boolean list, Text text) -> {
                int open = key.detail().indexOf('[');
                Object value = call.filterMetadata()
                        .getOrDefault(key.detail().substring(0, open), Map.of())
                        .get(key.detail().substring(open + 1, key.detail().length() - 1));
                yield list
                        ? value instanceof List<?> many && many.stream().anyMatch(e -> e instanceof String s && text.matches(s))
                        : value instanceof String one && text.matches(one);
            }
            case Matcher.Yes yes when yes.equals(Formula.HTTP) -> call.http().isPresent();
            case Matcher.Yes yes -> Optional.ofNullable(call.externalAuthorizers().get(key.detail()))
                    .map(asked -> !asked.allows() && (!asked.http() || yes.equals(Formula.REFUSES_HTTP)))
                    .orElse(true);
        };
    }

    private static Optional<String> value(DimensionKey key, Call call) {
        return switch (key.kind()) {
            case SNI -> Optional.of(call.sni().orElse(""));
            case METHOD -> call.http().map(Call.Http::method);
            case PATH -> call.http().map(Call.Http::path);
            case HOST -> call.http().map(Call.Http::host);
            default -> call.http().flatMap(http -> Optional.ofNullable(http.headers().get(key.detail())))
                    .map(lines -> String.join(",", lines));
        };
    }

    private static Object claim(Call call, List<String> path) {
        Object at = call.http().flatMap(Call.Http::claims).<Object>map(claims -> claims).orElse("");
        for (String name : path) {
            at = at instanceof Map<?, ?> map && map.containsKey(name) ? map.get(name) : Optional.empty();
        }
        return at;
    }
}
