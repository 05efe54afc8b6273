package dev.countersign.policy.reason;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.Matcher.OfPeer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// Whether a change stays inside a bound: it opens no call that the bound forbids. Exact in the sense of `Comparison`.
public sealed interface Envelope {
    /// Nothing forbidden is opened. `proof` says what was looked at; `standing` is what the bound forbids and was open
    /// before already, which this change is not to blame for.
    record Inside(String proof, List<Region> standing) implements Envelope {
        public Inside {
            standing = List.copyOf(standing);
        }
    }

    /// What is opened against the bound; each region with a call that the `Authorizer` denied before and allows after.
    record Outside(Bound bound, List<Region> breaches) implements Envelope {
        public Outside {
            breaches = List.copyOf(breaches);
        }

        public String message() {
            return "This breaks \"" + bound.name() + "\": " + breaches.getFirst().description()
                    + ". Narrow the request, or let the owner of the bound change it.";
        }
    }

    /// It cannot be decided from what is known.
    record Undecided(List<String> uncertain) implements Envelope {
        public Undecided {
            uncertain = List.copyOf(uncertain);
        }
    }

    static Envelope of(
            Bound bound,
            MeshSettings mesh,
            Workload workload,
            Collection<AuthorizationPolicy> before,
            Collection<AuthorizationPolicy> after,
            Known known) {
        if (!bound.where().holds(workload)) {
            return new Inside("The bound \"" + bound.name() + "\" is not about this workload.", List.of());
        }
        Formula old = Formula.of(mesh, before, workload);
        Formula fresh = Formula.of(mesh, after, workload);
        // What the bound does not forbid is denied on both sides, so that only what it forbids can differ.
        List<Cube> permitted = permitted(bound.forbidden(), workload, old, fresh);
        Formula oldForbidden = denying(old, permitted);
        Formula freshForbidden = denying(fresh, permitted);
        List<Cube> cubes = new ArrayList<>(oldForbidden.denies());
        cubes.addAll(old.allows());
        cubes.addAll(fresh.denies());
        cubes.addAll(fresh.allows());
        Space space = Space.of(cubes, known.ports());
        List<String> uncertain = new ArrayList<>(Comparison.uncertainties(space));
        Regions change = new Regions(space, mesh, workload, known);
        Regions standing = new Regions(space, mesh, workload, known);
        try {
            Diagram.of(space, oldForbidden, freshForbidden).regions(change::add);
            Diagram.of(space, new Formula(List.of(), List.of(), true), oldForbidden).regions(standing::add);
        } catch (Diagram.TooLarge _) {
            uncertain.add("The policies are too entangled to be held against the bound. Compare one change at a time.");
            return new Undecided(uncertain);
        }
        if (!change.opened().isEmpty()) {
            Authorizer was = Authorizer.of(mesh, before, workload);
            Authorizer is = Authorizer.of(mesh, after, workload);
            change.opened().forEach(region -> Comparison.confirm(region, was, is, false));
            return new Outside(bound, change.opened());
        }
        return space.incomplete().isEmpty()
                ? new Inside(
                        "Of all calls that \"" + bound.name() + "\" forbids, told apart in " + space.dimensions().size()
                                + " respects, none is allowed after that was denied before.",
                        standing.opened())
                : new Undecided(uncertain);
    }

    private static Formula denying(Formula formula, List<Cube> more) {
        List<Cube> denies = new ArrayList<>(formula.denies());
        denies.addAll(more);
        return new Formula(denies, formula.allows(), formula.closed());
    }

    /// The calls that are not forbidden, as cubes.
    private static List<Cube> permitted(Bound.Forbidden forbidden, Workload workload, Formula old, Formula fresh) {
        boolean ztunnel = workload.dataPlane() == DataPlane.ZTUNNEL;
        return switch (forbidden) {
            case Bound.Forbidden.FromNamespaces(List<String> namespaces) -> List.of(new Cube(List.of(new Literal(
                    DimensionKey.IDENTITY, false, List.of(), peers(namespaces, ztunnel)))));
            case Bound.Forbidden.FromUnnamed() -> List.of(new Cube(List.of(
                    new Literal(DimensionKey.IDENTITY, true, named(old, fresh), List.of()))));
            case Bound.Forbidden.OutsideExcept(List<String> methods) -> List.of(
                    new Cube(List.of(new Literal(
                            DimensionKey.IDENTITY, true, peers(List.of(workload.namespace()), ztunnel), List.of()))),
                    new Cube(List.of(
                            Literal.some(DimensionKey.PROTOCOL, Formula.HTTP),
                            new Literal(DimensionKey.METHOD, true, methods.stream()
                                    .<Matcher>map(method -> new Matcher.OfText(Text.exact(method)))
                                    .toList(), List.of()))));
        };
    }

    private static List<Matcher> peers(List<String> namespaces, boolean ztunnel) {
        return namespaces.stream()
                .<Matcher>map(namespace -> ztunnel ? Peers.namespaceAtZtunnel(namespace) : Peers.namespace(namespace))
                .toList();
    }

    /// Those whom some ALLOW rule means by namespace and account.
    private static List<Matcher> named(Formula old, Formula fresh) {
        List<Matcher> named = new ArrayList<>();
        for (Formula formula : List.of(old, fresh)) {
            for (Cube cube : formula.allows()) {
                for (Literal literal : cube.literals()) {
                    for (Matcher matcher : literal.any()) {
                        if (matcher instanceof OfPeer peer && peer.account().kind() == Text.Kind.EXACT
                                && peer.namespace().kind() == Text.Kind.EXACT && !named.contains(peer)) {
                            named.add(peer);
                        }
                    }
                }
            }
        }
        return named;
    }
}
