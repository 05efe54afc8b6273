package dev.countersign.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.portal.Approvals;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.portal.ShopFixture.Shop;
import dev.countersign.portal.TestDatabase;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.util.ReflectionTestUtils;

/// What a replica held that is dead is taken over before its lease ends; what one holds that lives is not. The other replica is a
/// connection of the test.
@PortalTest
class LifeTests {
    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopFixture shops;

    @Autowired
    Tenants tenants;

    @Autowired
    Approvals approvals;

    @Autowired
    DeliveryLedger ledger;

    @Autowired
    Life life;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    Environment environment;

    private TestTenant tenant;
    private Shop shop;

    @BeforeEach
    void open() throws Exception {
        tenant = fixtures.tenant();
        shop = shops.open(tenant);
        approvals.approve(tenant, "order-service", "payment-service", "/api/v1/payments/*");
        await("the first delivery", () -> one("state", String.class).equals("APPLIED"));
    }

    @AfterEach
    void close() {
        shop.close();
    }

    private static void await(String what, Callable<Boolean> reached) throws Exception {
        Instant deadline = Instant.now().plus(Duration.ofSeconds(20));
        while (!reached.call()) {
            assertThat(Instant.now()).as(what).isBefore(deadline);
            Thread.sleep(20);
        }
    }

    private <T> T one(String column, Class<T> type) {
        return tenants.inTenant(tenant.tenant().id(), () -> jdbc.sql("select " + column + " from policy_object where tenant_id = ?").param(tenant.tenant().id().value()).query(type).single());
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(environment.getRequiredProperty("spring.datasource.url"), environment.getRequiredProperty("spring.datasource.username"), "");
    }

    /// The portal has seen it live.
    private void begin(Life other, Connection connection) throws Exception {
        other.begin(connection);
        await("the portal sees it", () -> ((Set<?>) ReflectionTestUtils.getField(life, "seen")).contains(other.number().orElseThrow()));
    }

    /// As another replica would hold it: for a day, so that no lease ends meanwhile.
    private void heldBy(Optional<Integer> number) {
        tenants.doInTenant(tenant.tenant().id(), () -> jdbc.sql("""
                        update policy_object
                        set lease_until = now() + interval '1 day',
                            claimed_by = :number::int,
                            fence = fence + 1,
                            state = 'APPLYING',
                            due_at = now()
                        where tenant_id = :tenant""")
                .param("number", number.orElse(null))
                .param("tenant", tenant.tenant().id().value())
                .update());
    }

    private int end() {
        return CurrentTenant.call(tenant.tenant().id(), ledger::endLeasesOfTheDead);
    }

    @Test
    void whatADeadReplicaHeldIsTakenOverUnderTheNextFence() throws Exception {
        Connection connection = connect();
        Life other = new Life();
        begin(other, connection);
        heldBy(other.number());
        long fence = one("fence", Long.class);
        assertThat(end()).isZero();
        connection.close();
        long died = System.nanoTime();
        await("the takeover", () -> one("state", String.class).equals("APPLIED"));
        assertThat(Duration.ofNanos(System.nanoTime() - died)).isLessThan(Duration.ofSeconds(3));
        assertThat(one("fence", Long.class)).isEqualTo(fence + 1);
        assertThat(one("claimed_by is null and lease_until is null", Boolean.class)).isTrue();
    }

    @Test
    void whatALivingReplicaHoldsIsLeftToIt() throws Exception {
        try (Connection connection = connect()) {
            Life other = new Life();
            begin(other, connection);
            heldBy(other.number());
            assertThat(end()).isZero();
            assertThat(one("lease_until > now() + interval '1 hour'", Boolean.class)).isTrue();
            other.end(connection);
            assertThat(other.isBegun()).isFalse();
            await("its end", () -> one("state", String.class).equals("APPLIED"));
        }
    }

    @Test
    void whoClaimsWithoutANumberIsTakenOverByTheLeaseAlone() {
        heldBy(Optional.empty());
        assertThat(end()).isZero();
        assertThat(one("lease_until > now() + interval '1 hour'", Boolean.class)).isTrue();
    }

    @Test
    void aClaimThatIsFreedIsStillItsHoldersUntilAnotherTakesIt() throws Exception {
        try (Connection connection = connect()) {
            Life other = new Life();
            begin(other, connection);
            heldBy(other.number());
            Consignment held = new Consignment(new PolicyKey(shop.ref().id(), "production", "countersign-payment-service"), 1, "", List.of(), one("fence", Long.class), Optional.empty(),
                    Optional.empty(), false, 0, 0, "", "");
            assertThat(CurrentTenant.call(tenant.tenant().id(), () -> ledger.renew(held))).isTrue();
            other.end(connection);
            await("another holder", () -> one("state", String.class).equals("APPLIED"));
            assertThat(CurrentTenant.call(tenant.tenant().id(), () -> ledger.renew(held))).isFalse();
        }
    }

    @Test
    void whoLosesItsConnectionLivesOnUnderAnotherNumber() throws Exception {
        Optional<Integer> before = life.number();
        assertThat(before).isPresent();
        heldBy(before);
        String url = environment.getRequiredProperty("spring.datasource.url");
        try (Connection superuser = TestDatabase.server().connect(url.substring(url.lastIndexOf('/') + 1))) {
            superuser.createStatement().execute("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = 78 and objid = " + before.get());
        }
        await("another life", () -> life.number().isPresent() && !life.number().equals(before));
        await("the takeover from the old one", () -> one("claimed_by is null and state = 'APPLIED'", Boolean.class));
        approvals.approve(tenant, "order-service", "payment-service", "/api/v1/refunds/*");
        await("a delivery of the new life", () -> one("applied_revision", Long.class) == 2);
    }

    @Test
    void onlyWhoIsNotSeenIsGone() {
        assertThat(Life.gone(List.of(3, 5, 3), Set.of(5, 7))).containsExactly(3);
        assertThat(Life.gone(List.of(), Set.of())).isEmpty();
    }
}
