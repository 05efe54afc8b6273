package dev.countersign.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.tenancy.TenantId;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RecordStateTests {
    private final RecordState state = new RecordState();
    private final TenantId a = new TenantId(UUID.randomUUID());
    private final TenantId b = new TenantId(UUID.randomUUID());
    private final TenantId c = new TenantId(UUID.randomUUID());

    @Test
    void whoWaitsLongestIsSealedFirstAndEachOnce() {
        state.unsealed(b);
        state.unsealed(c);
        state.unsealed(a);
        state.unsealed(c);
        assertThat(state.takeUnsealed(false, any -> true)).containsExactly(b, c, a);
        assertThat(state.takeUnsealed(false, any -> true)).isEmpty();
    }

    @Test
    void whoIsNotDueKeepsItsPlace() {
        state.unsealed(b);
        state.unsealed(a);
        assertThat(state.takeUnsealed(false, tenant -> !tenant.equals(b))).containsExactly(a);
        state.unsealed(a);
        state.unsealed(b);
        assertThat(state.takeUnsealed(false, any -> true)).containsExactly(b, a);
    }

    @Test
    void whatOthersToldOfIsLookedAtTheSecondTime() {
        state.appendedElsewhere(b);
        state.unsealed(a);
        assertThat(state.takeUnsealed(false, any -> true)).containsExactly(a);
        assertThat(state.takeUnsealed(true, any -> true)).isEmpty();
        state.unsealed(a);
        assertThat(state.takeUnsealed(false, any -> true)).containsExactly(a);
        state.unsealed(c);
        assertThat(state.takeUnsealed(true, any -> true)).containsExactly(c, b);
        assertThat(state.takeUnsealed(true, any -> true)).isEmpty();
    }
}
