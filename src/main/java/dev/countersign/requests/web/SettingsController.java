package dev.countersign.requests.web;

import dev.countersign.identity.CurrentPerson;
import dev.countersign.requests.RequestSettings;
import dev.countersign.requests.TenantSettings;
import dev.countersign.web.FieldErrors;
import dev.countersign.web.Notice;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/// What the tenant asks of every request: how much of a reason, how long it waits, how long access may last.
@Controller
class SettingsController {
    private final RequestSettings settings;

    SettingsController(RequestSettings settings) {
        this.settings = settings;
    }

    /// As typed: what is no number stays as it is and is refused.
    public record Form(String reasonMinimum, String reasonTemplate, String requestLifetime, boolean permanentAllowed, String longestGrant) {
        static Form of(TenantSettings settings) {
            return new Form(Integer.toString(settings.reasonMinimum()), settings.reasonTemplate(), Long.toString(settings.requestLifetime().toDays()),
                    settings.permanentAllowed(), Long.toString(settings.longestGrant().toDays()));
        }

        TenantSettings parse() {
            return new TenantSettings(number(reasonMinimum), reasonTemplate.strip(), Duration.ofDays(number(requestLifetime)), permanentAllowed, Duration.ofDays(number(longestGrant)));
        }

        /// Zero is refused by every rule.
        private static int number(String text) {
            return text.strip().matches("[0-9]{1,6}") ? Integer.parseInt(text.strip()) : 0;
        }
    }

    @GetMapping("/admin/settings")
    String show(Model model) {
        model.addAttribute("form", Form.of(settings.current()));
        return "requests/settings/show";
    }

    @PostMapping("/admin/settings")
    String change(@AuthenticationPrincipal CurrentPerson me, @RequestParam(defaultValue = "") String reasonMinimum, @RequestParam(defaultValue = "") String reasonTemplate,
            @RequestParam(defaultValue = "") String requestLifetime, @RequestParam(defaultValue = "false") boolean permanentAllowed,
            @RequestParam(defaultValue = "") String longestGrant, Model model, RedirectAttributes flash, HttpServletResponse response) {
        Form form = new Form(reasonMinimum, reasonTemplate, requestLifetime, permanentAllowed, longestGrant);
        TenantSettings wanted = form.parse();
        Map<String, String> wrong = RequestSettings.refuses(wanted);
        if (!wrong.isEmpty()) {
            response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
            model.addAttribute("form", form).addAttribute("errors", new FieldErrors(wrong));
            return "requests/settings/show";
        }
        settings.change(me.actor(), wanted);
        flash.addFlashAttribute("notice", Notice.done("Settings changed.", "They count for requests from now on."));
        return "redirect:/admin/settings";
    }
}
