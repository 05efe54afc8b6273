package dev.countersign.identity.web;

import dev.countersign.identity.Administration;
import dev.countersign.identity.ApiTokens;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.web.Confirmation;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/// The administrator's way in, and the tokens of the whole tenant.
@Controller
class AdminController {
    private final ApiTokens tokens;
    private final Administration administration;

    AdminController(ApiTokens tokens, Administration administration) {
        this.tokens = tokens;
        this.administration = administration;
    }

    @GetMapping("/admin")
    String show(@AuthenticationPrincipal CurrentPerson me, Model model) {
        model.addAttribute("tenant", me.tenantName());
        return "identity/admin/index";
    }

    @GetMapping("/admin/tokens")
    String tokens(Model model) {
        model.addAttribute("tokens", tokens.list(Optional.empty())).addAttribute("now", Instant.now());
        return "identity/tokens/index";
    }

    @GetMapping("/admin/tokens/{token}/revocation")
    String ask(@PathVariable UUID token, Model model) {
        ApiTokens.Listed known = tokens.list(Optional.empty()).stream()
                .filter(listed -> listed.id().equals(token) && listed.revokedAt().isEmpty())
                .findFirst()
                .orElseThrow(() -> new Problem.NotFound("token of that id"));
        model.addAttribute("ask", new Confirmation("admin", "Revoke the token " + known.name() + " of " + known.username() + "?",
                "Whatever uses it is refused from its next call on. A revoked token never comes back; its person can make another.",
                "Revoke it", "/admin/tokens/" + token + "/revocation", "/admin/tokens", true, false, Map.of()));
        return "layout/confirm";
    }

    @PostMapping("/admin/tokens/{token}/revocation")
    String revoke(@AuthenticationPrincipal CurrentPerson me, @PathVariable UUID token, Model model, RedirectAttributes flash, HttpServletResponse response) {
        return new Answers("admin", "/admin/tokens", "token of that id")
                .of(administration.revokeToken(me, token), model, flash, response, () -> tokens(model));
    }
}
