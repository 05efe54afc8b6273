package dev.countersign.attacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;

import jakarta.servlet.http.Cookie;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.web.FilterChainProxy;
import org.springframework.security.web.csrf.CsrfFilter;
import org.springframework.security.web.csrf.CsrfTokenRepository;
import org.springframework.test.util.ReflectionTestUtils;
import org.springframework.test.web.servlet.MockMvc;

/// The way in that people take: the sign-in page, its form, its token. Never `csrf()` of Spring Security's test support: that
/// puts another token repository into the running filter, for good; `restore` takes it out again.
final class Door {
    private static final Pattern FORM = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");
    private static final Pattern PAGE = Pattern.compile("<meta name=\"csrf\" content=\"([^\"]+)\"");

    private final MockMvc mvc;
    private final FilterChainProxy filters;
    private final CsrfTokenRepository ours;

    Door(MockMvc mvc, FilterChainProxy filters, CsrfTokenRepository ours) {
        this.mvc = mvc;
        this.filters = filters;
        this.ours = ours;
    }

    /// The sign-in page as a browser holds it.
    record Page(MockHttpServletResponse answer, Cookie cookie, String token) {}

    void restore() {
        filters.getFilterChains().stream()
                .flatMap(chain -> chain.getFilters().stream())
                .filter(CsrfFilter.class::isInstance)
                .forEach(filter -> ReflectionTestUtils.setField(filter, "tokenRepository", ours));
    }

    Page look() throws Exception {
        MockHttpServletResponse answer = mvc.perform(get("/sign-in")).andReturn().getResponse();
        return new Page(answer, answer.getCookie("countersign-door"), only(FORM, answer));
    }

    /// The cookie of a new session.
    Cookie signIn(String name, String password) throws Exception {
        Page page = look();
        Cookie session = mvc.perform(post("/sign-in").cookie(page.cookie()).param("_csrf", page.token()).param("username", name).param("password", password))
                .andReturn().getResponse().getCookie("countersign");
        assertThat(session).as(name).isNotNull();
        return session;
    }

    /// The token that the pages of this session carry; `page` must be open to its person.
    String token(Cookie session, String page) throws Exception {
        return only(PAGE, mvc.perform(get(page).cookie(session)).andReturn().getResponse());
    }

    private static String only(Pattern pattern, MockHttpServletResponse answer) throws Exception {
        Matcher found = pattern.matcher(answer.getContentAsString());
        assertThat(found.find()).isTrue();
        return found.group(1);
    }
}
