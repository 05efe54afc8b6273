package dev.countersign.bench;

import dev.countersign.audit.Actor;
import dev.countersign.catalog.CatalogSync;
import dev.countersign.catalog.Ownership;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.clusters.Registration;
import dev.countersign.clusters.RegistrationForm;
import dev.countersign.demo.cluster.ClusterOptions;
import dev.countersign.demo.cluster.DemoShop;
import dev.countersign.demo.cluster.EmbeddedCluster;
import dev.countersign.policy.compile.GrantedOperation;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.ShopFixture;
import dev.countersign.portal.TestDatabase;
import dev.countersign.requests.AskSource;
import dev.countersign.requests.AskTarget;
import dev.countersign.requests.Draft;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.requests.Justification;
import dev.countersign.requests.Limits;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestProgress;
import dev.countersign.requests.ServiceAccess;
import dev.countersign.requests.Submission;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.springframework.context.SmartLifecycle;

/// One tenant with many embedded clusters, each with `order-service`, which calls, and the same services, which are called. All
/// are registered and listed once. A request reaches at most `Limits.CLUSTERS` of them, so what goes to all is several requests.
final class Fleet implements AutoCloseable {
    /// Where one of its clusters is and how the portal knows it.
    record Member(EmbeddedCluster cluster, ClusterRef ref) {}

    final TestTenant tenant;
    final List<Member> members = new ArrayList<>();
    final List<String> services;
    final BenchPortal portal;
    private final Connection look;

    private Fleet(BenchPortal portal, List<String> services) throws SQLException {
        this.portal = portal;
        this.services = services;
        tenant = portal.bean(Fixtures.class).tenant();
        String url = portal.property("spring.datasource.url");
        look = TestDatabase.server().connect(url.substring(url.lastIndexOf('/') + 1));
    }

    static Fleet open(BenchPortal portal, int clusters, int services, boolean tls) throws SQLException {
        Fleet fleet = new Fleet(portal, IntStream.range(0, services).mapToObj(i -> "service-" + i).toList());
        for (int i = 0; i < clusters; i++) {
            fleet.add("cluster-" + i, tls);
        }
        return fleet;
    }

    private void add(String name, boolean tls) {
        ClusterOptions options = ClusterOptions.defaults().named(name).withUser(ShopFixture.portalUser("production"));
        EmbeddedCluster cluster = EmbeddedCluster.start(tls ? options : options.withoutTls());
        List<DemoShop.Workload> workloads = new ArrayList<>(List.of(new DemoShop.Workload("order-service", Map.of("http", 8080), true)));
        services.forEach(service -> workloads.add(new DemoShop.Workload(service, Map.of("http", 8080), true)));
        new DemoShop(List.of("production"), workloads).openIn(cluster);
        CurrentTenant.run(tenant.tenant().id(), () -> {
            Actor setup = Actor.system("bench");
            switch (portal.bean(ClusterRegistry.class).register(setup, RegistrationForm.of(name, cluster.kubeconfig("portal"), List.of("production")))) {
                case Registration.Registered registered -> members.add(new Member(cluster, registered.cluster()));
                case Registration.Refused refused -> throw new IllegalStateException(refused.problems().toString());
            }
            portal.bean(CatalogSync.class).syncNow(members.getLast().ref().id()).ifPresent(trouble -> {
                throw new IllegalStateException(trouble.toString());
            });
            portal.bean(Ownership.class).ownByDefault(setup, members.getLast().ref().id(), "production", tenant.team("payments"));
            portal.bean(Ownership.class).own(setup, new WorkloadKey(members.getLast().ref().id(), "production", "order-service"), tenant.team("orders"));
        });
    }

    /// Submits a request for the path of the service in every cluster and approves it past the board.
    void approve(String service, String path) {
        for (int from = 0; from < members.size(); from += Limits.CLUSTERS) {
            approve(members.subList(from, Math.min(members.size(), from + Limits.CLUSTERS)).stream().map(member -> member.ref().name()).toList(), service, path);
        }
    }

    private void approve(List<String> clusters, String service, String path) {
        long number = submit(clusters, service, path);
        RequestProgress progress = portal.bean(RequestProgress.class);
        portal.bean(Tenants.class).doInTenant(tenant.tenant().id(), () -> progress.approved(progress.lock(number).orElseThrow(), Actor.system("bench")));
    }

    long submit(List<String> clusters, String service, String path) {
        return submit(clusters, service, path, new GrantPeriod.For(Duration.ofDays(90)));
    }

    long submit(List<String> clusters, String service, String path, GrantPeriod period) {
        ServiceAccess ask = new ServiceAccess(clusters, List.of(new AskSource.Account("production", "order-service")),
                AskTarget.workload("production", service), List.of(GrantedOperation.of(List.of("POST"), List.of(path))), List.of());
        Draft draft = new Draft(ask, new Justification("Checkout settles card payments when an order is placed.", Optional.empty()), period);
        return switch (CurrentTenant.call(tenant.tenant().id(), () -> portal.bean(RequestDesk.class).submit(portal.bean(Fixtures.class).current(tenant, "engineer"), draft))) {
            case Submission.Submitted(long number) -> number;
            case Submission.Refused(var foresight) -> throw new IllegalStateException("refused: " + foresight.refusals());
        };
    }

    /// The couriers of the portal: while they stand still what is approved is planned and waits.
    SmartLifecycle couriers() {
        return portal.context().getBean("deliveryLoop", SmartLifecycle.class);
    }

    /// How many policies a cluster does not hold as they should be, by a connection of its own that no pool counts.
    long open() throws SQLException {
        return number("select count(*) from policy_object where tenant_id = ? and not (state = 'APPLIED' and applied_revision = desired_revision)");
    }

    /// The first number of the first row; `?` is the tenant.
    long number(String sql) throws SQLException {
        try (PreparedStatement statement = look.prepareStatement(sql)) {
            statement.setObject(1, tenant.tenant().id().value());
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0;
            }
        }
    }

    Connection look() {
        return look;
    }

    /// What was used up so far: milliseconds of a processor by this process (portal and clusters together) and by its database server,
    /// and transactions of the database.
    record Spent(double here, double database, long transactions) {
        Spent since(Spent before) {
            return new Spent(here - before.here, database - before.database, transactions - before.transactions);
        }
    }

    Spent spent() throws SQLException {
        try (Statement statement = look.createStatement()) {
            statement.execute("select pg_stat_clear_snapshot()");
            ResultSet rows = statement.executeQuery("select split_part(pg_read_file('postmaster.pid'), chr(10), 1)::bigint, xact_commit + xact_rollback from pg_stat_database where datname = current_database()");
            rows.next();
            ProcessHandle server = ProcessHandle.of(rows.getLong(1)).orElseThrow();
            return new Spent(cpu(ProcessHandle.current()), cpu(server) + server.descendants().mapToDouble(Fleet::cpu).sum(), rows.getLong(2));
        }
    }

    private static double cpu(ProcessHandle process) {
        return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L) / 1e6;
    }

    void awaitApplied() throws Exception {
        awaitApplied("true");
    }

    /// Until every policy for which the condition on `o` holds is in its cluster, looking every ten milliseconds.
    void awaitApplied(String condition) throws Exception {
        long end = System.nanoTime() + Duration.ofMinutes(3).toNanos();
        while (number("select count(*) from policy_object o where tenant_id = ? and not (state = 'APPLIED' and applied_revision = desired_revision) and " + condition) > 0) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException(open() + " policies are not applied");
            }
            Thread.sleep(10);
        }
    }

    void clearLogs() {
        members.forEach(member -> member.cluster().requests().clear());
    }

    long requests() {
        return members.stream().mapToLong(member -> member.cluster().requests().total()).sum();
    }

    @Override
    public void close() throws SQLException {
        look.close();
        members.forEach(member -> member.cluster().close());
    }
}
