package dev.countersign.policy.reason;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Workload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// What a change of policies does to the calls that reach a workload, over all calls there can be: any identity that Istio
/// issues or none, any string where strings stand, any address, port, header and claim, absent ones included, HTTP and TCP.
///
/// - `newlyAllowed`, `newlyCut`: regions that do not overlap and together are all that changes; live callers first.
/// - `uncertain`: what could not be decided from what is known, in sentences. Empty means that the verdict is proven.
///
/// Every witness has been put to the `Authorizer` on both sides.
public record Comparison(
        Verdict verdict, List<Region> newlyAllowed, List<Region> newlyCut, List<String> uncertain) {
    public enum Verdict {
        EQUIVALENT,
        MORE_PERMISSIVE,
        LESS_PERMISSIVE,
        INCOMPARABLE
    }

    /// More regions than this in one direction are counted, not listed.
    static final int MAX_REGIONS = 1000;

    public Comparison {
        newlyAllowed = List.copyOf(newlyAllowed);
        newlyCut = List.copyOf(newlyCut);
        uncertain = List.copyOf(uncertain);
    }

    /// Whether nothing was left undecided.
    public boolean proven() {
        return uncertain.isEmpty();
    }

    /// A workload as it stands on one side of a change, in its mesh, with the policies around it.
    public record Side(MeshSettings mesh, Workload workload, Collection<AuthorizationPolicy> policies) {
        Authorizer authorizer() {
            return Authorizer.of(mesh, policies, workload);
        }
    }

    /// Policies that do not attach to the workload may be among those given; dry-run ones are not enforced and not counted.
    public static Comparison of(
            MeshSettings mesh,
            Workload workload,
            Collection<AuthorizationPolicy> before,
            Collection<AuthorizationPolicy> after,
            Known known) {
        return of(new Side(mesh, workload, before), new Side(mesh, workload, after), known);
    }

    /// The same where more changes than policies: the workload's labels, its proxy, the mesh's settings. Regions are told in
    /// the words of the mesh and the workload after the change.
    public static Comparison of(Side before, Side after, Known known) {
        Delta delta = Delta.of(before, after);
        Formula old = delta.before();
        Formula fresh = delta.after();
        List<Cube> cubes = new ArrayList<>(old.denies());
        cubes.addAll(old.allows());
        cubes.addAll(fresh.denies());
        cubes.addAll(fresh.allows());
        Space space = Space.of(cubes, known.ports());
        List<String> uncertain = new ArrayList<>(uncertainties(space));
        Regions regions = new Regions(space, after.mesh(), after.workload(), known);
        try {
            Diagram.of(space, old, fresh).regions(regions::add);
        } catch (Diagram.TooLarge _) {
            uncertain.add("The policies are too entangled to be compared exactly. Split the rules with the most conditions"
                    + " into policies of their own, or compare one change at a time.");
            return new Comparison(Verdict.INCOMPARABLE, List.of(), List.of(), uncertain);
        }
        regions.omitted().ifPresent(uncertain::add);
        confirm(before, after, regions);
        boolean more = !regions.opened().isEmpty();
        boolean less = !regions.cut().isEmpty();
        Verdict verdict = more ? (less ? Verdict.INCOMPARABLE : Verdict.MORE_PERMISSIVE)
                : less ? Verdict.LESS_PERMISSIVE : Verdict.EQUIVALENT;
        return new Comparison(verdict, regions.opened(), regions.cut(), uncertain);
    }

    static List<String> uncertainties(Space space) {
        List<String> uncertain = new ArrayList<>();
        for (Dimension dimension : space.dimensions()) {
            if (dimension.key().kind() == DimensionKey.Kind.AUTHORIZER) {
                uncertain.add("The external authorizer " + dimension.key().detail()
                        + " decides some of these calls; what it answers is not known. Ask its owner.");
            }
        }
        for (DimensionKey key : space.incomplete()) {
            uncertain.add("The values of " + key.attribute()
                    + " can be combined in more ways than can be looked at; differences between rare combinations may be"
                    + " missing. Name fewer values in one rule.");
        }
        return uncertain;
    }

    private static void confirm(Side before, Side after, Regions regions) {
        if (regions.opened().isEmpty() && regions.cut().isEmpty()) {
            return;
        }
        Authorizer old = before.authorizer();
        Authorizer fresh = after.authorizer();
        regions.opened().forEach(region -> confirm(region, old, fresh, false));
        regions.cut().forEach(region -> confirm(region, old, fresh, true));
    }

    static void confirm(Region region, Authorizer old, Authorizer fresh, boolean allowedBefore) {
        Call witness = region.witness();
        if (old.allows(witness) != allowedBefore || fresh.allows(witness) == allowedBefore) {
            throw new IllegalStateException("the regions and the authorizer disagree about \"" + region.description()
                    + "\": " + old.decide(witness).decision() + " then " + fresh.decide(witness).decision() + " for " + witness);
        }
    }

    static boolean speaksHttp(Workload workload) {
        return workload.dataPlane() != DataPlane.ZTUNNEL;
    }
}
