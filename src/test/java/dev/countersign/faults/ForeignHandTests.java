package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.delivery.Kubernetes;
import dev.countersign.demo.cluster.Faults;
import dev.countersign.portal.PortalTest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestPropertySource;

/// F40: another hand at the policy exactly between the courier's last look at it and its write: the edit is made while the write is
/// on its way. It then fails by its precondition, and what the other hand did is on the record with its name.
@PortalTest
@TestPropertySource(properties = "countersign.delivery.sweep=1s")
class ForeignHandTests {
    private static final String NAMESPACE = "production";
    private static final String POLICY = "countersign-payment-service";
    private static final int RUNS = Integer.getInteger("faults.runs", 3);

    @Autowired
    ApplicationContext context;

    private static void meddle(Laboratory lab, Runnable deed) throws Exception {
        try (Faults.Armed onItsWay = lab.cluster.faults().on("patch", "authorizationpolicies").times(1).holdRequest()) {
            lab.approve();
            for (int i = 0; i < 1_000 && onItsWay.hits() == 0; i++) {
                Thread.sleep(10);
            }
            assertThat(onItsWay.hits()).as("writes on their way").isEqualTo(1);
            deed.run();
        }
    }

    /// Refused writes: what the API server answered with 409.
    private static long conflicts(Laboratory lab) {
        return lab.cluster.requests().entries().stream().filter(entry -> entry.status() == 409 && entry.verb().equals("patch")).count();
    }

    private static String record(Laboratory lab) throws Exception {
        return lab.one("select string_agg(kind || ': ' || sentence, chr(10) order by seq) from audit_entry where tenant_id = ? and kind like 'policy.%'");
    }

    @Test
    void anEditBetweenLookAndWriteFailsTheWriteAndIsTold() throws Exception {
        try (Laboratory lab = new Laboratory(context, 40)) {
            Kubernetes hand = new Kubernetes(lab.cluster);
            lab.approve();
            lab.converges("the first approval");
            for (int run = 0; run < RUNS; run++) {
                long before = conflicts(lab);
                String name = "mallory-" + run;
                meddle(lab, () -> hand.openToEveryone(NAMESPACE, POLICY, name));
                lab.converges("an edit by another hand");
                assertThat(conflicts(lab)).as("writes that failed, run %d", run).isGreaterThan(before);
                assertThat(hand.principals(hand.policy(NAMESPACE, POLICY).orElseThrow())).containsOnly("cluster.local/ns/production/sa/order-service");
                assertThat(record(lab)).contains("took production/" + POLICY, name);
                System.out.println("F40 edit, run " + run + ": " + (conflicts(lab) - before) + " writes refused");
            }
        }
    }

    /// What no call feels is told nobody, but the write that did not know of it fails all the same, and the next one keeps it.
    @Test
    void aLabelBetweenLookAndWriteIsKept() throws Exception {
        try (Laboratory lab = new Laboratory(context, 41)) {
            Kubernetes hand = new Kubernetes(lab.cluster);
            lab.approve();
            lab.converges("the first approval");
            long before = conflicts(lab);
            meddle(lab, () -> hand.label(NAMESPACE, POLICY, "team", "payments"));
            lab.converges("a label by another hand");
            assertThat(conflicts(lab)).isGreaterThan(before);
            assertThat(hand.policy(NAMESPACE, POLICY).orElseThrow().toString()).contains("team=payments");
        }
    }

    @Test
    void aPolicyDeletedBetweenLookAndWriteComesBack() throws Exception {
        try (Laboratory lab = new Laboratory(context, 42)) {
            Kubernetes hand = new Kubernetes(lab.cluster);
            lab.approve();
            lab.converges("the first approval");
            long before = conflicts(lab);
            meddle(lab, () -> hand.delete(NAMESPACE, POLICY));
            lab.converges("a deletion by another hand");
            assertThat(conflicts(lab)).as("it is not made anew unseen").isGreaterThan(before);
            assertThat(hand.principals(hand.policy(NAMESPACE, POLICY).orElseThrow())).containsOnly("cluster.local/ns/production/sa/order-service");
        }
    }

    /// Made by another hand when the courier had just seen that there is none: it stays what it was, or the portal says that
    /// it is not alone. Rules of its own conflict; a policy without any does not, and nothing can be demanded of what is absent.
    @Test
    void aPolicyMadeBetweenLookAndWriteIsNotTakenForOurs() throws Exception {
        for (Map<String, Object> spec : List.<Map<String, Object>>of(
                Map.of("rules", List.of(Map.of())),
                Map.of("selector", Map.of("matchLabels", Map.of("app", "billing-service"))),
                Map.of("action", "ALLOW"))) {
            try (Laboratory lab = new Laboratory(context, 43)) {
                meddle(lab, () -> lab.cluster.seed("mallory", List.of(Map.of("apiVersion", "security.istio.io/v1", "kind", "AuthorizationPolicy",
                        "metadata", Map.of("namespace", NAMESPACE, "name", POLICY), "spec", spec))));
                String state = awaitState(lab, "REFUSED");
                System.out.println("F40 made with " + spec + ": " + state);
                assertThat(state).as("%s", spec).startsWith("REFUSED");
                assertThat(state).contains("mallory");
                assertThat(record(lab)).contains("policy.refused").doesNotContain("policy.applied");
            }
        }
    }

    private static String awaitState(Laboratory lab, String wanted) throws Exception {
        String state = "";
        for (int i = 0; i < 400 && !state.startsWith(wanted); i++) {
            Thread.sleep(20);
            state = lab.one("select state || ' ' || array_to_string(managers, ',') || ' ' || words from policy_object where tenant_id = ?");
        }
        return state;
    }
}
