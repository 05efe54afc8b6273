package dev.countersign.grants;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.audit.Actor;
import dev.countersign.identity.People;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.Story;
import dev.countersign.requests.AskSource;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

@PortalTest
class GrantLedgerTests {
    @Autowired
    Story stories;

    @Autowired
    GrantLedger ledger;

    @Autowired
    GrantBook book;

    @Autowired
    People people;

    @Autowired
    Tenants tenants;

    @Autowired
    JdbcClient jdbc;

    private static dev.countersign.requests.Draft one(String path) {
        return Story.draft(List.of(new AskSource.Account("production", "order-service")), Story.paths(path), new GrantPeriod.For(Duration.ofDays(1)));
    }

    private Grant grant(Story.Cast acme, long number) {
        return acme.in(() -> ledger.find(number)).orElseThrow();
    }

    private Revocation revoke(Story.Cast acme, String username, long number, String reason) {
        var me = acme.person(username);
        return acme.in(() -> ledger.revoke(me, number, reason));
    }

    /// Moves the grant into the past, as time would.
    private void overdue(Story.Cast acme, long number, String by) throws Exception {
        try (var owner = java.sql.DriverManager.getConnection(url, "postgres", "")) {
            owner.createStatement().execute("update access_grant set starts_at = now() - interval '2 days', ends_at = now() - interval '" + by
                    + "' where tenant_id = '" + acme.id() + "' and number = " + number);
        }
    }

    @org.springframework.beans.factory.annotation.Value("${spring.datasource.url}")
    String url;

    @Test
    void anApprovedRequestIsOneGrantPerClusterAndMeansWhatWasAsked() {
        var acme = stories.begin();
        long number = acme.granted(Story.usual());
        assertThat(number).isEqualTo(1);
        var cluster = acme.shop().demo().id();
        assertThat(acme.in(() -> ledger.active(cluster))).singleElement().satisfies(access -> {
            assertThat(access.target().key()).isEqualTo("production/payment-service");
            assertThat(access.grantId()).isEqualTo(grant(acme, 1).id().toString());
        });
        assertThat(acme.in(() -> ledger.baselines(cluster))).extracting(target -> target.key()).containsExactly("production/payment-service");
        assertThat(acme.in(() -> ledger.of(cluster, "production", "payment-service"))).hasSize(1);
        assertThat(acme.in(() -> ledger.of(cluster, "production", "frontend"))).isEmpty();
        assertThat(grant(acme, 1).sentence().text()).isEqualTo("order-service may POST /api/v1/payments/* on payment-service");
        assertThat(acme.in(() -> ledger.wordsFor("demo", "production", "payment-service"))).singleElement().satisfies(word -> {
            assertThat(word.agreed()).hasSize(1);
            assertThat(word.reason()).startsWith("Checkout settles");
        });
    }

    @Test
    void ownersSecurityAdministratorsAndHoldersMayRevokeAndNobodyElse() {
        for (String may : List.of("owner", "security", "admin", "engineer")) {
            var acme = stories.begin();
            long number = acme.granted(Story.usual());
            assertThat(revoke(acme, may, number, "Not used.")).as(may).isEqualTo(new Revocation.Revoked(number));
            assertThat(grant(acme, number).state()).isEqualTo(GrantState.REVOKED);
            assertThat(acme.in(() -> ledger.active(acme.shop().demo().id()))).isEmpty();
            assertThat(acme.in(() -> ledger.baselines(acme.shop().demo().id()))).as("the door stays closed").hasSize(1);
            assertThat(revoke(acme, may, number, "Again.")).isInstanceOf(Revocation.Ended.class);
        }
        var acme = stories.begin();
        long number = acme.granted(Story.usual());
        assertThat(revoke(acme, "auditor", number, "Not used.")).isInstanceOf(Revocation.NotYours.class);
        tenants.doInTenant(acme.id(), () -> people.create(Actor.system("test"), "passer", "Pia Passer", Optional.empty(), java.util.Set.of()));
        var passer = tenants.inTenant(acme.id(), () -> people.current(acme.id(), people.byUsername("passer").orElseThrow())).orElseThrow();
        assertThat(acme.in(() -> ledger.revoke(passer, number, "Not used."))).isInstanceOf(Revocation.NotYours.class);
        assertThat(revoke(acme, "owner", number, "  ")).isInstanceOf(Revocation.ReasonNeeded.class);
        assertThat(revoke(acme, "owner", number, "x".repeat(4_001))).isInstanceOf(Revocation.ReasonNeeded.class);
        assertThat(revoke(acme, "owner", 99, "x")).isInstanceOf(Revocation.Unknown.class);
        assertThat(grant(acme, number).state()).isEqualTo(GrantState.ACTIVE);
    }

    @Test
    void anotherTenantsGrantIsUnknown() {
        var acme = stories.begin();
        var globex = stories.begin();
        long number = acme.granted(Story.usual());
        assertThat(revoke(globex, "security", number, "x")).isInstanceOf(Revocation.Unknown.class);
        assertThat(globex.in(() -> ledger.find(grant(acme, number).id()))).isEmpty();
        assertThat(globex.in(() -> ledger.active(acme.shop().demo().id()))).isEmpty();
    }

    @Test
    void nothingEndsEarlyAndWhatIsOverEndsOnceThoughManyReplicasLook() throws Exception {
        var acme = stories.begin();
        long stays = acme.granted(one("/stays"));
        long ends = acme.granted(one("/ends"));
        assertThat(tenants.inTenant(acme.id(), book::expireDue)).isZero();
        overdue(acme, ends, "1 second");
        assertThat(grant(acme, ends).state()).as("over by the clock, before it is recorded").isEqualTo(GrantState.EXPIRED);
        assertThat(acme.in(() -> ledger.activeGrants(acme.shop().demo().id()))).extracting(Grant::number).containsExactly(stays);
        try (var replicas = Executors.newVirtualThreadPerTaskExecutor()) {
            var runs = IntStream.range(0, 8).mapToObj(i -> replicas.submit(() -> tenants.inTenant(acme.id(), book::expireDue))).toList();
            for (var run : runs) {
                run.get();
            }
        }
        assertThat(grant(acme, ends).end()).hasValueSatisfying(end -> assertThat(end.by()).isEqualTo(Actor.system("expiry")));
        assertThat(tenants.inTenant(acme.id(), () -> jdbc.sql("select count(*) from audit_entry where kind = 'grant.expired'").query(Long.class).single())).isEqualTo(1);
        assertThat(revoke(acme, "owner", ends, "late")).isInstanceOf(Revocation.Ended.class);
        assertThat(grant(acme, stays).state()).isEqualTo(GrantState.ACTIVE);
    }

    @Test
    void listsAreNarrowedAndPaged() {
        var acme = stories.begin();
        for (int i = 0; i < 5; i++) {
            acme.granted(one("/" + i));
        }
        revoke(acme, "owner", 2, "Not used.");
        GrantPage first = acme.in(() -> ledger.list(GrantFilter.ALL, Optional.empty(), 2));
        assertThat(first.grants()).extracting(Grant::number).containsExactly(5L, 4L);
        GrantPage second = acme.in(() -> ledger.list(GrantFilter.ALL, first.next(), 3));
        assertThat(second.grants()).extracting(Grant::number).containsExactly(3L, 2L, 1L);
        assertThat(second.next()).isEmpty();
        assertThat(acme.in(() -> ledger.list(new GrantFilter(java.util.Set.of(GrantState.REVOKED), Optional.empty(), Optional.of("production"),
                Optional.of("payment-service"), Optional.of(acme.tenant().person("engineer")), Optional.empty()), Optional.empty(), 50)).grants())
                .extracting(Grant::number).containsExactly(2L);
        assertThat(acme.in(() -> ledger.list(new GrantFilter(java.util.Set.of(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.of(1)), Optional.empty(), 50)).grants()).hasSize(4);
    }
}
