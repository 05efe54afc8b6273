package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.demo.cluster.ClusterOptions;
import dev.countersign.demo.cluster.DemoShop;
import dev.countersign.demo.cluster.EmbeddedCluster;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestPropertySource;

/// F38: another cluster answers at the address of a registered one, with the same credentials. Nothing is ever written to it.
@PortalTest
@TestPropertySource(properties = "countersign.delivery.sweep=1s")
class ReplacedClusterTests {
    @Autowired
    ApplicationContext context;

    @Test
    void nothingIsWrittenToAStrangerAndWhatWaitedArrivesWhenTheOwnClusterIsBack() throws Exception {
        try (Laboratory lab = new Laboratory(context, 38);
                EmbeddedCluster stranger = EmbeddedCluster.start(ClusterOptions.defaults().named("demo").withoutTls()
                        .withUser(ShopFixture.portalUser("production", "staging").withToken(lab.cluster.token("portal"))))) {
            DemoShop.acme().openIn(stranger);
            lab.approve();
            lab.converges("nothing");
            lab.apiServer.lead(stranger.url().getPort());
            // Past what is believed of the own cluster.
            Thread.sleep(5_500);
            lab.approve();
            long end = System.nanoTime() + 10_000_000_000L;
            while (!lab.one("select state from policy_object where tenant_id = ?").equals("REFUSED")) {
                assertThat(System.nanoTime()).as(lab.one("select state || ' ' || words from policy_object where tenant_id = ?")).isLessThan(end);
                Thread.sleep(50);
            }
            assertThat(lab.one("select words from policy_object where tenant_id = ?")).contains("another cluster answers at this address");
            assertThat(lab.one("select advice from policy_object where tenant_id = ?")).contains("register the new one");
            Thread.sleep(1_500);
            assertThat(stranger.requests().entries()).as("not even tried").noneMatch(entry -> entry.verb().equals("patch"));
            assertThat(stranger.requests().writes()).isEmpty();
            lab.apiServer.lead(lab.cluster.url().getPort());
            lab.reconcile();
            lab.converges("the return of the own cluster");
            assertThat(lab.judge()).isEmpty();
        }
    }
}
