package dev.countersign.attacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.request;

import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.http.HttpMethod;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/// S43: no answer leaves without the headers that keep it out of frames, caches and other sites' scripts, whoever asks and
/// whatever the answer is.
@PortalTest
class HeadersTests {
    @Autowired
    MockMvc mvc;

    @Autowired
    Fixtures fixtures;

    @Autowired
    RequestMappingHandlerMapping requestMappingHandlerMapping;

    @Test
    void everyAnswerOfEveryRouteCarriesThem() throws Exception {
        TestTenant tenant = fixtures.tenant();
        int answers = 0;
        for (Routes.Route route : Routes.of(requestMappingHandlerMapping)) {
            for (String who : new String[] {"admin", "engineer", ""}) {
                for (String id : new String[] {"1", "nothing", "00000000-0000-0000-0000-000000000000"}) {
                    var asked = request(route.method(), route.with(at -> id)).with(csrf());
                    var answer = mvc.perform(who.isEmpty() ? asked : asked.with(fixtures.as(tenant, who))).andReturn().getResponse();
                    carriesAll(answer, route + " as " + who);
                    answers++;
                }
            }
        }
        assertThat(answers).isGreaterThan(200);
    }

    @Test
    void refusalsAndFilesCarryThemToo() throws Exception {
        TestTenant tenant = fixtures.tenant();
        carriesAll(mvc.perform(post("/me/password").with(fixtures.as(tenant, "engineer"))).andReturn().getResponse(), "no token");
        carriesAll(mvc.perform(get("/admin").with(fixtures.as(tenant, "engineer"))).andReturn().getResponse(), "not yours");
        carriesAll(mvc.perform(get("/nothing").with(fixtures.as(tenant, "engineer"))).andReturn().getResponse(), "nothing");
        carriesAll(mvc.perform(request(HttpMethod.DELETE, "/me").with(csrf()).with(fixtures.as(tenant, "engineer"))).andReturn().getResponse(), "method");
        carriesAll(mvc.perform(get("/sign-in")).andReturn().getResponse(), "door");
        carriesAll(mvc.perform(post("/sign-in").with(csrf())).andReturn().getResponse(), "failed sign-in");
        carriesAll(mvc.perform(get("/actuator/health")).andReturn().getResponse(), "health");
        carriesAll(mvc.perform(get("/api/v1/nothing")).andReturn().getResponse(), "api");
    }

    @Test
    void aHeaderThatIsNoTextIsRefusedAndIsNoAccident(@Autowired ApplicationContext context) {
        Recipe edit = Recipes.byRoute().get("PUT /api/v1/access-requests/{number}/ask").getFirst();
        for (String value : new String[] {"\u0085", "\"1\"\u0000", "a\u001b[31mb"}) {
            Attacks.Answer answer = Attacks.on(context).undone(edit, right -> right.header("If-Match", value));
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.body()).contains("CS9400").doesNotContain("If-Match", "firewall");
        }
    }

    private static void carriesAll(MockHttpServletResponse answer, String what) {
        assertThat(answer.getStatus()).as(what + ": an answer, not an accident").isLessThan(500);
        assertThat(answer.getHeader("Content-Security-Policy")).as(what)
                .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'")
                .doesNotContain("unsafe");
        assertThat(answer.getHeader("X-Content-Type-Options")).as(what).isEqualTo("nosniff");
        assertThat(answer.getHeader("X-Frame-Options")).as(what).isEqualTo("DENY");
        assertThat(answer.getHeader("Referrer-Policy")).as(what).isEqualTo("same-origin");
        assertThat(answer.getHeader("Cross-Origin-Opener-Policy")).as(what).isEqualTo("same-origin");
        assertThat(answer.getHeader("Cross-Origin-Resource-Policy")).as(what).isEqualTo("same-origin");
        assertThat(answer.getHeader("Cache-Control")).as(what).contains("no-");
        assertThat(answer.getHeader("Server")).as(what).isNull();
    }
}
