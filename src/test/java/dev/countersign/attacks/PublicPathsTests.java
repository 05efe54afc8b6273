package dev.countersign.attacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.request;

import dev.countersign.portal.PortalTest;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/// S46: what a stranger may fetch is a closed list. A route that is not in it sends them to the door.
@PortalTest
class PublicPathsTests {
    /// Adding one is a decision, made here.
    private static final Set<String> PUBLIC = Set.of(
            "GET /api/v1/openapi.json", "GET /assets/{digest}/{*path}", "GET /error", "POST /error", "GET /help", "GET /help/{code}", "GET /sign-in",
            "GET /sign-in/provider", "GET /sign-in/provider/{tenant}", "GET /sign-in/provider/{tenant}/begin", "GET /sign-in/provider/{tenant}/callback",
            "POST /sign-in/provider/{tenant}/link");

    private static final List<String> UNLISTED = List.of(
            "/actuator", "/actuator/env", "/actuator/heapdump", "/actuator/metrics", "/actuator/prometheus", "/actuator/loggers",
            "/v3/api-docs", "/v3/api-docs.yaml", "/swagger-ui.html", "/swagger-ui/index.html", "/h2-console", "/.git/config", "/.env",
            "/static/", "/css/countersign.css", "/js/countersign.js", "/webjars/", "/favicon.ico", "/WEB-INF/web.xml", "/META-INF/MANIFEST.MF",
            "/application.yaml", "/login", "/logout", "/demo/", "/api", "/api/", "/api/v1", "/nothing/of/the/sort");

    @Autowired
    MockMvc mvc;

    @Autowired
    RequestMappingHandlerMapping requestMappingHandlerMapping;

    @Test
    void aStrangerGetsTheListAndNothingElse() throws Exception {
        Set<String> open = new TreeSet<>();
        for (Routes.Route route : Routes.of(requestMappingHandlerMapping)) {
            MockHttpServletResponse answer = mvc.perform(request(route.method(), route.with(at -> "1")).with(csrf())).andReturn().getResponse();
            if (!closed(answer)) {
                open.add(route.toString());
            }
        }
        assertThat(open).isSubsetOf(PUBLIC).contains("GET /sign-in", "GET /help");
    }

    @Test
    void nothingThatIsNoRouteIsShownEither() throws Exception {
        for (String path : UNLISTED) {
            assertThat(closed(mvc.perform(get(path)).andReturn().getResponse())).as(path).isTrue();
        }
    }

    @Test
    void healthSaysYesOrNoAndNoMore() throws Exception {
        MockHttpServletResponse answer = mvc.perform(get("/actuator/health")).andReturn().getResponse();
        assertThat(answer.getContentAsString()).matches("\\{(\"groups\":\\[[a-z\",]*],)?\"status\":\"UP\"}");
    }

    private static boolean closed(MockHttpServletResponse answer) {
        return answer.getStatus() == 401 || answer.getStatus() == 404
                || answer.getStatus() == 302 && String.valueOf(answer.getRedirectedUrl()).endsWith("/sign-in");
    }
}
