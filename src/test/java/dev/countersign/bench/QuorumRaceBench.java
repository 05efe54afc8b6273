package dev.countersign.bench;

import dev.countersign.approval.Deciding;
import dev.countersign.approval.Decision;
import dev.countersign.approval.ReviewBoard;
import dev.countersign.audit.Actor;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.People;
import dev.countersign.requests.RequestDesk;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Q3: 64 owners approve the same request in the same moment, one request after the other. Is there exactly one transition of each, does
/// nobody see a deadlock or another accident, and how long does each of them wait for the answer?
///
/// `-Dq3.requests=100` (the target's 10,000) for `-Dq3.services=20` in turn, the couriers stand still. Last line: `Q3 p99, ratio to 50 ms, verdict`.
public final class QuorumRaceBench {
    private static final int REQUESTS = Integer.getInteger("q3.requests", Boolean.getBoolean("bench.quick") ? 10 : 100);
    private static final int SERVICES = Integer.getInteger("q3.services", 20);
    private static final int APPROVERS = 64;
    private static final int WARM_UP = 5;

    private QuorumRaceBench() {}

    public static void main(String[] arguments) throws Exception {
        try (BenchPortal portal = BenchPortal.start(Map.of("countersign.catalog.watch", "false"));
                Fleet fleet = Fleet.open(portal, 1, SERVICES, false)) {
            fleet.couriers().stop();
            run(portal, fleet);
        }
        System.exit(0);
    }

    private static void run(BenchPortal portal, Fleet fleet) throws Exception {
        List<CurrentPerson> owners = owners(portal, fleet);
        List<Double> waits = new ArrayList<>();
        List<Double> counted = java.util.Collections.synchronizedList(new ArrayList<>());
        int accidents = 0;
        int recorded = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(APPROVERS)) {
            for (int i = -WARM_UP; i < REQUESTS; i++) {
                if (i == 0) {
                    counted.clear();
                    portal.analyze();
                }
                long number = fleet.submit(List.of("cluster-0"), "service-" + Math.floorMod(i, SERVICES), "/race-" + (i + WARM_UP) + "/*");
                String digest = CurrentTenant.call(fleet.tenant.tenant().id(), () -> portal.bean(RequestDesk.class).find(number)).orElseThrow().digest();
                CountDownLatch barrier = new CountDownLatch(1);
                List<Future<Double>> all = new ArrayList<>();
                List<Deciding> said = java.util.Collections.synchronizedList(new ArrayList<>());
                for (CurrentPerson owner : owners) {
                    all.add(threads.submit(() -> {
                        barrier.await();
                        long start = System.nanoTime();
                        Deciding word = CurrentTenant.call(fleet.tenant.tenant().id(), () -> portal.bean(ReviewBoard.class).decide(owner, number, Decision.APPROVE, digest, ""));
                        said.add(word);
                        double wait = (System.nanoTime() - start) / 1e6;
                        if (word instanceof Deciding.Recorded) {
                            counted.add(wait);
                        }
                        return wait;
                    }));
                }
                barrier.countDown();
                for (Future<Double> one : all) {
                    try {
                        double wait = one.get();
                        if (i >= 0) {
                            waits.add(wait);
                        }
                    } catch (java.util.concurrent.ExecutionException accident) {
                        accidents++;
                        System.out.println("accident: " + accident.getCause());
                    }
                }
                recorded += (int) said.stream().filter(Deciding.Recorded.class::isInstance).count();
            }
        }
        long transitions = fleet.number("select count(*) from audit_entry where tenant_id = ? and kind = 'request.approved'");
        long grants = fleet.number("select count(*) from access_grant where tenant_id = ?");
        int asked = REQUESTS + WARM_UP;
        Spread spread = new Spread(waits.stream().mapToDouble(Double::doubleValue).toArray());
        System.out.printf(Locale.ROOT, "%d requests, %d approvers each: %d transitions, %d grants, %d words that counted, %d accidents%n", asked, APPROVERS, transitions, grants, recorded, accidents);
        System.out.println("waits, ms: " + spread);
        System.out.println("of those whose word counted: " + new Spread(counted.stream().mapToDouble(Double::doubleValue).toArray()));
        boolean exact = transitions == asked && grants == asked && recorded == asked && accidents == 0;
        System.out.printf(Locale.ROOT, "Q3 %.1fms %.2f %s%n", spread.at(0.99), spread.at(0.99) / 50, exact && spread.at(0.99) <= 50 ? "met" : exact ? "missed, exact" : "missed, NOT EXACT");
    }

    private static List<CurrentPerson> owners(BenchPortal portal, Fleet fleet) {
        People people = portal.bean(People.class);
        return portal.bean(Tenants.class).inTenant(fleet.tenant.tenant().id(), () -> {
            List<CurrentPerson> owners = new ArrayList<>();
            for (int i = 0; i < APPROVERS; i++) {
                UUID id = people.create(Actor.system("bench"), "approver" + i, "Approver " + i, Optional.empty(), Set.of());
                people.join(Actor.system("bench"), fleet.tenant.team("payments"), id);
                owners.add(people.current(fleet.tenant.tenant().id(), id).orElseThrow());
            }
            return owners;
        });
    }
}
