package dev.countersign.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class TenantSharesTests {
    private static final Duration AT_ONCE = Duration.ZERO;

    private final TenantShares shares = new TenantShares(11);

    private static TenantId tenant() {
        return new TenantId(UUID.randomUUID());
    }

    private int takeAll(TenantId tenant) {
        int taken = 0;
        while (shares.take(tenant, AT_ONCE)) {
            taken++;
        }
        return taken;
    }

    @Test
    void eachGetsHalfOfWhatTheOthersLeft() {
        assertThat(new int[] {takeAll(tenant()), takeAll(tenant()), takeAll(tenant()), takeAll(tenant())}).containsExactly(6, 3, 1, 1);
    }

    @Test
    void whatIsGivenBackIsTakenAgain() {
        TenantId one = tenant();
        takeAll(one);
        shares.giveBack(one);
        assertThat(takeAll(one)).isEqualTo(1);
        for (int i = 0; i < 6; i++) {
            shares.giveBack(one);
        }
        assertThat(takeAll(tenant())).isEqualTo(6);
    }

    @Test
    void whoWaitsGetsWhatIsGivenBack() throws Exception {
        TenantId one = tenant();
        takeAll(one);
        CompletableFuture<Boolean> waits = CompletableFuture.supplyAsync(() -> shares.take(one, Duration.ofSeconds(20)));
        shares.giveBack(one);
        assertThat(waits.get()).isTrue();
    }
}
