package dev.countersign.identity;

import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import dev.countersign.tenancy.Turn;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/// Turns who signed in into who they are now, and binds their tenant for the length of the request. A person who was
/// deactivated since loses the session here, and so does one whose session was opened by an identity provider and has lasted long enough. Runs for error pages too.
class CurrentPersonFilter extends OncePerRequestFilter {
    private static final String ASKED = CurrentPersonFilter.class.getName() + ".asked";

    private final People people;
    private final Operators operators;
    private final Tenants tenants;

    CurrentPersonFilter(People people, Operators operators, Tenants tenants) {
        this.people = people;
        this.operators = operators;
        this.tenants = tenants;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (Turn.current().isOver()) {
            // The page that says that the database does not answer: shown as to a stranger, for who it is would have to be asked there.
            SecurityContextHolder.clearContext();
            chain.doFilter(request, response);
            return;
        }
        Authentication authentication = SecurityContextHolder.getContext().getAuthentication();
        if (request.getDispatcherType() == DispatcherType.ASYNC && request.getAttribute(ASKED) instanceof CurrentPerson person) {
            // The end of a stream asks nothing anew: where no connection is free it would break off.
            SecurityContextHolder.setContext(contextOf(person));
            pass(person, request, response, chain);
        } else if (authentication != null && authentication.getPrincipal() instanceof SignedIn signedIn) {
            Optional<CurrentPerson> person = tenants.inTenant(signedIn.tenant(), () -> people.current(signedIn.tenant(), signedIn.person(), Optional.ofNullable(signedIn.byProviderSince())));
            if (person.isEmpty()) {
                forget(request);
                chain.doFilter(request, response);
                return;
            }
            SecurityContextHolder.setContext(contextOf(person.get()));
            request.setAttribute(ASKED, person.get());
            pass(person.get(), request, response, chain);
        } else if (authentication != null && authentication.getPrincipal() instanceof OperatorSignedIn signedIn) {
            // No tenant is bound: whatever an operator asks, row-level security shows nothing of any tenant.
            operators.current(signedIn.operator()).ifPresentOrElse(
                    operator -> SecurityContextHolder.setContext(contextOf(operator)), () -> forget(request));
            chain.doFilter(request, response);
        } else if (authentication != null && authentication.getPrincipal() instanceof CurrentPerson person) {
            pass(person, request, response, chain);
        } else {
            chain.doFilter(request, response);
        }
    }

    /// Whoever this was may no longer come in.
    private static void forget(HttpServletRequest request) {
        SecurityContextHolder.clearContext();
        HttpSession session = request.getSession(false);
        if (session != null) {
            session.invalidate();
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

    private static SecurityContext contextOf(CurrentOperator operator) {
        SecurityContext context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(UsernamePasswordAuthenticationToken.authenticated(operator, null,
                List.of(new SimpleGrantedAuthority(CurrentOperator.AUTHORITY))));
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
