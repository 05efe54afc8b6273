package dev.countersign.identity.web;

import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.ProviderDesk;
import dev.countersign.identity.ProviderSetting;
import dev.countersign.web.Confirmation;
import dev.countersign.web.Notice;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;

/// How the people of a tenant sign in: by which identity provider, and whether passwords do too.
@Controller
class ProviderController {
    private static final String HERE = "/admin/sign-in";

    private final ProviderDesk desk;

    ProviderController(ProviderDesk desk) {
        this.desk = desk;
    }

    /// As typed; the secret is never drawn again, not even after a refusal.
    public record Form(@Nullable String issuer, @Nullable String clientId, @Nullable String secret, @Nullable String label, @Nullable String portal, @Nullable String hours) {
        static Form of(ProviderDesk.Shown shown) {
            return new Form(shown.issuer(), shown.clientId(), "", shown.label(), shown.portal(), Long.toString(shown.hours()));
        }

        ProviderSetting setting() {
            return new ProviderSetting(text(issuer), text(clientId), text(secret), text(label), text(portal), text(hours));
        }

        private static String text(@Nullable String text) {
            return text == null ? "" : text;
        }

        /// Without the secret.
        @Override
        public String toString() {
            return "Form[" + issuer + "]";
        }
    }

    @GetMapping(HERE)
    String show(@AuthenticationPrincipal CurrentPerson me, Model model, HttpServletRequest request) {
        Optional<ProviderDesk.Shown> shown = desk.shown();
        return show(me, shown, shown.map(Form::of).orElseGet(() -> new Form("", "", "", "", address(request), "12")), "", model);
    }

    private static String show(CurrentPerson me, Optional<ProviderDesk.Shown> shown, Form form, String emergency, Model model) {
        model.addAttribute("provider", shown.orElse(null))
                .addAttribute("form", form)
                .addAttribute("emergency", emergency)
                .addAttribute("comesBackTo", shown.map(known -> ProviderDesk.comesBackTo(known.portal(), me.tenantSlug()).toString()).orElse(null))
                .addAttribute("door", shown.map(known -> known.portal() + "/sign-in/provider/" + me.tenantSlug()).orElse(null));
        return "identity/provider/show";
    }

    /// By which the administrator came: what most people call the portal by.
    private static String address(HttpServletRequest request) {
        return ServletUriComponentsBuilder.fromContextPath(request).build().toUriString();
    }

    @PostMapping(HERE)
    String set(@AuthenticationPrincipal CurrentPerson me, Form form, Model model, RedirectAttributes flash, HttpServletResponse response) {
        return switch (desk.set(me, form.setting())) {
            case ProviderDesk.Setting.Stored stored -> {
                flash.addFlashAttribute("notice", Notice.done("Saved.", stored.text()));
                yield "redirect:" + HERE;
            }
            case ProviderDesk.Setting.Refused refused -> {
                response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
                model.addAttribute("errors", refused.errors());
                yield show(me, desk.shown(), form, "", model);
            }
        };
    }

    @PostMapping(HERE + "/check")
    String check(@AuthenticationPrincipal CurrentPerson me, Model model, RedirectAttributes flash, HttpServletRequest request, HttpServletResponse response) {
        return back().of(desk.check(), model, flash, response, () -> show(me, model, request));
    }

    @PostMapping(HERE + "/enabling")
    String enable(@AuthenticationPrincipal CurrentPerson me, Model model, RedirectAttributes flash, HttpServletRequest request, HttpServletResponse response) {
        return back().of(desk.enable(me), model, flash, response, () -> show(me, model, request));
    }

    @GetMapping(HERE + "/disabling")
    String askToDisable(Model model) {
        ProviderDesk.Shown shown = desk.shown().filter(ProviderDesk.Shown::enabled).orElseThrow(() -> new Problem.NotFound("enabled identity provider"));
        model.addAttribute("ask", new Confirmation("admin", "Disable signing in by " + shown.label() + "?",
                "People sign in with their passwords from then on" + (shown.passwordsClosed() ? ", which open again for everybody" : "") + ". Whoever is signed in stays so. Linked accounts are kept.",
                "Disable", HERE + "/disabling", HERE, true, false, Map.of()));
        return "layout/confirm";
    }

    @PostMapping(HERE + "/disabling")
    String disable(@AuthenticationPrincipal CurrentPerson me, Model model, RedirectAttributes flash, HttpServletRequest request, HttpServletResponse response) {
        return back().of(desk.disable(me), model, flash, response, () -> show(me, model, request));
    }

    @PostMapping(HERE + "/passwords/closing")
    String closePasswords(@AuthenticationPrincipal CurrentPerson me, @RequestParam(defaultValue = "") String emergency, Model model, RedirectAttributes flash, HttpServletResponse response) {
        return back().of(desk.closePasswords(me, emergency), model, flash, response, () -> {
            ProviderDesk.Shown shown = desk.shown().orElseThrow();
            return show(me, Optional.of(shown), Form.of(shown), emergency, model);
        });
    }

    @PostMapping(HERE + "/passwords/opening")
    String openPasswords(@AuthenticationPrincipal CurrentPerson me, Model model, RedirectAttributes flash, HttpServletRequest request, HttpServletResponse response) {
        return back().of(desk.openPasswords(me), model, flash, response, () -> show(me, model, request));
    }

    private static Answers back() {
        return new Answers("admin", HERE, "identity provider");
    }
}
