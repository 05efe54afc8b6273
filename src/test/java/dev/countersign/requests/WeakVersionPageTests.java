package dev.countersign.requests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;

import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Values;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopCatalog;
import dev.countersign.tenancy.Tenants;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.MockMvc;

/// Who decides sees what the cluster's release of Istio would let in beyond the policies, with a call; nothing where it is mended.
@PortalTest
class WeakVersionPageTests {
    private static final AuthorizationPolicy CERT_MANAGER = live(Action.ALLOW,
            new Rule(List.of(Source.of(SourceField.SERVICE_ACCOUNTS, Values.any("infra/cert-manager.io"))), List.of(), List.of()));
    private static final AuthorizationPolicy NO_REFUNDS = live(Action.DENY, new Rule(
            List.of(), List.of(Operation.of(OperationField.PATHS, Values.any("/api/v1/payments/refunds"))), List.of()));
    private static final AuthorizationPolicy NO_BACKSTAGE = live(Action.DENY, new Rule(
            List.of(), List.of(Operation.of(OperationField.HOSTS, Values.any("backstage.example"))), List.of()));

    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopCatalog catalog;

    @Autowired
    Tenants tenants;

    @Autowired
    RequestDesk desk;

    @Autowired
    MockMvc mvc;

    @ParameterizedTest
    @CsvSource({
        "1.29.1, CVE-2026-39350, as cluster.local/ns/infra/sa/cert-managerxio",
        "1.9.4, CVE-2021-31920, ..%2F",
        "1.11.0, GHSA-hqxw-mm44-gc4r, /api/v1/payments/refunds#x",
        "1.10.3, GHSA-7774-7vr3-cc8j, because hosts are compared with their case"
    })
    void theRequestNamesTheFaultAndACall(String version, String advisory, String call) throws Exception {
        assertThat(page(Optional.of(version))).contains("CS2007", "Istio " + version + " lets ", advisory, call, "Upgrade the mesh");
    }

    @ParameterizedTest
    @CsvSource({"1.29.3, CVE-2026-39350", "1.9.5, CVE-2021-31920", "1.11.1, GHSA-hqxw-mm44-gc4r", "1.10.4, GHSA-7774-7vr3-cc8j"})
    void aMendedReleaseIsNotBlamed(String version, String advisory) throws Exception {
        assertThat(page(Optional.of(version))).doesNotContain(advisory);
    }

    @Test
    void nothingIsSaidWhereTheVersionIsSoundOrUnknown() throws Exception {
        assertThat(page(Optional.of("1.30.4"))).doesNotContain("CS2007");
        assertThat(page(Optional.empty())).doesNotContain("CS2007");
    }

    private String page(Optional<String> version) throws Exception {
        TestTenant tenant = fixtures.tenant();
        ShopCatalog.Shop shop = catalog.open(tenant);
        version.ifPresent(shop::runs);
        List.of(CERT_MANAGER, NO_REFUNDS, NO_BACKSTAGE).forEach(shop::live);
        tenants.inTenant(tenant.tenant().id(), () -> desk.submit(fixtures.current(tenant, "engineer"), Asks.body().draft()));
        return mvc.perform(get("/requests/1").with(fixtures.as(tenant, "owner")).accept(MediaType.TEXT_HTML)).andReturn().getResponse()
                .getContentAsString().replaceAll("<[^>]*>", "").replaceAll("\\s+", " ");
    }

    private static AuthorizationPolicy live(Action action, Rule rule) {
        String name = action.name().toLowerCase(java.util.Locale.ROOT) + Math.abs(rule.hashCode());
        return new AuthorizationPolicy(ObjectMeta.of("production", name), Target.EVERYTHING, action, Optional.empty(), List.of(rule));
    }
}
