package dev.countersign.bench;

import dev.countersign.audit.Actor;
import dev.countersign.demo.cluster.RequestLog;
import dev.countersign.policy.compile.GrantedOperation;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.ShopFixture;
import dev.countersign.requests.AskSource;
import dev.countersign.requests.AskTarget;
import dev.countersign.requests.Draft;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.requests.Justification;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestProgress;
import dev.countersign.requests.ServiceAccess;
import dev.countersign.requests.Submission;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;

/// K8: a thousand approvals of access to one workload, a hundred a second where the machine keeps up; how often is the
/// cluster asked to take a policy, dry runs counted, and does it hold the last one in the end? Decides past the review board,
/// as fast as the record takes it.
///
/// `-Dk8.approvals=1000`. Last line: `K8 patches, patches to 40, verdict`.
public final class PushKindnessBench {
    private static final int APPROVALS = Integer.getInteger("k8.approvals", 1000);
    private static final long NANOS_EACH = 10_000_000;

    private PushKindnessBench() {}

    public static void main(String[] arguments) throws Exception {
        try (BenchPortal portal = BenchPortal.start(Map.of())) {
            Fixtures fixtures = portal.bean(Fixtures.class);
            Fixtures.TestTenant tenant = fixtures.tenant();
            try (ShopFixture.Shop shop = portal.bean(ShopFixture.class).open(tenant)) {
                run(portal, fixtures, tenant, shop);
            }
        }
        System.exit(0);
    }

    private static void run(BenchPortal portal, Fixtures fixtures, Fixtures.TestTenant tenant, ShopFixture.Shop shop) throws Exception {
        Tenants tenants = portal.bean(Tenants.class);
        RequestDesk desk = portal.bean(RequestDesk.class);
        RequestProgress progress = portal.bean(RequestProgress.class);
        List<Long> numbers = new ArrayList<>();
        for (int i = 0; i < APPROVALS; i++) {
            String path = "/api/v1/things-" + i % 200 + "/*";
            numbers.add(tenants.inTenant(tenant.tenant().id(), () -> submit(desk, fixtures, tenant, path)));
        }
        shop.cluster().requests().clear();
        long start = System.nanoTime();
        for (int i = 0; i < APPROVALS; i++) {
            long ahead = start + i * NANOS_EACH - System.nanoTime();
            if (ahead > 0) {
                Thread.sleep(Duration.ofNanos(ahead));
            }
            long number = numbers.get(i);
            tenants.doInTenant(tenant.tenant().id(), () -> progress.approved(progress.lock(number).orElseThrow(), Actor.system("bench")));
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        String wanted = String.join(",", numbers.stream().map(String::valueOf).toList());
        String held = "";
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!held.equals(wanted) && System.nanoTime() < deadline) {
            Thread.sleep(50);
            held = appliedRequests(portal, tenants, tenant);
        }
        List<RequestLog.Entry> patches = shop.cluster().requests().entries().stream().filter(entry -> entry.verb().equals("patch")).toList();
        long dry = patches.stream().filter(RequestLog.Entry::dryRun).count();
        System.out.printf(Locale.ROOT, "%d approvals in %.1f s, settled after %.1f s: %d PATCHes, %d of them dry runs; the last state is %s%n",
                APPROVALS, seconds, (System.nanoTime() - start) / 1e9, patches.size(), dry, held.equals(wanted) ? "exact" : "NOT REACHED");
        double allowed = 40 * Math.max(1, seconds / 10);
        System.out.printf(Locale.ROOT, "K8 %d %.2f %s%n", patches.size(), patches.size() / allowed,
                held.equals(wanted) && patches.size() <= allowed ? "met" : "missed");
    }

    /// The requests of the revision that the cluster confirmed, once nothing is left to deliver.
    private static String appliedRequests(BenchPortal portal, Tenants tenants, Fixtures.TestTenant tenant) {
        return tenants.inTenant(tenant.tenant().id(), () -> portal.bean(JdbcClient.class).sql("""
                        select array_to_string(r.request_numbers, ',')
                        from policy_object o
                        join revision r on (r.tenant_id, r.cluster_id, r.namespace, r.name, r.number) = (o.tenant_id, o.cluster_id, o.namespace, o.name, o.applied_revision)
                        where o.state = 'APPLIED' and o.name = 'countersign-payment-service'""")
                .query(String.class)
                .optional()).orElse("");
    }

    private static long submit(RequestDesk desk, Fixtures fixtures, Fixtures.TestTenant tenant, String path) {
        ServiceAccess ask = new ServiceAccess(List.of("demo"), List.of(new AskSource.Account("production", "order-service")),
                AskTarget.workload("production", "payment-service"), List.of(GrantedOperation.of(List.of("POST"), List.of(path))), List.of());
        Draft draft = new Draft(ask, new Justification("Checkout settles card payments when an order is placed.", Optional.empty()),
                new GrantPeriod.For(Duration.ofDays(90)));
        return switch (desk.submit(fixtures.current(tenant, "engineer"), draft)) {
            case Submission.Submitted(long number) -> number;
            case Submission.Refused(var foresight) -> throw new IllegalStateException("refused: " + foresight.refusals());
        };
    }
}
