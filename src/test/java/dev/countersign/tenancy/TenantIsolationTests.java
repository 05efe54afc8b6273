package dev.countersign.tenancy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.portal.Fixtures;
import dev.countersign.portal.PortalTest;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

@PortalTest
class TenantIsolationTests {
    @Autowired
    Fixtures fixtures;

    @Autowired
    Tenants tenants;

    @Autowired
    JdbcClient jdbc;

    private int people(TenantId tenant) {
        return tenants.inTenant(tenant, () -> jdbc.sql("select count(*) from person").query(Integer.class).single());
    }

    @Test
    void aTenantSeesItsOwnPeopleOnly() {
        var one = fixtures.tenant().tenant().id();
        var two = fixtures.tenant().tenant().id();
        assertThat(people(one)).isEqualTo(6);
        assertThat(people(two)).isEqualTo(6);
    }

    @Test
    void withoutATenantNothingIsVisibleAndNothingCanBeWritten() {
        fixtures.tenant();
        assertThat(jdbc.sql("select count(*) from person").query(Integer.class).single()).isZero();
        assertThatThrownBy(() -> jdbc.sql("insert into team (tenant_id, id, slug, name) select id, gen_random_uuid(), 'x', 'x' from tenant").update())
                .rootCause().hasMessageContaining("row-level security");
    }

    @Test
    void aTenantCannotWriteForAnother() {
        var one = fixtures.tenant().tenant().id();
        var two = fixtures.tenant().tenant().id();
        assertThatThrownBy(() -> tenants.doInTenant(one, () -> jdbc.sql("insert into team (tenant_id, id, slug, name) values (?, gen_random_uuid(), 'x', 'x')")
                        .param(two.value())
                        .update()))
                .rootCause().hasMessageContaining("row-level security");
    }

    /// S4: pooled connections and virtual threads never carry a tenant over, not even after an exception.
    @Test
    void noTenantIsLeftBehindOnAPooledConnection() throws Exception {
        var one = fixtures.tenant().tenant().id();
        var two = fixtures.tenant().tenant().id();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var runs = java.util.stream.IntStream.range(0, 300)
                    .mapToObj(i -> threads.submit(() -> {
                        if (i % 3 == 0) {
                            assertThat(jdbc.sql("select count(*) from person").query(Integer.class).single()).isZero();
                        } else if (i % 3 == 1) {
                            assertThatThrownBy(() -> tenants.doInTenant(one, () -> {
                                throw new IllegalStateException("on purpose");
                            })).hasMessage("on purpose");
                        } else {
                            var mine = i % 2 == 0 ? one : two;
                            assertThat(tenants.inTenant(mine, () -> jdbc.sql("select distinct tenant_id from person").query(java.util.UUID.class).single()))
                                    .isEqualTo(mine.value());
                        }
                        return true;
                    }))
                    .toList();
            for (var run : runs) {
                run.get();
            }
        }
    }
}
