package dev.countersign.identity;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import org.springframework.web.filter.OncePerRequestFilter;

/// Refuses what a browser says another site asked for (Fetch Metadata): every change, beside the CSRF token, and of what only
/// reads everything but following a link. A page of a sister site, to which the session's cookie is sent, can so neither hold
/// streams of news open nor measure what an answer costs.
class CrossSiteFilter extends OncePerRequestFilter {
    private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String site = request.getHeader("Sec-Fetch-Site");
        boolean foreign = site != null && !site.equals("same-origin") && !site.equals("none");
        if (foreign && !(READING.contains(request.getMethod()) && followsALink(request))) {
            response.sendError(HttpServletResponse.SC_FORBIDDEN);
            return;
        }
        chain.doFilter(request, response);
    }

    /// In a window of its own: not in a frame, not as an image, not by a script. Of browsers that do not say, we only know the site.
    private static boolean followsALink(HttpServletRequest request) {
        String mode = request.getHeader("Sec-Fetch-Mode");
        String destination = request.getHeader("Sec-Fetch-Dest");
        return (mode == null || mode.equals("navigate")) && (destination == null || destination.equals("document"));
    }
}
