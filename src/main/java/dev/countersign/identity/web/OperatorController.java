package dev.countersign.identity.web;

import dev.countersign.identity.CurrentOperator;
import dev.countersign.identity.Founding;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.contributor.Status;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/// The platform operator's only page: which tenants there are, founding one, and whether the installation is well.
@Controller
class OperatorController {
    static final int PAGE = 100;

    private final Founding founding;
    private final HealthEndpoint health;

    OperatorController(Founding founding, HealthEndpoint health) {
        this.founding = founding;
        this.health = health;
    }

    @GetMapping("/operator")
    String show(@RequestParam(defaultValue = "") String after, Model model) {
        return show(after, "", "", "", "", model);
    }

    private String show(String after, String slug, String name, String username, String displayName, Model model) {
        List<Founding.Known> found = founding.tenants(after, PAGE + 1);
        boolean more = found.size() > PAGE;
        model.addAttribute("tenants", more ? found.subList(0, PAGE) : found)
                .addAttribute("next", more ? found.get(PAGE - 1).slug() : null)
                .addAttribute("slug", slug).addAttribute("name", name).addAttribute("username", username).addAttribute("displayName", displayName)
                .addAttribute("well", Status.UP.equals(health.health().getStatus()));
        return "identity/operator/show";
    }

    @PostMapping("/operator/tenants")
    String found(@AuthenticationPrincipal CurrentOperator me, @RequestParam(defaultValue = "") String slug, @RequestParam(defaultValue = "") String name,
            @RequestParam(defaultValue = "") String username, @RequestParam(defaultValue = "") String displayName,
            Model model, RedirectAttributes flash, HttpServletResponse response) {
        return new Answers("operator", "/operator", "tenant of that name").of(founding.found(me, slug, name, username, displayName), model, flash, response,
                () -> show("", slug, name, username, displayName, model));
    }
}
