package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.portal.PortalTest;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestPropertySource;

/// F44: a delivery at which the portal itself fails, each time: what is stored is no YAML, or no policy. It is told once, tried ever
/// more seldom, keeps nothing else of the tenant waiting, and goes on when it is mended. `-Dfaults.runs=N` for more.
@PortalTest
@TestPropertySource(properties = "countersign.delivery.sweep=1s")
class PoisonTests {
    private static final int RUNS = Integer.getInteger("faults.runs", 1);
    private static final int TRIES = 3;
    private static final String OBJECT = " from policy_object where tenant_id = ? and workload = 'payment-service'";
    private static final String REVISION = """
             from revision r
            join policy_object o on (o.tenant_id, o.cluster_id, o.namespace, o.name, o.desired_revision) = (r.tenant_id, r.cluster_id, r.namespace, r.name, r.number)
            where o.tenant_id = ?
              and o.workload = 'payment-service'""";

    @Autowired
    ApplicationContext context;

    @ParameterizedTest
    @ValueSource(strings = {"no: [yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n  namespace: production\n"})
    void aDeliveryThatAlwaysFailsIsToldAndHoldsNothingUp(String poison) throws Exception {
        try (Laboratory lab = new Laboratory(context, 44)) {
            lab.askInTurn(List.of("payment-service", "user-profile"));
            for (int run = 1; run <= RUNS; run++) {
                lab.couriersHere().stop();
                lab.approve();
                String yaml = lab.one("select r.yaml" + REVISION);
                store(lab, poison);
                lab.couriersHere().start();
                awaitPoisoned(lab, "state = 'REFUSED' and attempts >= " + TRIES);
                lab.approve();
                awaitOthers(lab);
                assertThat(lab.one("select state || ' ' || words || ' ' || advice" + OBJECT)).startsWith("REFUSED the portal itself fails").contains("operators");
                assertThat(lab.one("select count(*) from audit_entry where tenant_id = ? and kind = 'policy.refused'")).as("told once a revision").isEqualTo(Integer.toString(run));
                System.out.println("F44 poison job: " + lab.one("select attempts::text" + OBJECT) + " tries, told once, another policy was delivered meanwhile");
                store(lab, yaml);
                lab.converges("the revision was mended");
                assertThat(lab.judge()).isEmpty();
            }
        }
    }

    private static void store(Laboratory lab, String yaml) throws SQLException {
        try (PreparedStatement statement = lab.superuser().prepareStatement("""
                update revision r
                set yaml = ?
                from policy_object o
                where (o.tenant_id, o.cluster_id, o.namespace, o.name, o.desired_revision) = (r.tenant_id, r.cluster_id, r.namespace, r.name, r.number)
                  and o.tenant_id = ?
                  and o.workload = 'payment-service'""")) {
            statement.setString(1, yaml);
            statement.setObject(2, lab.tenant.tenant().id().value());
            assertThat(statement.executeUpdate()).isEqualTo(1);
        }
    }

    private static void awaitPoisoned(Laboratory lab, String wanted) throws Exception {
        for (long end = System.nanoTime() + 15_000_000_000L; !lab.one("select " + wanted + OBJECT).equals("t"); Thread.sleep(20)) {
            assertThat(System.nanoTime()).as("the poisoned one is %s", lab.one("select state || ' ' || attempts" + OBJECT)).isLessThan(end);
        }
    }

    private static void awaitOthers(Laboratory lab) throws Exception {
        String waits = "select count(*) from policy_object where tenant_id = ? and workload <> 'payment-service' and not (state = 'APPLIED' and applied_revision = desired_revision)";
        for (long end = System.nanoTime() + 10_000_000_000L; !lab.one(waits).equals("0"); Thread.sleep(20)) {
            assertThat(System.nanoTime()).as("another policy waits for a poisoned one").isLessThan(end);
        }
    }
}
