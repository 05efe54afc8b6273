package dev.countersign.demo;

import dev.countersign.audit.Actor;
import dev.countersign.catalog.CatalogSync;
import dev.countersign.catalog.Ownership;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.clusters.ClusterView;
import dev.countersign.clusters.Registration;
import dev.countersign.clusters.RegistrationForm;
import dev.countersign.demo.cluster.EmbeddedCluster;
import dev.countersign.identity.People;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.Tenants;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.context.annotation.Profile;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/// Registers the embedded cluster with both tenants as an administrator would, by kubeconfig, through the front desk.
@Component
@Profile("demo")
@Order(2)
class DemoEnrolment implements ApplicationRunner {
    private static final Logger LOG = LoggerFactory.getLogger(DemoEnrolment.class);
    private static final Actor FIRST_START = Actor.system("demo");
    private static final String NAME = "demo";

    private final ClusterRegistry registry;
    private final EmbeddedCluster cluster;
    private final Tenants tenants;
    private final CatalogSync sync;
    private final Ownership ownership;
    private final People people;

    DemoEnrolment(ClusterRegistry registry, EmbeddedCluster cluster, Tenants tenants, CatalogSync sync, Ownership ownership, People people) {
        this.sync = sync;
        this.ownership = ownership;
        this.people = people;
        this.registry = registry;
        this.cluster = cluster;
        this.tenants = tenants;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        for (DemoPeople.DemoTenant demo : DemoPeople.TENANTS) {
            Tenant tenant = tenants.bySlug(demo.slug()).orElseThrow();
            CurrentTenant.run(tenant.id(), () -> enrol(demo, tenant));
        }
    }

    private void enrol(DemoPeople.DemoTenant demo, Tenant tenant) {
        String kubeconfig = cluster.kubeconfig(DemoClusters.portalAccount(demo.slug()));
        Optional<ClusterView> known = tenants.inTenant(tenant.id(), () -> registry.find(NAME));
        Registration outcome;
        if (known.isEmpty()) {
            outcome = registry.register(FIRST_START, RegistrationForm.of(NAME, kubeconfig, DemoClusters.namespaces(demo)));
        } else if (!known.get().apiServer().equals(cluster.url().toString())) {
            // The port it had was taken; it listens elsewhere now.
            outcome = registry.rotateCredentials(FIRST_START, known.get().id(), kubeconfig);
        } else if (tenants.inTenant(tenant.id(), ownership::list).isEmpty()) {
            // The first start ended before it came to the owners.
            outcome = new Registration.Registered(new ClusterRef(known.get().id(), NAME), List.of());
        } else {
            return;
        }
        if (outcome instanceof Registration.Registered(ClusterRef ref, List<String> warnings)) {
            sync.syncNow(ref.id());
            tenants.doInTenant(tenant.id(), () -> own(demo, ref.id()));
        }
        if (outcome instanceof Registration.Refused(List<Registration.Problem> problems)) {
            LOG.atError().addKeyValue("tenant", demo.slug()).addKeyValue("problems", problems).log("The demo cluster was refused");
        }
    }

    /// Who owns what; what is not named here belongs to nobody yet, as in life.
    private void own(DemoPeople.DemoTenant demo, UUID id) {
        demo.owns().forEach((workload, team) -> DemoClusters.namespaces(demo)
                .forEach(namespace -> people.team(team).ifPresent(owner -> ownership.own(FIRST_START, new WorkloadKey(id, namespace, workload), owner))));
    }
}
