package dev.countersign.bench;

import dev.countersign.approval.Deciding;
import dev.countersign.approval.Decision;
import dev.countersign.approval.ReviewBoard;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.portal.Fixtures;
import dev.countersign.policy.compile.GrantedOperation;
import dev.countersign.requests.AskSource;
import dev.countersign.requests.AskTarget;
import dev.countersign.requests.Draft;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.requests.Justification;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.ServiceAccess;
import dev.countersign.requests.Submission;
import dev.countersign.tenancy.CurrentTenant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// Q2: whole lives of requests a second, at the level of the services: submit, foresee, the owner and two of security approve (access
/// without end), grant, plan, deliver, read back. Several tenants, each with a cluster over plain HTTP; each request is for a service of
/// its own, so that no pace of a policy counts.
///
/// `-Dq2.tenants=4`, `-Dq2.requests=40` of each and round. No peer runs beside it: the ratio is to the target, 500 a second. Last line:
/// `Q2 lives/s, ratio to 500/s, verdict`.
public final class LifecycleBench {
    private static final boolean QUICK = Boolean.getBoolean("bench.quick");
    private static final int TENANTS = Integer.getInteger("q2.tenants", 4);
    private static final int REQUESTS = Integer.getInteger("q2.requests", QUICK ? 10 : 40);
    private static final int ROUNDS = QUICK ? 2 : 5;

    private LifecycleBench() {}

    public static void main(String[] arguments) throws Exception {
        try (BenchPortal portal = BenchPortal.start(Map.of("countersign.clusters.requests-per-second", "100000", "countersign.catalog.watch", "false", "countersign.delivery.replan", "1h"))) {
            List<Fleet> fleets = new ArrayList<>();
            for (int i = 0; i < TENANTS; i++) {
                fleets.add(Fleet.open(portal, 1, REQUESTS, false));
            }
            run(portal, fleets);
            for (Fleet fleet : fleets) {
                fleet.close();
            }
        }
        System.exit(0);
    }

    private static void run(BenchPortal portal, List<Fleet> fleets) throws Exception {
        double[] rates = new double[ROUNDS];
        for (int round = -1; round < ROUNDS; round++) {
            String path = "/life-" + (round + 1) + "/*";
            long entries = entries(fleets);
            AtomicInteger next = new AtomicInteger();
            long start = System.nanoTime();
            RawClusters.inThreads(2 * TENANTS, () -> {
                for (int i = next.getAndIncrement(); i < TENANTS * REQUESTS; i = next.getAndIncrement()) {
                    Fleet fleet = fleets.get(i % TENANTS);
                    live(portal, fleet, fleet.services.get(i / TENANTS), path);
                }
            });
            double decided = (System.nanoTime() - start) / 1e9;
            for (Fleet fleet : fleets) {
                fleet.awaitApplied();
            }
            double all = (System.nanoTime() - start) / 1e9;
            double each = (double) (entries(fleets) - entries) / TENANTS / REQUESTS;
            System.out.printf(Locale.ROOT, "round %d: %d lives in %.2f s, decided after %.2f s: %.1f/s, %.1f entries of the record each%n",
                    round, TENANTS * REQUESTS, all, decided, TENANTS * REQUESTS / all, each);
            if (round < 0) {
                portal.analyze();
            } else {
                rates[round] = TENANTS * REQUESTS / all;
            }
        }
        double rate = new Spread(rates).median();
        System.out.println("lives a second: " + new Spread(rates));
        System.out.printf(Locale.ROOT, "Q2 %.1f/s %.2f %s%n", rate, rate / 500, rate >= 500 ? "met" : "missed");
    }

    private static long entries(List<Fleet> fleets) throws Exception {
        long entries = 0;
        for (Fleet fleet : fleets) {
            entries += fleet.number("select max(seq) from audit_entry where tenant_id = ?");
        }
        return entries;
    }

    private static void live(BenchPortal portal, Fleet fleet, String service, String path) {
        Fixtures fixtures = portal.bean(Fixtures.class);
        ServiceAccess ask = new ServiceAccess(List.of("cluster-0"), List.of(new AskSource.Account("production", "order-service")),
                AskTarget.workload("production", service), List.of(GrantedOperation.of(List.of("POST"), List.of(path))), List.of());
        Draft draft = new Draft(ask, new Justification("Checkout settles card payments when an order is placed.", Optional.empty()), new GrantPeriod.Permanent());
        CurrentTenant.run(fleet.tenant.tenant().id(), () -> {
            RequestDesk desk = portal.bean(RequestDesk.class);
            long number = switch (desk.submit(fixtures.current(fleet.tenant, "engineer"), draft)) {
                case Submission.Submitted(long submitted) -> submitted;
                case Submission.Refused(var foresight) -> throw new IllegalStateException("refused: " + foresight.refusals());
            };
            String digest = desk.find(number).orElseThrow().digest();
            for (String name : List.of("owner", "security", "security2")) {
                CurrentPerson person = fixtures.current(fleet.tenant, name);
                Deciding said = portal.bean(ReviewBoard.class).decide(person, number, Decision.APPROVE, digest, "");
                if (!(said instanceof Deciding.Recorded)) {
                    throw new IllegalStateException(name + ": " + said);
                }
            }
        });
    }
}
