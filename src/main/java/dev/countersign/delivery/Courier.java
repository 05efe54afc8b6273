package dev.countersign.delivery;

import dev.countersign.clusters.ApiResource;
import dev.countersign.clusters.ClusterConnection;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Brings one revision to one cluster, step by step as its `Errand` says. Holds no transaction and no state; what it learned is the
/// receipt.
final class Courier {
    private final ClusterConnection cluster;
    private final String tenantSlug;
    private final BooleanSupplier stillOurs;
    private final Optional<StopGuard> guard;

    /// `stillOurs`: whether the claim holds; asked directly before every real write.
    Courier(ClusterConnection cluster, String tenantSlug, BooleanSupplier stillOurs, Optional<StopGuard> guard) {
        this.guard = guard;
        this.cluster = cluster;
        this.tenantSlug = tenantSlug;
        this.stillOurs = stillOurs;
    }

    Receipt deliver(Consignment consignment) {
        Errand.Step next = new Errand(consignment, RevisionText.policy(consignment.yaml()), tenantSlug, guard).first();
        while (!(next instanceof Errand.Step.Done)) {
            next = after(next, consignment.key());
        }
        return ((Errand.Step.Done) next).receipt();
    }

    private Errand.Step after(Errand.Step step, PolicyKey key) {
        return switch (step) {
            case Errand.Step.Read(var then) -> then.apply(cluster.read(ApiResource.AUTHORIZATION_POLICIES, key.namespace(), key.name()));
            case Errand.Step.AskForClaim(var then) -> then.apply(stillOurs.getAsBoolean());
            case Errand.Step.Create(var tree, var then) -> then.apply(cluster.create(tree));
            case Errand.Step.Settle(var made, var then) -> then.apply(cluster.settle(made));
            case Errand.Step.Apply(var tree, var expected, var then) -> then.apply(cluster.apply(tree, expected));
            case Errand.Step.TakeBack(var tree, var expected, var then) -> then.apply(cluster.takeBack(tree, expected));
            case Errand.Step.Done done -> done;
        };
    }
}
