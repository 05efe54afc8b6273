package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.faults.FaultProxy.Fault;
import dev.countersign.portal.PortalTest;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestPropertySource;

/// F31: what a network does to the way to a cluster. Every kind is bounded, another tenant's cluster is unharmed, the page never
/// says applied, and all arrives once the fault ends. One run of each kind; `-Dfaults.runs=N` for more.
@PortalTest
@TestPropertySource(properties = "countersign.delivery.sweep=1s")
class ClusterFaultTests {
    private static final int RUNS = Integer.getInteger("faults.runs", 1);
    private static final Duration BOUND = Duration.ofSeconds(30);

    @Autowired
    ApplicationContext context;

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void isBoundedAndHealsAndHarmsNobodyElse(Fault fault) throws Exception {
        try (Laboratory lab = new Laboratory(context, fault.ordinal()); Laboratory other = new Laboratory(context, 100 + fault.ordinal())) {
            for (int run = 0; run < RUNS; run++) {
                lab.apiServer.fault(fault);
                lab.apiServer.cut();
                lab.approve();
                other.approve();
                other.converges("a fault of another cluster");
                said(lab, fault);
                assertThat(lab.settled()).as("applied though the cluster cannot have said so").isFalse();
                lab.apiServer.fault(Fault.NONE);
                lab.apiServer.cut();
                lab.here.post(lab.owner, "/clusters/demo/reconciliation", java.util.UUID.randomUUID(), "");
                lab.converges(fault.toString());
                assertThat(lab.judge()).as("%s, run %d", fault, run).isEmpty();
                assertThat(other.judge()).isEmpty();
            }
        }
    }

    /// Where the way is HTTPS: noise where TLS should be, and a certificate that ended while nobody looked.
    @ParameterizedTest
    @ValueSource(strings = {"garbage", "expired"})
    void aBrokenTlsIsSaidAndHeals(String kind) throws Exception {
        try (Laboratory lab = new Laboratory(context, kind.hashCode(), true)) {
            if (kind.equals("garbage")) {
                lab.apiServer.fault(Fault.GARBAGE);
                lab.apiServer.cut();
            } else {
                lab.apiServer.lead(lab.door.orElseThrow().expiredPort());
            }
            lab.approve();
            said(lab, Fault.GARBAGE);
            assertThat(lab.one("select words from policy_object where tenant_id = ?")).contains(kind.equals("garbage") ? "no connection" : "expired")
                    .doesNotContain("Grant get");
            assertThat(lab.cluster.requests().writes()).isEmpty();
            lab.apiServer.fault(Fault.NONE);
            lab.apiServer.lead(lab.door.orElseThrow().port());
            lab.reconcile();
            lab.converges(kind);
            assertThat(lab.judge()).isEmpty();
        }
    }

    /// Within the bound the portal has noticed, and says so.
    private static void said(Laboratory lab, Fault fault) throws Exception {
        long end = System.nanoTime() + BOUND.toNanos();
        while (!lab.one("select state from policy_object where tenant_id = ?").equals("UNREACHABLE")) {
            assertThat(System.nanoTime()).as("%s is not bounded by %s: %s", fault, BOUND,
                    lab.one("select state || ' ' || words from policy_object where tenant_id = ?")).isLessThan(end);
            Thread.sleep(50);
        }
        assertThat(lab.one("select words from policy_object where tenant_id = ?")).isNotBlank();
    }

    /// F33: the write arrives, its answer never does; what stands is adopted and written no second time.
    @Test
    void aLostAnswerIsAdopted() throws Exception {
        try (Laboratory lab = new Laboratory(context, 7)) {
            for (int exchange = 1; exchange <= 6; exchange++) {
                lab.boundary.arm(exchange, Boundary.Moment.ANSWER_LOST, lab.apiServer::cut);
                lab.approve();
                lab.converges("a lost answer");
                lab.boundary.disarm();
                assertThat(lab.judge()).as("answer %d lost, %s", exchange, lab.boundary.struck()).isEmpty();
            }
        }
    }
}
