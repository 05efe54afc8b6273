package dev.countersign.requests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;

import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;

@PortalTest
class SettingsPageTests {
    @Autowired
    MockMvc mvc;

    @Autowired
    Fixtures fixtures;

    @Autowired
    Tenants tenants;

    @Autowired
    RequestSettings settings;

    private MockHttpServletResponse save(TestTenant tenant, String minimum, String lifetime, String longest) throws Exception {
        return mvc.perform(post("/admin/settings").with(csrf()).with(fixtures.as(tenant, "admin")).param("reasonMinimum", minimum)
                .param("reasonTemplate", "What breaks?").param("requestLifetime", lifetime).param("longestGrant", longest)).andReturn().getResponse();
    }

    @Test
    void whatIsSavedCountsAndIsOnTheRecord() throws Exception {
        TestTenant tenant = fixtures.tenant();
        assertThat(save(tenant, "40", "7", "90").getRedirectedUrl()).isEqualTo("/admin/settings");
        assertThat(save(tenant, "50", "7", "90").getRedirectedUrl()).isEqualTo("/admin/settings");
        assertThat(tenants.inTenant(tenant.tenant().id(), settings::current))
                .isEqualTo(new TenantSettings(50, "What breaks?", Duration.ofDays(7), false, Duration.ofDays(90)));
        assertThat(mvc.perform(get("/audit").param("kind", "settings").with(fixtures.as(tenant, "admin"))).andReturn().getResponse().getContentAsString())
                .contains("changed the settings of requests");
        assertThat(tenants.inTenant(fixtures.tenant().tenant().id(), settings::current)).as("another tenant").isEqualTo(TenantSettings.DEFAULT);
    }

    @Test
    void whatCannotBeIsRefusedAndStaysTyped() throws Exception {
        TestTenant tenant = fixtures.tenant();
        for (String[] wish : new String[][] {{"0", "7", "90", "1 and 1,000"}, {"1001", "7", "90", "1 and 1,000"}, {"many", "7", "90", "1 and 1,000"}, {"20", "366", "90", "1 and 365"}, {"20", "7", "3661", "1 and 3,660"}}) {
            MockHttpServletResponse refused = save(tenant, wish[0], wish[1], wish[2]);
            assertThat(refused.getStatus()).isEqualTo(422);
            assertThat(refused.getContentAsString()).contains(wish[3], "value=\"" + wish[0] + "\"");
        }
        assertThat(tenants.inTenant(tenant.tenant().id(), settings::current)).isEqualTo(TenantSettings.DEFAULT);
    }

    @Test
    void onlyAdministratorsSaveThem() throws Exception {
        TestTenant tenant = fixtures.tenant();
        assertThat(mvc.perform(post("/admin/settings").with(csrf()).with(fixtures.as(tenant, "security"))).andReturn().getResponse().getStatus()).isEqualTo(403);
    }
}
