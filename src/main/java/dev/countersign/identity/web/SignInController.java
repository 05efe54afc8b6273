package dev.countersign.identity.web;

import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.SignInOffers;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;

/// The door. The password form is answered by Spring Security's own filter at `POST /sign-in`.
@Controller
class SignInController {
    private final List<SignInOffers> offers;

    SignInController(List<SignInOffers> offers) {
        this.offers = offers;
    }

    @GetMapping("/sign-in")
    String show(@AuthenticationPrincipal @Nullable CurrentPerson me, @RequestParam(required = false) @Nullable String failed, Model model) {
        if (me != null) {
            return "redirect:/";
        }
        model.addAttribute("failed", failed != null);
        model.addAttribute("offers", offers.stream().flatMap(offer -> offer.offers().stream()).toList());
        return "identity/sign-in/show";
    }
}
