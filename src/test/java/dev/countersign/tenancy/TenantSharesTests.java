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

    @Test
    void whoGivesBackAndAsksAgainIsBehindThoseWhoWaitedForLong() throws Exception {
        TenantShares single = new TenantShares(1, Duration.ZERO);
        TenantId one = tenant();
        TenantId other = tenant();
        assertThat(single.take(one, AT_ONCE)).isTrue();
        CompletableFuture<Boolean> first = waits(single, other);
        CompletableFuture<Boolean> second = waits(single, tenant());
        single.giveBack(one);
        assertThat(single.take(one, AT_ONCE)).as("it is handed over, though nobody has woken up yet").isFalse();
        assertThat(first.get()).isTrue();
        assertThat(second).isNotDone();
        single.giveBack(other);
        assertThat(second.get()).isTrue();
    }

    /// Which of the two is first is a race, that who is handed what is given back could never lose.
    @Test
    void whoGivesBackMayOvertakeThoseWhoCameAMomentAgo() throws Exception {
        int overtaken = 0;
        for (int i = 0; i < 200; i++) {
            TenantShares single = new TenantShares(1, Duration.ofHours(1));
            TenantId one = tenant();
            assertThat(single.take(one, AT_ONCE)).isTrue();
            CompletableFuture<Boolean> other = waits(single, tenant());
            single.giveBack(one);
            if (single.take(one, AT_ONCE)) {
                overtaken++;
                single.giveBack(one);
            }
            assertThat(other.get()).as("who was woken in vain waits on, and has it in the end").isTrue();
        }
        assertThat(overtaken).isPositive();
    }

    @Test
    void whoGaveUpIsHandedNothing() throws Exception {
        TenantShares single = new TenantShares(1);
        TenantId one = tenant();
        assertThat(single.take(one, AT_ONCE)).isTrue();
        assertThat(single.take(tenant(), Duration.ofMillis(1))).isFalse();
        single.giveBack(one);
        assertThat(single.take(one, AT_ONCE)).isTrue();
    }

    /// Answers once it stands in the line.
    private static CompletableFuture<Boolean> waits(TenantShares shares, TenantId tenant) throws InterruptedException {
        CompletableFuture<Boolean> taken = new CompletableFuture<>();
        Thread waiter = Thread.ofPlatform().start(() -> taken.complete(shares.take(tenant, Duration.ofSeconds(20))));
        while (waiter.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        return taken;
    }
}
