package dev.countersign.attacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.request;

import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import jakarta.servlet.http.Cookie;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.web.FilterChainProxy;
import org.springframework.security.web.csrf.CsrfTokenRepository;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.MvcResult;
import org.springframework.test.web.servlet.request.MockHttpServletRequestBuilder;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/// S5: no state-changing route takes a request that the person's own page did not make. Real sessions and real tokens.
@PortalTest
class CsrfTests {
    @Autowired
    MockMvc mvc;

    @Autowired
    Fixtures fixtures;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    FilterChainProxy filters;

    @Autowired
    CsrfTokenRepository tokens;

    private Door door;

    @Autowired
    RequestMappingHandlerMapping requestMappingHandlerMapping;

    private TestTenant tenant;
    private Cookie mine;
    private String token;
    private Cookie theirs;
    private String theirToken;

    @BeforeEach
    void signIn() throws Exception {
        jdbc.sql("delete from sign_in_attempt").update();
        door = new Door(mvc, filters, tokens);
        door.restore();
        tenant = fixtures.tenant();
        mine = session("admin");
        token = door.token(mine, "/me");
        theirs = session("engineer");
        theirToken = door.token(theirs, "/me");
    }

    private Cookie session(String username) throws Exception {
        return door.signIn(username + "@" + tenant.tenant().slug(), username + " password");
    }

    private List<Routes.Route> changing() {
        return Routes.of(requestMappingHandlerMapping).stream().filter(route -> !route.reads() && !route.isApi() && !route.pattern().equals("/error")).toList();
    }

    private MockHttpServletRequestBuilder to(Routes.Route route) {
        return request(route.method(), route.with(at -> "nobody")).cookie(mine);
    }

    @Test
    void everyForgedRequestIsRefused() throws Exception {
        int tried = 0;
        for (Routes.Route route : changing()) {
            String planted = UUID.randomUUID().toString();
            for (MockHttpServletRequestBuilder forged : List.of(
                    to(route),
                    to(route).param("_csrf", ""),
                    to(route).param("_csrf", "guess"),
                    to(route).param("_csrf", theirToken),
                    to(route).header("X-CSRF-TOKEN", theirToken),
                    to(route).header("X-CSRF-TOKEN", token + "x"),
                    // A cookie planted by a neighbouring host is worth nothing against the token in the session.
                    to(route).cookie(mine, new Cookie("countersign-door", planted)).param("_csrf", planted),
                    to(route).header("Sec-Fetch-Site", "cross-site").param("_csrf", token),
                    to(route).header("Sec-Fetch-Site", "same-site").param("_csrf", token),
                    to(route).contentType(MediaType.TEXT_PLAIN).content("_csrf=" + token),
                    to(route).contentType(MediaType.APPLICATION_JSON).content("{\"_csrf\":\"" + token + "\"}"),
                    to(route).param("_method", "GET").header("X-HTTP-Method-Override", "GET"),
                    to(route).header("HX-Request", "true"))) {
                assertThat(mvc.perform(forged).andReturn().getResponse().getStatus()).as(route.toString()).isEqualTo(403);
                tried++;
            }
        }
        assertThat(tried).isGreaterThanOrEqualTo(13 * 12);
    }

    /// Without this the test above could not fail: with the right token the same requests reach their rooms.
    @Test
    void theSameRequestWithItsOwnTokenComesThrough() throws Exception {
        Cookie operator = door.signIn("operator", "operator password");
        for (Routes.Route route : changing()) {
            boolean operators = route.pattern().startsWith("/operator");
            int status = mvc.perform(operators
                            ? request(route.method(), route.pattern()).cookie(operator).param("_csrf", door.token(operator, "/operator"))
                            : to(route).param("_csrf", token)).andReturn().getResponse().getStatus();
            assertThat(status).as(route.toString()).isNotEqualTo(403);
        }
    }

    @Test
    void readingNeverReachesWhatChanges() throws Exception {
        Set<String> read = Routes.of(requestMappingHandlerMapping).stream().filter(Routes.Route::reads).map(Routes.Route::pattern).collect(Collectors.toSet());
        Set<String> reached = new TreeSet<>();
        for (Routes.Route route : changing()) {
            if (read.contains(route.pattern())) {
                continue;
            }
            for (HttpMethod method : List.of(HttpMethod.GET, HttpMethod.HEAD)) {
                int status = mvc.perform(request(method, route.with(at -> "nobody")).cookie(mine).param("_method", "POST").param("_csrf", token)
                        .header("X-HTTP-Method-Override", "POST")).andReturn().getResponse().getStatus();
                if (status != 404 && status != 405 && !(status == 403 && route.pattern().startsWith("/operator"))) {
                    reached.add(route + " by " + method + ": " + status);
                }
            }
        }
        assertThat(reached).isEmpty();
    }

    @Test
    void anotherSiteCannotSignSomebodyInOrOut() throws Exception {
        String name = "engineer@" + tenant.tenant().slug();
        assertThat(mvc.perform(post("/sign-in").param("username", name).param("password", "engineer password")).andReturn().getResponse().getStatus()).isEqualTo(403);
        Door.Page page = door.look();
        assertThat(mvc.perform(post("/sign-in").cookie(page.cookie()).param("_csrf", page.token()).header("Sec-Fetch-Site", "cross-site")
                .param("username", name).param("password", "engineer password")).andReturn().getResponse().getStatus()).isEqualTo(403);
        assertThat(mvc.perform(post("/sign-out").cookie(mine)).andReturn().getResponse().getStatus()).isEqualTo(403);
        mvc.perform(get("/sign-out").cookie(mine));
        assertThat(mvc.perform(get("/me").cookie(mine)).andReturn().getResponse().getStatus()).as("still signed in").isEqualTo(200);
    }

    @Test
    void theDoorsOwnFormOpensItWithTheCookieAndNotWithout() throws Exception {
        Door.Page page = door.look();
        assertThat(page.cookie().isHttpOnly()).isTrue();
        assertThat(page.cookie().getAttribute("SameSite")).isEqualTo("Strict");
        assertThat(page.answer().getCookie("countersign")).as("no session for looking").isNull();
        String name = "engineer@" + tenant.tenant().slug();
        assertThat(mvc.perform(post("/sign-in").param("_csrf", page.token()).param("username", name).param("password", "engineer password"))
                .andReturn().getResponse().getStatus()).isEqualTo(403);
        assertThat(mvc.perform(post("/sign-in").cookie(page.cookie()).param("_csrf", page.token()).param("username", name).param("password", "engineer password"))
                .andReturn().getResponse().getRedirectedUrl()).isEqualTo("/");
    }

    @Test
    void lookingAtTheDoorWritesNothing() throws Exception {
        long before = sessions();
        for (int i = 0; i < 20; i++) {
            mvc.perform(get("/sign-in"));
        }
        assertThat(sessions()).isEqualTo(before);
    }

    private long sessions() {
        return jdbc.sql("select count(*) from spring_session").query(Long.class).single();
    }

    @Test
    void aTokenDiesWithItsSession() throws Exception {
        mvc.perform(post("/sign-out").cookie(mine).param("_csrf", token));
        Cookie again = session("admin");
        assertThat(mvc.perform(post("/me/sessions/sign-out-others").cookie(again).param("_csrf", token)).andReturn().getResponse().getStatus()).isEqualTo(403);
    }

    @Test
    void aTokenOfTheDoorThatSomebodyElsePlantedSignsNobodyIn() throws Exception {
        // A sister site can plant a cookie with a token that it asked for itself; the browser says where the form stood.
        Door.Page planted = door.look();
        for (String site : List.of("cross-site", "same-site")) {
            assertThat(mvc.perform(post("/sign-in").cookie(planted.cookie()).param("_csrf", planted.token()).header("Sec-Fetch-Site", site)
                    .param("username", "engineer@" + tenant.tenant().slug()).param("password", "engineer password")).andReturn().getResponse().getStatus()).as(site).isEqualTo(403);
        }
        Door.Page other = door.look();
        assertThat(mvc.perform(post("/sign-in").cookie(planted.cookie()).param("_csrf", other.token())
                .param("username", "engineer@" + tenant.tenant().slug()).param("password", "engineer password")).andReturn().getResponse().getStatus()).isEqualTo(403);
    }

    @Test
    void aTokenThatUnmasksToNoTextIsRefusedAndIsNoAccident() throws Exception {
        byte[] bytes = new byte[72];
        java.util.Arrays.fill(bytes, 36, 72, (byte) 0xff);
        String wrong = java.util.Base64.getUrlEncoder().encodeToString(bytes);
        Door.Page page = door.look();
        assertThat(mvc.perform(post("/sign-in").cookie(page.cookie()).param("_csrf", wrong).param("username", "x").param("password", "x")).andReturn().getResponse().getStatus()).isEqualTo(403);
        assertThat(mvc.perform(post("/me/password").cookie(mine).param("_csrf", wrong)).andReturn().getResponse().getStatus()).isEqualTo(403);
        assertThat(mvc.perform(post("/me/password").cookie(mine).header("X-CSRF-TOKEN", wrong)).andReturn().getResponse().getStatus()).isEqualTo(403);
    }

    @Test
    void anotherSiteCanFollowALinkAndNothingElse() throws Exception {
        for (Routes.Route route : Routes.of(requestMappingHandlerMapping)) {
            if (!route.reads() || route.isApi() || route.pattern().startsWith("/assets") || route.pattern().equals("/error")) {
                continue;
            }
            for (String site : List.of("cross-site", "same-site")) {
                for (String[] how : new String[][] {{"cors", "empty"}, {"no-cors", "image"}, {"no-cors", "script"}, {"navigate", "iframe"}, {"navigate", "object"}, {"websocket", "websocket"}}) {
                    assertThat(mvc.perform(to(route).header("Sec-Fetch-Site", site).header("Sec-Fetch-Mode", how[0]).header("Sec-Fetch-Dest", how[1]))
                            .andReturn().getResponse().getStatus()).as(route + " " + how[1]).isEqualTo(403);
                }
            }
        }
        for (String page : List.of("/me", "/requests", "/queue")) {
            assertThat(mvc.perform(get(page).cookie(mine).header("Sec-Fetch-Site", "cross-site").header("Sec-Fetch-Mode", "navigate").header("Sec-Fetch-Dest", "document"))
                    .andReturn().getResponse().getStatus()).as(page).isEqualTo(200);
            assertThat(mvc.perform(get(page).cookie(mine).header("Sec-Fetch-Site", "same-origin").header("Sec-Fetch-Mode", "cors").header("Sec-Fetch-Dest", "empty"))
                    .andReturn().getResponse().getStatus()).as(page).isEqualTo(200);
        }
    }

    /// The stream of news is for the person's own page: another site's script can not even hold it open.
    @Test
    void noOtherSiteListensToTheNews() throws Exception {
        for (String site : List.of("cross-site", "same-site")) {
            MvcResult refused = mvc.perform(get("/news").cookie(mine).header("Origin", "https://sister.example").header("Sec-Fetch-Site", site)
                    .header("Sec-Fetch-Mode", "cors").header("Sec-Fetch-Dest", "empty").accept(MediaType.TEXT_EVENT_STREAM)).andReturn();
            assertThat(refused.getResponse().getStatus()).isEqualTo(403);
            assertThat(refused.getRequest().isAsyncStarted()).isFalse();
        }
        MvcResult own = mvc.perform(get("/news").cookie(mine).header("Sec-Fetch-Site", "same-origin").header("Sec-Fetch-Mode", "cors").header("Sec-Fetch-Dest", "empty")
                .accept(MediaType.TEXT_EVENT_STREAM)).andReturn();
        assertThat(own.getRequest().isAsyncStarted()).isTrue();
        assertThat(own.getResponse().getHeader("Access-Control-Allow-Origin")).isNull();
    }
}
