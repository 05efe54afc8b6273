package dev.countersign.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.tenancy.Lane;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LaneFilterTests {
    @ParameterizedTest
    @CsvSource({
        "/actuator/health/readiness, ADMINISTRATION", "/admin, ADMINISTRATION", "/admin/people, ADMINISTRATION", "/operator/tenants, ADMINISTRATION", "/sign-in, ADMINISTRATION",
        "/, REQUESTS", "/requests/1, REQUESTS", "/api/v1/me, REQUESTS", "/administrator, REQUESTS", "/requests/admin/x, REQUESTS"
    })
    void administrationHasALaneOfItsOwn(String path, Lane lane) {
        assertThat(LaneFilter.lane(path)).isEqualTo(lane);
    }
}
