package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import dev.countersign.delivery.DeliveryBoard;
import dev.countersign.delivery.DeliveryState;
import dev.countersign.demo.cluster.Faults;
import dev.countersign.portal.Approvals;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.portal.ShopFixture.Shop;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.MockMvc;

/// F36: two of five clusters of a tenant are out of order, one silent, one busy, one failing, one deaf in the middle of an answer, and an
/// approval is for all of them. The page says of each cluster what is so; the others are as fast as ever, and when the outage ends the
/// rest follows by itself. `-Dfaults.clusters=N` for more than ten.
@PortalTest
@TestPropertySource(properties = "countersign.delivery.sweep=1s")
class PartialOutageTests {
    private static final int CLUSTERS = Integer.getInteger("faults.clusters", 10);

    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopFixture shops;

    @Autowired
    Approvals approvals;

    @Autowired
    DeliveryBoard board;

    @Autowired
    Tenants tenants;

    @Autowired
    MockMvc mvc;

    private final List<Shop> clusters = new ArrayList<>();
    private TestTenant tenant;

    @AfterEach
    void close() {
        clusters.forEach(Shop::close);
    }

    @Test
    void everyClusterIsSpokenOfAsItIsAndTheIllOnesFollowWhenTheyAreWell() throws Exception {
        tenant = fixtures.tenant();
        for (int i = 0; i < CLUSTERS; i++) {
            clusters.add(shops.open(tenant, "c" + i));
        }
        long quiet = approve("order-service");
        Duration well = await("all have it", quiet, states -> states.values().stream().allMatch(DeliveryState.APPLIED::equals));
        assertOne(quiet, DeliveryState.APPLIED, "applied", names(cluster -> true));

        List<Faults.Armed> outage = new ArrayList<>();
        for (int i = 0; i < CLUSTERS; i++) {
            if (isIll(i)) {
                Faults.Where everything = clusters.get(i).cluster().faults().on("*", "*");
                outage.add(switch (outage.size() % 4) {
                    case 0 -> everything.holdRequest();
                    case 1 -> everything.answer(429, Duration.ofSeconds(1));
                    case 2 -> everything.answer(500);
                    default -> everything.halfReply();
                });
            }
        }
        long request = approve("billing-service");
        Duration healthy = await("the healthy ones have it", request, states -> names(i -> !isIll(i)).stream().allMatch(name -> states.get(name) == DeliveryState.APPLIED));
        await("the others are said to be out of reach", request, states -> names(PartialOutageTests::isIll).stream().allMatch(name -> states.get(name) == DeliveryState.UNREACHABLE));
        assertOne(request, DeliveryState.APPLIED, "applied", names(i -> !isIll(i)));
        assertOne(request, DeliveryState.UNREACHABLE, "unreachable, tried again", names(PartialOutageTests::isIll));
        assertThat(states(quiet).values()).as("what they had they have, as far as anybody knows").containsOnly(DeliveryState.APPLIED);

        outage.forEach(Faults.Armed::close);
        Duration healed = await("all have it", request, states -> states.values().stream().allMatch(DeliveryState.APPLIED::equals));
        assertOne(request, DeliveryState.APPLIED, "applied", names(cluster -> true));
        for (Shop cluster : clusters) {
            // What is made is settled too: that is about its owners alone.
            assertThat(cluster.cluster().requests().writes().stream().filter(write -> write.stored() && write.query().contains("force=")).count())
                    .as("writes to %s: one for each revision", cluster.ref().name()).isEqualTo(2);
        }
        System.out.printf("F36 %d of %d clusters out of order: the others had it after %d ms (%d ms when all were well), the rest %d ms after the outage%n",
                outage.size(), CLUSTERS, healthy.toMillis(), well.toMillis(), healed.toMillis());
    }

    private static boolean isIll(int cluster) {
        return cluster % 5 < 2;
    }

    private static List<String> names(Predicate<Integer> which) {
        return IntStream.range(0, CLUSTERS).boxed().filter(which).map(i -> "c" + i).toList();
    }

    private long approve(String caller) {
        List<String> all = names(cluster -> true);
        return approvals.approve(tenant, all, "production", caller, "payment-service", "/api/v1/payments/*", new GrantPeriod.For(Duration.ofDays(90)));
    }

    private Map<String, DeliveryState> states(long request) {
        Map<String, DeliveryState> states = new TreeMap<>();
        tenants.inTenant(tenant.tenant().id(), () -> board.forRequest(request)).forEach(one -> states.put(one.cluster().name(), one.state()));
        return states;
    }

    private Duration await(String what, long request, Predicate<Map<String, DeliveryState>> reached) throws Exception {
        long start = System.nanoTime();
        while (!reached.test(states(request))) {
            assertThat(Duration.ofNanos(System.nanoTime() - start)).as("%s: %s", what, states(request)).isLessThan(Duration.ofSeconds(60));
            Thread.sleep(20);
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /// On the page.
    private void assertOne(long request, DeliveryState state, String words, List<String> names) throws Exception {
        String page = mvc.perform(get("/requests/" + request + "/delivery").with(fixtures.as(tenant, "engineer"))).andExpect(status().isOk()).andReturn().getResponse().getContentAsString();
        List<String> rows = List.of(page.split("<tr"));
        assertThat(states(request).entrySet().stream().filter(one -> names.contains(one.getKey())).map(Map.Entry::getValue)).hasSize(names.size()).containsOnly(state);
        for (String name : names) {
            assertThat(rows.stream().filter(row -> row.contains("href=\"/clusters/" + name + "\"")).toList()).as(name).singleElement().asString().contains(words);
        }
    }
}
