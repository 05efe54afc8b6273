package dev.countersign.attacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.request;

import dev.countersign.identity.ApiTokens;
import dev.countersign.identity.People;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.Story;
import dev.countersign.tenancy.Tenants;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/// S1 and S3: an id of another tenant is as if it did not exist: same status, same headers, same words as for an id that nobody
/// has, on every route, for every role, in the address and in every parameter; and nothing of that tenant is ever read back.
@PortalTest
class ForeignIdsTests {
    private static final List<String> ROLES = List.of("engineer", "owner", "security", "security2", "auditor", "admin");

    @Autowired
    MockMvc mvc;

    @Autowired
    Fixtures fixtures;

    @Autowired
    Story stories;

    @Autowired
    Tenants tenants;

    @Autowired
    People people;

    @Autowired
    ApiTokens tokens;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    RequestMappingHandlerMapping requestMappingHandlerMapping;

    private TestTenant attacker;
    private Victim.Loot loot;

    @BeforeEach
    void found() {
        attacker = fixtures.tenant();
        loot = new Victim(stories, tenants, people, tokens, jdbc).found();
    }

    @Test
    void aForeignIdAnswersAsAMissingOne() throws Exception {
        int calls = 0;
        List<String> leaks = new ArrayList<>();
        for (Routes.Route route : Routes.of(requestMappingHandlerMapping)) {
            // A place in one's own list of rules names nothing of anybody else's.
            if (route.variables().isEmpty() || route.pattern().startsWith("/assets/") || route.pattern().startsWith("/admin/rules/{place")) {
                continue;
            }
            for (String role : ROLES) {
                for (Victim.Id id : loot.ids()) {
                    for (boolean htmx : route.reads() ? new boolean[] {false, true} : new boolean[] {false}) {
                        String foreign = ask(route, role, id.foreign(), htmx);
                        String missing = ask(route, role, id.missing(), htmx);
                        calls += 2;
                        if (!plain(foreign, id.foreign()).equals(plain(missing, id.missing()))) {
                            leaks.add(route + " as " + role + " with the " + id.kind() + " of another tenant: " + first(foreign) + " | missing: " + first(missing));
                        }
                        loot.canaries().stream().filter(canary -> plain(foreign, id.foreign()).contains(canary))
                                .forEach(canary -> leaks.add(route + " as " + role + " says " + canary));
                    }
                }
            }
        }
        System.out.println("foreign ids: " + calls + " calls");
        assertThat(leaks).isEmpty();
        assertThat(calls).isGreaterThan(1_000);
    }

    /// Lists, searches and exports: nothing of the other tenant, whatever is asked for.
    @Test
    void noListSearchOrExportSaysAForeignWord() throws Exception {
        List<String> leaks = new ArrayList<>();
        for (Routes.Route route : Routes.of(requestMappingHandlerMapping)) {
            if (!route.reads() || !route.variables().isEmpty()) {
                continue;
            }
            for (String role : ROLES) {
                for (Victim.Id id : loot.ids()) {
                    var asked = get(route.pattern()).with(fixtures.as(attacker, role));
                    parameters(route).forEach(name -> asked.param(name, id.foreign()));
                    MockHttpServletResponse answer = mvc.perform(asked).andReturn().getResponse();
                    // What was asked is said again in the field of the form; everything else would be news.
                    String body = plain(answer.getContentAsString(), id.foreign());
                    loot.canaries().stream().filter(body::contains).forEach(canary -> leaks.add(route + " as " + role + " says " + canary));
                }
            }
        }
        assertThat(leaks).isEmpty();
    }

    /// Without this the others could not fail: the victim's own people do find these ids.
    @Test
    void theIdsAreRealForTheirOwners() throws Exception {
        for (Victim.Id id : loot.ids()) {
            if (id.page().isEmpty()) {
                continue;
            }
            assertThat(mvc.perform(get(id.page()).with(fixtures.as(loot.tenant(), "admin"))).andReturn().getResponse().getStatus()).as(id.page()).isEqualTo(200);
            assertThat(mvc.perform(get(id.page()).with(fixtures.as(attacker, "admin"))).andReturn().getResponse().getStatus()).as(id.page()).isEqualTo(404);
        }
    }

    private String ask(Routes.Route route, String role, String id, boolean htmx) throws Exception {
        var asked = request(route.method(), route.with(at -> id)).with(csrf()).with(fixtures.as(attacker, role));
        parameters(route).forEach(name -> asked.param(name, id));
        if (htmx) {
            asked.header("HX-Request", "true");
        }
        MockHttpServletResponse answer = mvc.perform(asked).andReturn().getResponse();
        TreeMap<String, String> headers = new TreeMap<>();
        answer.getHeaderNames().stream().filter(name -> !name.equals("Set-Cookie") && !name.equals("Content-Length")).forEach(name -> headers.put(name, answer.getHeader(name)));
        return answer.getStatus() + " " + headers + "\n" + answer.getContentAsString();
    }

    private static List<String> parameters(Routes.Route route) {
        return Arrays.stream(route.handler().getMethod().getParameters())
                .filter(parameter -> parameter.isAnnotationPresent(RequestParam.class))
                .map(Parameter::getName)
                .toList();
    }

    /// Without the id itself and without what differs between any two answers.
    private static String plain(String answer, String id) {
        return answer.replaceAll("name=\"csrf\" content=\"[^\"]*\"", "").replaceAll("name=\"_csrf\"( type=\"hidden\")? value=\"[^\"]*\"", "")
                .replaceAll("[Rr]eference\\W+(<[^>]*>)?[0-9a-f]{8}", "")
                .replaceAll("\\b" + Pattern.quote(id) + "\\b", "ID");
    }

    private static String first(String answer) {
        return answer.substring(0, answer.indexOf(' '));
    }
}
