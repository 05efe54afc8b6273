package dev.countersign.api;

import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Scope;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
class MeApi {
    @Endpoint(summary = "Who I am: tenant, roles, teams, scopes", scope = Scope.READ, answer = MeDocument.class, tagged = true)
    @GetMapping(path = "/api/v1/me", produces = "application/json")
    ResponseEntity<byte[]> me(@AuthenticationPrincipal CurrentPerson me, HttpServletRequest request) {
        Parameters.none(request);
        return EntityTag.read(request, Answer.tagged(MeDocument.of(me)));
    }
}
