package dev.countersign.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;

import dev.countersign.portal.Fixtures;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.Story;
import dev.countersign.requests.AskSource;
import dev.countersign.requests.GrantPeriod;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.web.servlet.MockMvc;

@PortalTest
class HomeTests {
    @Autowired
    MockMvc mvc;

    @Autowired
    Fixtures fixtures;

    @Autowired
    Story stories;

    private String page(Fixtures.TestTenant tenant, String username, String path) throws Exception {
        return mvc.perform(get(java.net.URI.create(path)).with(fixtures.as(tenant, username))).andReturn().getResponse().getContentAsString();
    }

    @Test
    void aNewTenantIsToldWhatToDoFirst() throws Exception {
        var tenant = fixtures.tenant();
        assertThat(page(tenant, "admin", "/")).contains("Connect your first cluster", "/admin/clusters/new");
        assertThat(page(tenant, "engineer", "/")).contains("No cluster is connected yet");
    }

    @Test
    void aNewPersonIsToldWhatToDoFirst() throws Exception {
        var cast = stories.begin();
        assertThat(page(cast.tenant(), "engineer", "/")).contains("Name the service that calls", "href=\"/requests/new\"");
        assertThat(page(cast.tenant(), "auditor", "/")).contains("Open the record");
        assertThat(page(cast.tenant(), "security", "/")).contains("Nothing waits for your word");
    }

    @Test
    void everyoneSeesWhatConcernsThem() throws Exception {
        var cast = stories.begin();
        long number = cast.submit("engineer", Story.usual());
        assertThat(page(cast.tenant(), "engineer", "/")).contains("Your requests", "/requests/" + number).doesNotContain("Waits for you");
        assertThat(page(cast.tenant(), "owner", "/")).contains("Waits for you", "/requests/" + number).doesNotContain("Your requests");
        assertThat(page(cast.tenant(), "security", "/")).doesNotContain("/requests/" + number);
    }

    @Test
    void whatEndsSoonIsSaidToTheRequesterAndTheOwner() throws Exception {
        var cast = stories.begin();
        long lasting = cast.granted(Story.usual());
        long ending = cast.granted(Story.draft(List.of(new AskSource.Account("production", "order-service")), Story.paths("/soon/*"), new GrantPeriod.For(Duration.ofDays(7))));
        for (String username : List.of("engineer", "owner")) {
            assertThat(page(cast.tenant(), username, "/")).as(username).contains("Ends soon", "/grants/" + ending + "\"").doesNotContain("/grants/" + lasting + "\"");
        }
        assertThat(page(cast.tenant(), "auditor", "/")).doesNotContain("Ends soon");
    }

    @Test
    void theFinderFindsServicesRequestsGrantsAndPages() throws Exception {
        var cast = stories.begin();
        long grant = cast.granted(Story.usual());
        assertThat(page(cast.tenant(), "engineer", "/find?q=payment-service")).contains("/services/demo/production/payment-service", "/grants/" + grant);
        assertThat(page(cast.tenant(), "engineer", "/find?q=payments")).contains("/requests/1");
        assertThat(page(cast.tenant(), "engineer", "/find?q=%23" + grant)).contains("/grants/" + grant);
        assertThat(page(cast.tenant(), "engineer", "/find?q=queue")).contains("href=\"/queue\"");
        assertThat(page(cast.tenant(), "engineer", "/find?q=people")).doesNotContain("/admin/people");
        assertThat(page(cast.tenant(), "admin", "/find?q=people")).contains("/admin/people");
        assertThat(page(cast.tenant(), "engineer", "/find?q=zzzzzz")).contains("Nothing of that name");
    }
}
