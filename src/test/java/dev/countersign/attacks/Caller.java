package dev.countersign.attacks;

import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.authentication;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

import java.util.function.UnaryOperator;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.authority.SimpleGrantedAuthority;

/// Who sends: a person in the browser with the token of their own page, a token of the API, an operator, or nobody. What is
/// wrong with the request is never that its CSRF token or bearer token is.
record Caller(String name, UnaryOperator<Asked> signed) {
    static Caller anonymous() {
        return new Caller("anonymous", asked -> asked.with(csrf().asHeader()));
    }

    static Caller operator(dev.countersign.identity.CurrentOperator operator) {
        return new Caller("operator", asked -> asked.with(csrf().asHeader()).with(authentication(
                UsernamePasswordAuthenticationToken.authenticated(operator, null, java.util.List.of(new SimpleGrantedAuthority("ROLE_OPERATOR"))))));
    }

    static Caller token(String name, String secret) {
        return new Caller(name, asked -> asked.header("Authorization", "Bearer " + secret));
    }

    @Override
    public String toString() {
        return name;
    }
}
