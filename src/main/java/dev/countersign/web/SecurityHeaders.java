package dev.countersign.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.web.filter.OncePerRequestFilter;

/// The headers that every answer carries: pages, parts, files, errors, redirects, the API. It stands before everything else,
/// so that an answer which some other filter gives carries them too. Nothing may be kept unless the answer says otherwise
/// itself, as assets do.
public final class SecurityHeaders extends OncePerRequestFilter {
    /// Scripts and styles come from files of ours only. `require-trusted-types-for` with the one policy `default` (js/trusted.js)
    /// leaves htmx its parsing of HTML and takes from every script the way from text to code.
    static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            + "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types default";

    static final Map<String, String> ALWAYS = Map.ofEntries(
            Map.entry("Content-Security-Policy", POLICY),
            Map.entry("X-Content-Type-Options", "nosniff"),
            Map.entry("X-Frame-Options", "DENY"),
            // same-origin, not no-referrer: that would send `Origin: null` with our own forms.
            Map.entry("Referrer-Policy", "same-origin"),
            Map.entry("Cross-Origin-Opener-Policy", "same-origin"),
            Map.entry("Cross-Origin-Resource-Policy", "same-origin"),
            Map.entry("Origin-Agent-Cluster", "?1"),
            Map.entry("X-Permitted-Cross-Domain-Policies", "none"),
            Map.entry("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"));

    private static final String ONE_YEAR = "max-age=31536000; includeSubDomains";

    /// For the security configuration: leaves the headers to this filter, which also covers what Spring Security does not see.
    public static void configure(HttpSecurity http) {
        http.headers(headers -> headers.disable());
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        write(request, response);
        chain.doFilter(request, response);
    }

    static void write(HttpServletRequest request, HttpServletResponse response) {
        ALWAYS.forEach(response::setHeader);
        response.setHeader("Cache-Control", "no-store");
        if (request.isSecure()) response.setHeader("Strict-Transport-Security", ONE_YEAR);
    }

    @Override
    protected boolean shouldNotFilterErrorDispatch() {
        return false;
    }
}
