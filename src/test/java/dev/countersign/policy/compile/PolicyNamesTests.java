package dev.countersign.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PolicyNamesTests {
    @Test
    void aRegularWorkloadLendsItsName() {
        assertThat(name("payment-service")).isEqualTo("countersign-payment-service");
        assertThat(name("web.v2")).isEqualTo("countersign-web.v2");
    }

    @Test
    void everyNameIsADnsSubdomainAndNoTwoAreEqual() {
        List<String> workloads = List.of(
                "payments", "Payments", "pay_ments", "pay-ments", "pay ments", "päyments", "-payments", "payments-",
                "p..q", "x".repeat(253), "x".repeat(252) + "y", "x".repeat(241), "x".repeat(240), "é", "日本");
        Set<String> names = new HashSet<>();
        for (String workload : workloads) {
            assertThat(name(workload))
                    .as(workload)
                    .hasSizeLessThanOrEqualTo(253)
                    .matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
            names.add(name(workload));
        }
        assertThat(names).hasSameSizeAs(workloads);
    }

    @Test
    void aMangledNameCannotMeetARegularOne() {
        String mangled = name("Payments");
        assertThat(mangled).startsWith("countersign--");
        // The workload that would have this name regularly begins with a hyphen and is itself mangled.
        assertThat(name(mangled.substring("countersign-".length()))).isNotEqualTo(mangled);
    }

    private static String name(String workload) {
        return PolicyNames.of(new TargetWorkload("production", workload, Map.of("app", "x")));
    }
}
