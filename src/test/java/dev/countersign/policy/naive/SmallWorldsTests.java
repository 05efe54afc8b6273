package dev.countersign.policy.naive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.Verdict.Decision;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.naive.SmallWorld.PolicySet;
import dev.countersign.policy.reason.Comparison;
import dev.countersign.policy.reason.Facet;
import dev.countersign.policy.reason.Known;
import dev.countersign.policy.reason.Party;
import dev.countersign.policy.reason.Region;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// In a world so small that every set of policies can be listed, the regions of a comparison are exactly the calls that
/// the naive interpreter decides otherwise, as sets; they do not overlap, and each region's witness lies in it.
///
/// The sets, over twenty million, are shuffled and compared two by two, so that each occurs in one comparison. One
/// comparison in `small.share` is made (1: all of them), from the one numbered `small.from`; and one of those in 64 has its
/// sets and witnesses decided by the naive interpreter call by call, without the shortcut over single policies.
///
/// The exhaustive run takes hours: `-Dsmall.share=1 -Dsmall.progress=FILE -Dsmall.seconds=900` notes in FILE how far it came,
/// stops after that time, and goes on from there when it is started again.
class SmallWorldsTests {
    private static final long SHARE = Long.getLong("small.share", 64);
    private static final long FROM = Long.getLong("small.from", 0);
    private static final long COMPARISONS = Long.getLong("small.comparisons", Long.MAX_VALUE);
    private static final long SECONDS = Long.getLong("small.seconds", Long.MAX_VALUE / 2_000_000_000);
    private static final int NOTED_AFTER = 50_000;
    private static final int LOOK_CLOSER = 64;
    /// Prime and no divisor of the number of sets: steps of so many visit every set once.
    private static final long STEP = 7_368_787;

    private final SmallWorld world = new SmallWorld();
    private final Map<Facet, BitSet> facets = new HashMap<>();
    private final Map<Reading, BitSet> parties = new HashMap<>();
    private final Map<Comparison.Verdict, Long> verdicts = new EnumMap<>(Comparison.Verdict.class);
    private final Optional<SmallWorldProgress> progress =
            Optional.ofNullable(System.getProperty("small.progress")).map(Path::of).map(SmallWorldProgress::new);

    /// A party is read beside those whom the same list tells by name.
    private record Reading(Party party, Set<String> named) {}

    @Test
    void regionsAreTheCallsThatAreDecidedOtherwise() {
        long start = System.nanoTime();
        long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        long sets = world.size();
        assertThat(sets).isGreaterThan(10_000_000L);
        assertThat(sets % STEP).isNotZero();
        SmallWorldProgress.Noted noted = progress.map(file -> file.read(SHARE, FROM))
                .orElse(new SmallWorldProgress.Noted(SHARE, FROM, 0));
        long comparisons = 0;
        long pair = noted.next();
        for (; pair < (sets + 1) / 2 && comparisons < COMPARISONS; pair += SHARE) {
            if (comparisons > 0 && comparisons % NOTED_AFTER == 0) {
                note(pair, noted.made() + comparisons);
                if (System.nanoTime() - start > SECONDS * 1_000_000_000) {
                    break;
                }
            }
            PolicySet before = world.set(2 * pair % sets * STEP % sets);
            PolicySet after = world.set((2 * pair + 1) % sets * STEP % sets);
            compare(before, after, comparisons++ % LOOK_CLOSER == 0);
        }
        note(pair, noted.made() + comparisons);
        System.out.printf(
                "small worlds: %,d comparisons and %,d before of %,d (%,d sets of policies), %.1f s (%.1f s of CPU), %s%n",
                comparisons, noted.made(), (sets + 1) / 2, sets, (System.nanoTime() - start) / 1e9,
                (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpu) / 1e9, verdicts);
        assertThat(verdicts.keySet())
                .contains(Comparison.Verdict.MORE_PERMISSIVE, Comparison.Verdict.LESS_PERMISSIVE)
                .contains(Comparison.Verdict.INCOMPARABLE, Comparison.Verdict.EQUIVALENT);
    }

    private void note(long next, long made) {
        progress.ifPresent(file -> file.write(new SmallWorldProgress.Noted(SHARE, next, made)));
    }

    private void compare(PolicySet before, PolicySet after, boolean closer) {
        Comparison said = Comparison.of(
                SmallWorld.MESH, SmallWorld.WORKLOAD, before.policies(), after.policies(), Known.NOTHING);
        BitSet opened = (BitSet) after.allowed().clone();
        opened.andNot(before.allowed());
        BitSet cut = (BitSet) before.allowed().clone();
        cut.andNot(after.allowed());
        if (!union(said.newlyAllowed()).equals(opened)
                || !union(said.newlyCut()).equals(cut)
                || said.verdict() != verdict(opened, cut)
                || !said.proven()) {
            throw new AssertionError("the regions are not the calls that change: " + before + "\n" + after + "\n" + said
                    + "\nopened " + opened + "\ncut " + cut);
        }
        verdicts.merge(said.verdict(), 1L, Long::sum);
        if (closer) {
            assertThat(world.allowed(before.policies())).isEqualTo(before.allowed());
            assertThat(world.allowed(after.policies())).isEqualTo(after.allowed());
            witnessed(said.newlyAllowed(), before.policies(), after.policies());
            witnessed(said.newlyCut(), after.policies(), before.policies());
        }
    }

    private static Comparison.Verdict verdict(BitSet opened, BitSet cut) {
        if (opened.isEmpty()) {
            return cut.isEmpty() ? Comparison.Verdict.EQUIVALENT : Comparison.Verdict.LESS_PERMISSIVE;
        }
        return cut.isEmpty() ? Comparison.Verdict.MORE_PERMISSIVE : Comparison.Verdict.INCOMPARABLE;
    }

    private static void witnessed(
            List<Region> regions, List<AuthorizationPolicy> denying, List<AuthorizationPolicy> allowing) {
        Set<String> named = named(regions);
        for (Region region : regions) {
            Call witness = region.witness();
            assertThat(of(region.party(), witness, named)).as("%s", region).isTrue();
            assertThat(region.facets()).as("%s", region).allMatch(facet -> of(facet, witness));
            assertThat(decide(denying, witness)).as("%s", region).isEqualTo(Decision.DENY);
            assertThat(decide(allowing, witness)).as("%s", region).isEqualTo(Decision.ALLOW);
        }
    }

    private static Decision decide(List<AuthorizationPolicy> policies, Call call) {
        return new NaiveInterpreter(SmallWorld.MESH, policies, SmallWorld.WORKLOAD)
                .decide(call)
                .decision();
    }

    /// Whom a list of regions tells by name: its "others" are without them.
    private static Set<String> named(List<Region> regions) {
        Set<String> named = new TreeSet<>();
        for (Region region : regions) {
            if (region.party() instanceof Party.One(String principal, boolean live)) {
                named.add(principal);
            }
        }
        return named;
    }

    private BitSet union(List<Region> regions) {
        Set<String> named = named(regions);
        BitSet union = new BitSet();
        for (Region region : regions) {
            BitSet calls = (BitSet) parties.computeIfAbsent(
                            new Reading(region.party(), region.party() instanceof Party.Others ? named : Set.of()),
                            one -> world.calls(call -> of(one.party(), call, one.named())))
                    .clone();
            for (Facet facet : region.facets()) {
                calls.and(facets.computeIfAbsent(facet, one -> world.calls(call -> of(one, call))));
            }
            if (union.intersects(calls)) {
                throw new AssertionError("regions overlap: " + regions);
            }
            union.or(calls);
        }
        return union;
    }

    private static boolean of(Party party, Call call, Set<String> named) {
        return switch (party) {
            case Party.One(String principal, boolean live) -> call.principal().equals(Optional.of(principal));
            case Party.WithoutIdentity() -> call.principal().isEmpty();
            case Party.Others(List<String> any, List<String> except) -> call.principal()
                    .filter(one -> !named.contains(one))
                    .filter(one -> any.isEmpty() || any.stream().anyMatch(value -> NaiveMatching.smatch(value, one)))
                    .filter(one -> except.stream().noneMatch(value -> NaiveMatching.smatch(value, one)))
                    .isPresent();
        };
    }

    private static boolean of(Facet facet, Call call) {
        if (facet.approximate()) {
            throw new AssertionError("three symbols are told exactly: " + facet);
        }
        String text = switch (facet.attribute()) {
            case "protocol" -> call.http().isPresent() ? "HTTP" : "TCP";
            case "method" -> call.http().map(Call.Http::method).orElse("");
            case "path" -> call.http().map(Call.Http::path).orElse("");
            default -> throw new AssertionError("no rule speaks of " + facet);
        };
        return !text.isEmpty()
                && (facet.any().isEmpty()
                        || facet.any().stream().anyMatch(value -> NaiveMatching.smatch(value, text)))
                && facet.except().stream().noneMatch(value -> NaiveMatching.smatch(value, text));
    }
}
