package dev.countersign.bench;

import dev.countersign.audit.Actor;
import dev.countersign.catalog.CatalogSync;
import dev.countersign.catalog.Ownership;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.demo.cluster.DemoShop;
import dev.countersign.demo.cluster.RequestLog;
import dev.countersign.policy.compile.GrantedOperation;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.ShopFixture;
import dev.countersign.portal.TestDatabase;
import dev.countersign.requests.AskSource;
import dev.countersign.requests.AskTarget;
import dev.countersign.requests.Draft;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.requests.Justification;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.ServiceAccess;
import dev.countersign.requests.Submission;
import dev.countersign.tenancy.CurrentTenant;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// K2: from the click on "Approve" (the form, with session and token, over loopback HTTP) until the portal says that the
/// cluster holds the policy and it was read back. Approvals come one at a time: the queue is idle. First on many workloads,
/// each with few grants; then on one whose policy grows with every approval.
///
/// `-Dk2.approvals=200` of each kind. Last line: `K2 p50/p99 of the worse kind, ratio to 40 ms, verdict`.
public final class ApprovalLatencyBench {
    private static final int WARM_UP = 200;
    /// Longer than the time that is kept between two deliveries of one policy: here the queue is idle, K8 hurries.
    private static final long BETWEEN = 650;
    private static final int WORKLOADS = 20;
    private static final int APPROVALS = Integer.getInteger("k2.approvals", 200);

    private final BenchPortal portal;
    private final Fixtures fixtures;
    private final Fixtures.TestTenant tenant;
    private final ShopFixture.Shop shop;
    private final BenchBrowser owner;
    private final Connection look;

    private ApprovalLatencyBench(BenchPortal portal, Fixtures.TestTenant tenant, ShopFixture.Shop shop, BenchBrowser owner, Connection look) {
        this.portal = portal;
        this.fixtures = portal.bean(Fixtures.class);
        this.tenant = tenant;
        this.shop = shop;
        this.owner = owner;
        this.look = look;
    }

    public static void main(String[] arguments) throws Exception {
        try (BenchPortal portal = BenchPortal.start(Map.of())) {
            Fixtures.TestTenant tenant = portal.bean(Fixtures.class).tenant();
            String url = portal.property("spring.datasource.url");
            try (ShopFixture.Shop shop = portal.bean(ShopFixture.class).open(tenant);
                    BenchBrowser owner = BenchBrowser.signIn(portal.url(), "owner@" + tenant.tenant().slug(), "owner password");
                    Connection look = TestDatabase.server().connect(url.substring(url.lastIndexOf('/') + 1))) {
                new ApprovalLatencyBench(portal, tenant, shop, owner, look).run();
            }
        }
        System.exit(0);
    }

    private void run() throws Exception {
        List<String> services = IntStream.range(0, WORKLOADS).mapToObj(i -> "service-" + i).toList();
        open(services);
        for (int i = 0; i < WARM_UP; i++) {
            approve(services.get(i % WORKLOADS), 100_000 + i, 20);
        }
        portal.analyze();
        List<Map<String, Double>> many = new ArrayList<>();
        for (int i = 0; i < APPROVALS; i++) {
            many.add(approve(services.get(i % WORKLOADS), i, 40));
        }
        List<Map<String, Double>> growing = new ArrayList<>();
        for (int i = 0; i < APPROVALS; i++) {
            growing.add(approve("payment-service", i, BETWEEN));
        }
        Spread first = print("on " + WORKLOADS + " workloads", many);
        Spread second = print("on one growing workload", growing);
        print("its last 20", growing.subList(Math.max(0, APPROVALS - 20), APPROVALS));
        double p50 = Math.max(first.median(), second.median());
        double p99 = Math.max(first.at(0.99), second.at(0.99));
        System.out.printf(Locale.ROOT, "K2 %.1fms/%.1fms %.2f %s%n", p50, p99, p50 / 40, p50 <= 40 && p99 <= 200 ? "met" : "missed");
    }

    private void open(List<String> services) {
        new DemoShop(List.of("production"), services.stream().map(name -> new DemoShop.Workload(name, Map.of("http", 8080), true)).toList())
                .openIn(shop.cluster());
        CurrentTenant.run(tenant.tenant().id(), () -> {
            portal.bean(CatalogSync.class).syncNow(shop.ref().id());
            services.forEach(name -> portal.bean(Ownership.class)
                    .own(Actor.system("bench"), new WorkloadKey(shop.ref().id(), "production", name), tenant.team("payments")));
        });
    }

    /// The steps of one approval, in milliseconds; `all` is what the person waits.
    private Map<String, Double> approve(String service, int i, long pause) throws Exception {
        long number = submit(service, i);
        String digest = CurrentTenant.call(tenant.tenant().id(), () -> portal.bean(RequestDesk.class).find(number)).orElseThrow().digest();
        Thread.sleep(pause);
        shop.cluster().requests().clear();
        long lastEntry = lastEntry();
        Instant clicked = Instant.now();
        long start = System.nanoTime();
        HttpResponse<String> answer = owner.post("/requests/" + number + "/reviews", Map.of("decision", "APPROVE", "digest", digest, "comment", ""));
        double answered = (System.nanoTime() - start) / 1e6;
        if (answer.statusCode() != 302) {
            throw new IllegalStateException("request " + number + " was not approved: " + answer.statusCode() + " " + answer.body());
        }
        awaitApplied(service, number);
        double all = (System.nanoTime() - start) / 1e6;
        Map<String, Double> steps = new LinkedHashMap<>();
        steps.put("all", all);
        steps.put("answer to the click", answered);
        steps(steps, clicked, lastEntry);
        return steps;
    }

    private long submit(String service, int i) {
        ServiceAccess ask = new ServiceAccess(List.of("demo"), List.of(new AskSource.Account("production", "order-service")),
                AskTarget.workload("production", service), List.of(GrantedOperation.of(List.of("POST"), List.of("/api/v1/things-" + i + "/*"))), List.of());
        Draft draft = new Draft(ask, new Justification("Checkout settles card payments when an order is placed.", Optional.empty()),
                new GrantPeriod.For(Duration.ofDays(90)));
        return switch (CurrentTenant.call(tenant.tenant().id(), () -> portal.bean(RequestDesk.class).submit(fixtures.current(tenant, "engineer"), draft))) {
            case Submission.Submitted(long number) -> number;
            case Submission.Refused(var foresight) -> throw new IllegalStateException("refused: " + foresight.refusals());
        };
    }

    private long lastEntry() throws Exception {
        try (PreparedStatement statement = look.prepareStatement("select max(seq) from audit_entry where tenant_id = ?")) {
            statement.setObject(1, tenant.tenant().id().value());
            ResultSet row = statement.executeQuery();
            row.next();
            return row.getLong(1);
        }
    }

    /// Looks every half millisecond whether the revision that carries the request is confirmed.
    private void awaitApplied(String service, long number) throws Exception {
        try (PreparedStatement statement = look.prepareStatement("""
                select 1
                from policy_object o
                join revision r on (r.tenant_id, r.cluster_id, r.namespace, r.name, r.number) = (o.tenant_id, o.cluster_id, o.namespace, o.name, o.applied_revision)
                where o.tenant_id = ? and o.cluster_id = ? and o.namespace = 'production' and o.name = ? and r.request_numbers @> array[?]::bigint[]""")) {
            statement.setObject(1, tenant.tenant().id().value());
            statement.setObject(2, shop.ref().id());
            statement.setString(3, "countersign-" + service);
            statement.setLong(4, number);
            Instant deadline = Instant.now().plusSeconds(30);
            while (!statement.executeQuery().next()) {
                if (Instant.now().isAfter(deadline)) {
                    throw new IllegalStateException("request " + number + " did not reach the cluster");
                }
                Thread.sleep(Duration.ofNanos(500_000));
            }
        }
    }

    /// From the times in the record and in the cluster's own log, which share a clock.
    private void steps(Map<String, Double> steps, Instant clicked, long lastEntry) throws Exception {
        Map<String, Instant> record = new LinkedHashMap<>();
        try (PreparedStatement statement = look.prepareStatement("select kind, at from audit_entry where tenant_id = ? and seq > ? order by seq")) {
            statement.setObject(1, tenant.tenant().id().value());
            statement.setLong(2, lastEntry);
            ResultSet row = statement.executeQuery();
            while (row.next()) {
                record.put(row.getString(1), row.getObject(2, OffsetDateTime.class).toInstant());
            }
        }
        List<RequestLog.Entry> calls = shop.cluster().requests().entries().stream()
                .filter(entry -> entry.resource().startsWith("authorizationpolicies") && !entry.name().isEmpty())
                .toList();
        Instant[] at = new Instant[] {clicked, record.get("request.approved"), record.get("policy.revised")};
        List<Instant> times = new ArrayList<>(Arrays.asList(at));
        calls.forEach(call -> times.add(call.at()));
        times.add(record.get("policy.applied"));
        List<String> names = new ArrayList<>(List.of("decide", "grant and plan"));
        boolean first = true;
        boolean applied = false;
        for (RequestLog.Entry call : calls) {
            names.add(call.verb().equals("get")
                    ? first ? "commit, wake, claim, read" : applied ? "read back" : "read again"
                    : call.dryRun() ? "dry run" : "apply");
            applied |= !call.dryRun() && !call.verb().equals("get");
            first = false;
        }
        names.add("record");
        for (int i = 0; i < names.size(); i++) {
            steps.merge(names.get(i), Duration.between(times.get(i), times.get(i + 1)).toNanos() / 1e6, Double::sum);
        }
    }

    private static Spread print(String title, List<Map<String, Double>> approvals) {
        System.out.println(title + ", milliseconds:");
        approvals.getLast().keySet().forEach(step -> System.out.printf(Locale.ROOT, "  %-28s %s%n", step,
                new Spread(approvals.stream().mapToDouble(steps -> steps.getOrDefault(step, 0.0)).toArray())));
        return new Spread(approvals.stream().mapToDouble(steps -> steps.get("all")).toArray());
    }
}
