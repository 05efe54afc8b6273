package dev.countersign.identity;

import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;

import dev.countersign.identity.oidc.TestProvider;
import jakarta.servlet.http.Cookie;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.request.MockHttpServletRequestBuilder;

/// A browser on its way through a provider: keeps cookies, follows what it is told to when a test says so.
public final class ProviderVisit {
    private final MockMvc mvc;
    private final String slug;
    private final Map<String, Cookie> cookies = new LinkedHashMap<>();

    public ProviderVisit(MockMvc mvc, String slug) {
        this.mvc = mvc;
        this.slug = slug;
    }

    public MockHttpServletResponse fetch(String path) throws Exception {
        return keeping(get(URI.create(path)));
    }

    public MockHttpServletResponse send(String path, String... form) throws Exception {
        MockHttpServletRequestBuilder request = post(URI.create(path)).with(csrf());
        for (int i = 0; i < form.length; i += 2) {
            request.param(form[i], form[i + 1]);
        }
        return keeping(request);
    }

    private MockHttpServletResponse keeping(MockHttpServletRequestBuilder request) throws Exception {
        if (!cookies.isEmpty()) {
            request.cookie(cookies.values().toArray(Cookie[]::new));
        }
        MockHttpServletResponse answer = mvc.perform(request).andReturn().getResponse();
        for (Cookie cookie : answer.getCookies()) {
            if (cookie.getMaxAge() == 0) {
                cookies.remove(cookie.getName());
            } else {
                cookies.put(cookie.getName(), cookie);
            }
        }
        return answer;
    }

    /// The provider's address that the portal leads to.
    public URI begin() throws Exception {
        return URI.create(String.valueOf(fetch("/sign-in/provider/" + slug + "/begin").getRedirectedUrl()));
    }

    /// Comes back by `address`, of which only path and query count.
    public MockHttpServletResponse arrive(URI address) throws Exception {
        return fetch(address.getRawPath() + (address.getRawQuery() == null ? "" : "?" + address.getRawQuery()));
    }

    /// All the way; where the portal leads to in the end.
    public String through(TestProvider provider) throws Exception {
        return String.valueOf(arrive(provider.visit(begin())).getRedirectedUrl());
    }

    public String page(String told) {
        return "/sign-in/provider/" + slug + "?told=" + told;
    }

    public String link(String code) throws Exception {
        return String.valueOf(send("/sign-in/provider/" + slug + "/link", "code", code).getRedirectedUrl());
    }

    public boolean isIn() throws Exception {
        return fetch("/me").getStatus() == 200;
    }

    public Optional<Cookie> cookie(String name) {
        return Optional.ofNullable(cookies.get(name));
    }

    public void keep(Cookie cookie) {
        cookies.put(cookie.getName(), cookie);
    }
}
