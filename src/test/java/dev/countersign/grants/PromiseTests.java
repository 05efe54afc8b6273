package dev.countersign.grants;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.compile.GrantedOperation;
import dev.countersign.requests.AskSource;
import dev.countersign.requests.AskTarget;
import dev.countersign.requests.ServiceAccess;
import java.util.List;
import org.junit.jupiter.api.Test;

class PromiseTests {
    private static final AskSource ORDERS = new AskSource.Account("production", "order-service");

    @Test
    void aPromiseSaysMayWhereTheRequestAsked() {
        assertThat(promised(List.of(ORDERS), calling("/pay"))).isEqualTo("order-service may POST /pay on payment-service");
    }

    @Test
    void theWholeServiceIsPromisedToo() {
        assertThat(promised(List.of(ORDERS))).isEqualTo("order-service may call anything on payment-service");
    }

    @Test
    void aWholeNamespaceIsPromisedToo() {
        assertThat(promised(List.of(new AskSource.WholeNamespace("production")), calling("/pay")))
                .isEqualTo("every service in production may POST /pay on payment-service");
    }

    @Test
    void severalCallsKeepTheirGrammar() {
        assertThat(promised(List.of(ORDERS), calling("/pay"), calling("/refund"), calling("/void")))
                .isEqualTo("order-service may POST /pay, POST /refund and do 1 more thing on payment-service");
    }

    @Test
    void severalClustersEndInNoComma() {
        assertThat(Promise.of(new ServiceAccess(List.of("demo", "west"), List.of(ORDERS), AskTarget.workload("production", "payment-service"), List.of(), List.of())).text())
                .isEqualTo("order-service may call anything on payment-service, in the clusters demo and west");
    }

    private static GrantedOperation calling(String path) {
        return GrantedOperation.of(List.of("POST"), List.of(path));
    }

    private static String promised(List<AskSource> from, GrantedOperation... operations) {
        return Promise.of(new ServiceAccess(List.of("demo"), from, AskTarget.workload("production", "payment-service"),
                List.of(operations), List.of())).text();
    }
}
