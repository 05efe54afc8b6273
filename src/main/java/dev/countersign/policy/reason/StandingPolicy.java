package dev.countersign.policy.reason;

import dev.countersign.policy.eval.TrustDomainBundle;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Rule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One policy of a mesh, read once as who of the known sources is meant for which operations, the way sidecars and the way
/// ztunnels read it. The same object is the same policy; for any number of threads.
final class StandingPolicy {
    /// Two authorizers: so rules that ask one are read as they stand, without what it would answer.
    private static final Set<String> UNASKED = Set.of("one", "another");

    private final AuthorizationPolicy policy;
    private final Reading reading;
    private volatile @Nullable List<Part> atEnvoy;
    private volatile @Nullable List<Part> atZtunnel;

    /// Some sources and what of their calls is meant.
    record Part(Operations operations, SourceSet who) {}

    /// What the policies of one mesh are read with. What rules ask for, and the classes that it makes, recur.
    static final class Reading {
        private static final int REMEMBERED = 250_000;

        private final TrustDomainBundle domains;
        private final KnownSources sources;
        private final Map<List<Cube>, Operations> operations = new ConcurrentHashMap<>();
        private final Map<List<Operations>, CallClasses> classes = new ConcurrentHashMap<>();

        Reading(TrustDomainBundle domains, KnownSources sources) {
            this.domains = domains;
            this.sources = sources;
        }

        KnownSources sources() {
            return sources;
        }

        Operations operations(List<Cube> cubes) {
            return remembered(operations, cubes, Operations::of);
        }

        CallClasses classes(List<Operations> of) {
            return remembered(classes, of, CallClasses::of);
        }

        /// Those by `of`, by another way where they are not known yet.
        CallClasses classes(List<Operations> of, Function<List<Operations>, CallClasses> make) {
            return remembered(classes, of, make);
        }

        private static <K, V> V remembered(Map<K, V> known, K key, Function<K, V> make) {
            V value = known.get(key);
            if (value == null) {
                value = make.apply(key);
                if (known.size() >= REMEMBERED) {
                    known.clear();
                }
                V other = known.putIfAbsent(key, value);
                value = other == null ? value : other;
            }
            return value;
        }
    }

    StandingPolicy(AuthorizationPolicy policy, Reading reading) {
        this.policy = policy;
        this.reading = reading;
    }

    AuthorizationPolicy policy() {
        return policy;
    }

    List<Part> parts(boolean ztunnel) {
        List<Part> known = ztunnel ? atZtunnel : atEnvoy;
        if (known == null) {
            known = read(ztunnel);
            if (ztunnel) {
                atZtunnel = known;
            } else {
                atEnvoy = known;
            }
        }
        return known;
    }

    private List<Part> read(boolean ztunnel) {
        RuleCubes cubes = new RuleCubes(reading.domains, ztunnel, UNASKED);
        Map<Operations, SourceSet> parts = new LinkedHashMap<>();
        for (Rule rule : policy.rules()) {
            Map<List<Literal>, List<Cube>> byCaller = new LinkedHashMap<>();
            for (Cube cube : cubes.cubes(policy, rule)) {
                List<Literal> caller = new ArrayList<>(1);
                List<Literal> rest = new ArrayList<>(cube.literals().size());
                for (Literal literal : cube.literals()) {
                    (literal.key().equals(DimensionKey.IDENTITY) ? caller : rest).add(literal);
                }
                byCaller.computeIfAbsent(caller, one -> new ArrayList<>(2)).add(new Cube(rest));
            }
            byCaller.forEach((caller, rest) -> {
                SourceSet who = reading.sources.meeting(caller);
                if (!who.isEmpty()) {
                    parts.merge(reading.operations(rest), who, SourceSet::or);
                }
            });
        }
        List<Part> read = new ArrayList<>(parts.size());
        parts.forEach((operations, who) -> read.add(new Part(operations, who)));
        return List.copyOf(read);
    }
}
