package dev.countersign.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.portal.Fixtures;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.portal.ShopFixture.Shop;
import dev.countersign.tenancy.TenantId;
import dev.countersign.tenancy.Tenants;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/// F13: many reach for one delivery in the same moment, and one has it, under the next fence: one of these or, now and then, the portal's own
/// sweep. `-Ddelivery.races=10000` for the full volume.
@PortalTest
class ClaimRaceTests {
    private static final int RACES = Integer.getInteger("delivery.races", 400);
    private static final int RACERS = 4;

    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopFixture shops;

    @Autowired
    DeliveryLedger ledger;

    @Autowired
    Tenants tenants;

    @Autowired
    JdbcClient jdbc;

    @Test
    void oneOfManyHasIt() throws Exception {
        Fixtures.TestTenant tenant = fixtures.tenant();
        TenantId id = tenant.tenant().id();
        try (Shop shop = shops.open(tenant); ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            shop.approve("order-service");
            for (int i = 0; i < 1_000 && tenants.inTenant(id, () -> jdbc.sql("select count(*) from policy_object where state = 'APPLIED' and due_at is null and lease_until is null").query(Long.class).single()) == 0; i++) {
                Thread.sleep(20);
            }
            int won = 0;
            for (int race = 0; race < RACES; race++) {
                long fence = tenants.inTenant(id, () -> jdbc.sql("update policy_object set due_at = now(), lease_until = null returning fence").query(Long.class).single());
                CyclicBarrier barrier = new CyclicBarrier(RACERS);
                List<Future<List<Consignment>>> racers = new ArrayList<>();
                for (int racer = 0; racer < RACERS; racer++) {
                    racers.add(threads.submit(() -> {
                        barrier.await();
                        return tenants.inTenant(id, () -> ledger.claim(100, 100, Map.of()));
                    }));
                }
                List<Consignment> claimed = new ArrayList<>();
                for (Future<List<Consignment>> racer : racers) {
                    claimed.addAll(racer.get());
                }
                assertThat(claimed).as("race %d", race).hasSizeLessThanOrEqualTo(1).allSatisfy(one -> assertThat(one.fence()).isEqualTo(fence + 1));
                assertThat(tenants.inTenant(id, () -> jdbc.sql("select fence from policy_object").query(Long.class).single())).as("claims in race %d", race).isEqualTo(fence + 1);
                won += claimed.size();
            }
            assertThat(won).isGreaterThan(RACES * 9 / 10);
            tenants.doInTenant(id, () -> jdbc.sql("update policy_object set due_at = null, lease_until = null").update());
        }
    }
}
