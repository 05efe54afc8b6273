package dev.countersign.identity;

import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.util.Optional;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/// Turns who signed in into who they are now, and binds their tenant for the length of the request. A person who was
/// deactivated since loses the session here. Runs for error pages too.
class CurrentPersonFilter extends OncePerRequestFilter {
    private final People people;
    private final Tenants tenants;

    CurrentPersonFilter(People people, Tenants tenants) {
        this.people = people;
        this.tenants = tenants;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Authentication authentication = SecurityContextHolder.getContext().getAuthentication();
        if (authentication != null && authentication.getPrincipal() instanceof SignedIn signedIn) {
            Optional<CurrentPerson> person = tenants.inTenant(signedIn.tenant(), () -> people.current(signedIn.tenant(), signedIn.person()));
            if (person.isEmpty()) {
                SecurityContextHolder.clearContext();
                HttpSession session = request.getSession(false);
                if (session != null) {
                    session.invalidate();
                }
                chain.doFilter(request, response);
                return;
            }
            SecurityContextHolder.setContext(contextOf(person.get()));
            pass(person.get(), request, response, chain);
        } else if (authentication != null && authentication.getPrincipal() instanceof CurrentPerson person) {
            pass(person, request, response, chain);
        } else {
            chain.doFilter(request, response);
        }
    }

    private static void pass(CurrentPerson person, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        try {
            CurrentTenant.call(person.tenant(), () -> {
                chain.doFilter(request, response);
                return true;
            });
        } catch (ServletException | IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new ServletException(e);
        }
    }

    static SecurityContext contextOf(CurrentPerson person) {
        SecurityContext context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(UsernamePasswordAuthenticationToken.authenticated(person, null,
                person.roles().stream().map(role -> new SimpleGrantedAuthority(role.authority())).toList()));
        return context;
    }

    @Override
    protected boolean shouldNotFilterErrorDispatch() {
        return false;
    }

    @Override
    protected boolean shouldNotFilterAsyncDispatch() {
        return false;
    }
}
