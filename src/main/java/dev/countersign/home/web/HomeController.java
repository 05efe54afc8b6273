package dev.countersign.home.web;

import dev.countersign.home.Desktop;
import dev.countersign.home.Finder;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.requests.RequestState;
import dev.countersign.web.Htmx;
import jakarta.servlet.http.HttpServletRequest;
import java.util.EnumMap;
import java.util.Map;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;

/// The first page after signing in, and the finder behind Ctrl+K.
@Controller
class HomeController {
    /// A state as the kind of its shape and its word.
    public record Word(String kind, String word) {}

    private static final Map<RequestState, Word> WORDS = new EnumMap<>(Map.of(
            RequestState.SUBMITTED, new Word("waits", "waits"),
            RequestState.CHANGES_REQUESTED, new Word("waits", "waits for your changes"),
            RequestState.APPROVED, new Word("done", "approved"),
            RequestState.REJECTED, new Word("fails", "rejected"),
            RequestState.WITHDRAWN, new Word("over", "withdrawn"),
            RequestState.LAPSED, new Word("over", "lapsed")));

    private final Desktop desktop;
    private final Finder finder;

    HomeController(Desktop desktop, Finder finder) {
        this.desktop = desktop;
        this.finder = finder;
    }

    /// A platform operator has no desk in any tenant; theirs is elsewhere.
    @GetMapping("/")
    String show(@AuthenticationPrincipal Object who, Model model) {
        if (!(who instanceof CurrentPerson me)) {
            return "redirect:/operator";
        }
        model.addAttribute("me", me).addAttribute("desk", desktop.of(me)).addAttribute("words", WORDS);
        return "home/show";
    }

    @GetMapping("/find")
    String find(@AuthenticationPrincipal CurrentPerson me, @RequestParam(defaultValue = "") String q, Model model, HttpServletRequest request) {
        String wanted = q.substring(0, Math.min(q.length(), 200));
        model.addAttribute("q", wanted).addAttribute("groups", finder.find(me, wanted));
        return Htmx.view(request, "home/find", "found");
    }
}
