package dev.countersign.identity;

import dev.countersign.web.Viewer;
import dev.countersign.web.ViewerSource;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;

/// Tells the frame of a page who is looking.
@Component
class SignedInViewer implements ViewerSource {
    @Override
    public Optional<Viewer> current() {
        Authentication authentication = SecurityContextHolder.getContext().getAuthentication();
        if (authentication != null && authentication.getPrincipal() instanceof CurrentOperator operator) {
            return Optional.of(new Viewer(operator.username(), operator.username(), "", java.util.Set.of("OPERATOR")));
        }
        return authentication != null && authentication.getPrincipal() instanceof CurrentPerson person
                ? Optional.of(new Viewer(person.displayName(), person.getName(), person.tenantName(),
                        person.roles().stream().map(Enum::name).collect(Collectors.toSet())))
                : Optional.empty();
    }
}
