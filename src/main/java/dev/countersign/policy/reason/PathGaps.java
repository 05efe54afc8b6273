package dev.countersign.policy.reason;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.PathNormalization;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Workload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/// Paths that a proxy compares as one thing and the service takes for another: denied as what the service takes them for,
/// allowed as what the proxy compares.
final class PathGaps {
    /// Stands for `#` where it is compared as a character like others; no policy holds it.
    private static final char FRAGMENT = '\u0001';
    private static final int MOST = 20;

    private final VersionGap.Weakness weakness;
    private final Workload workload;
    private final Authorizer authorizer;
    private final Formula formula;
    private final Space space;

    /// `sent` on the wire, `meant` to the service, `compared` by the proxy.
    private record Writing(String sent, String meant, String compared) {}

    PathGaps(VersionGap.Weakness weakness, MeshSettings mesh, Workload workload, Collection<AuthorizationPolicy> policies) {
        this.weakness = weakness;
        this.workload = workload;
        authorizer = Authorizer.of(mesh, policies, workload);
        formula = Formula.of(mesh, policies, workload);
        List<Cube> cubes = new ArrayList<>(formula.denies());
        cubes.addAll(formula.allows());
        cubes.add(connections());
        space = Space.of(cubes, Set.of());
    }

    /// Each with the call as the service takes it, and the path as sent.
    void each(BiConsumer<Call, String> action) {
        Optional<Dimension> paths = space.dimensions().stream()
                .filter(dimension -> dimension.key().equals(DimensionKey.PATH))
                .findFirst();
        if (paths.isEmpty()) {
            return;
        }
        int found = 0;
        for (Writing writing : writings(paths.get())) {
            Optional<Call> call = denied(paths.get(), writing);
            if (call.isPresent() && found < MOST) {
                found++;
                action.accept(call.get(), writing.sent());
            }
        }
    }

    private List<Writing> writings(Dimension paths) {
        List<String> known = paths.witnesses().stream()
                .map(String.class::cast)
                .filter(path -> path.indexOf('?') < 0)
                .toList();
        List<Writing> writings = new ArrayList<>();
        for (String path : known) {
            if (weakness == VersionGap.Weakness.FRAGMENT) {
                fragments(paths).forEach(fragment -> writings.add(
                        new Writing(path + "#" + fragment, path, path + FRAGMENT + fragment)));
                continue;
            }
            slashed(path, writings);
            for (String other : known) {
                long depth = other.chars().filter(c -> c == '/').count();
                slashed(other + "/" + "..%2F".repeat((int) depth) + path.substring(1), writings);
            }
            for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
                slashed(path.substring(0, slash) + "/" + path.substring(slash), writings);
                if (slash > 0) {
                    slashed(path.substring(0, slash) + "%2F" + path.substring(slash + 1), writings);
                }
            }
        }
        return writings;
    }

    private static List<String> fragments(Dimension paths) {
        List<String> fragments = new ArrayList<>(List.of("x"));
        for (Matcher matcher : paths.matchers()) {
            if (matcher instanceof Matcher.OfText(Text text) && text.kind() == Text.Kind.SUFFIX) {
                fragments.add(text.value());
            }
        }
        return fragments;
    }

    private static void slashed(String sent, List<Writing> writings) {
        Optional<String> meant = PathNormalization.DECODE_AND_MERGE_SLASHES.normalize(sent);
        Optional<String> compared = PathNormalization.BASE.normalize(sent);
        if (meant.isPresent() && compared.isPresent() && !meant.equals(compared)) {
            writings.add(new Writing(sent, meant.get(), compared.get()));
        }
    }

    /// A call that is denied with the path that is meant and allowed with the one that is compared.
    private Optional<Call> denied(Dimension paths, Writing writing) {
        Diagram difference = Diagram.of(
                space, at(paths, atom(paths, writing.meant())), at(paths, atom(paths, writing.compared())));
        WitnessMaker maker = new WitnessMaker(space.dimensions(), Comparison.speaksHttp(workload), Known.NOTHING);
        List<Call> calls = new ArrayList<>();
        difference.regions((leaf, atoms) -> {
            if (leaf == Diagram.Leaf.OPENED && calls.isEmpty()) {
                Dimension identities = space.dimensions().getFirst();
                int caller = atoms[0] == null ? 0 : atoms[0].first();
                Optional<String> principal = ((Optional<?>) identities.witnesses().get(caller)).map(String.class::cast);
                calls.add(maker.of(principal, atoms));
            }
        });
        return calls.stream().findFirst().map(call -> confirmed(call, writing));
    }

    private Call confirmed(Call call, Writing writing) {
        Call meant = with(call, writing.meant());
        if (authorizer.allows(meant) || !authorizer.allows(with(call, writing.compared()))) {
            throw new IllegalStateException("the regions and the authorizer disagree about " + writing + " for " + meant);
        }
        return meant;
    }

    private static Call with(Call call, String path) {
        Call.Http http = call.http().orElseThrow();
        return new Call(call.principal(), call.sourceIp(), call.remoteIp(), call.destinationIp(), call.destinationPort(),
                call.sni(), Optional.of(new Call.Http(http.method(), path, http.host(), http.headers(), http.claims())),
                call.filterMetadata(), call.externalAuthorizers());
    }

    private static int atom(Dimension paths, String path) {
        AtomSet left = paths.all();
        for (int m = 0; m < paths.matchers().size(); m++) {
            boolean matches = paths.matchers().get(m) instanceof Matcher.OfText(Text text) && text.matches(path);
            left = matches ? left.and(paths.sets().get(m)) : left.minus(paths.sets().get(m));
        }
        return left.first();
    }

    /// What is decided for HTTP calls with a path of this atom, whatever else they are.
    private Formula at(Dimension paths, int atom) {
        List<Cube> denies = at(paths, atom, formula.denies());
        denies.add(connections());
        return new Formula(denies, at(paths, atom, formula.allows()), formula.closed());
    }

    private List<Cube> at(Dimension paths, int atom, List<Cube> cubes) {
        List<Cube> kept = new ArrayList<>();
        for (Cube cube : cubes) {
            List<Literal> own = cube.literals().stream().filter(literal -> literal.key().equals(DimensionKey.PATH)).toList();
            boolean holds = space.atoms(new Cube(own))
                    .filter(atoms -> {
                        AtomSet set = atoms[space.dimensions().indexOf(paths)];
                        return set == null || set.has(atom);
                    })
                    .isPresent();
            if (holds) {
                kept.add(new Cube(cube.literals().stream().filter(literal -> !own.contains(literal)).toList()));
            }
        }
        return kept;
    }

    private static Cube connections() {
        return new Cube(List.of(Literal.not(DimensionKey.PROTOCOL, Formula.HTTP)));
    }
}
