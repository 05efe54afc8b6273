package dev.countersign.api;

import dev.countersign.identity.CurrentPerson;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.HandlerInterceptor;

/// Stands before every address of the API: the token's scope must be the one that the address asks for, and the body must come
/// as it is. What the person may do beyond is asked by the rooms.
class ScopeGate implements HandlerInterceptor {
    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (!(handler instanceof HandlerMethod method) || !method.getBeanType().getPackageName().equals(ScopeGate.class.getPackageName())) {
            return true;
        }
        Endpoint endpoint = AnnotatedElementUtils.findMergedAnnotation(method.getMethod(), Endpoint.class);
        if (endpoint == null) {
            return true;
        }
        Authentication authentication = SecurityContextHolder.getContext().getAuthentication();
        if (authentication == null || !(authentication.getPrincipal() instanceof CurrentPerson me)) {
            throw new IllegalStateException("an address of the API was reached without a person");
        }
        if (!me.mayUse(endpoint.scope())) {
            throw new Problem.Forbidden("This token lacks the scope " + endpoint.scope().word() + ", which this address needs. Use a token that has it.");
        }
        String encoding = request.getHeader("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new ResponseStatusException(HttpStatus.UNSUPPORTED_MEDIA_TYPE);
        }
        return true;
    }
}
