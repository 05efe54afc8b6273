package dev.countersign.identity.web;

import dev.countersign.identity.Account;
import dev.countersign.identity.ApiTokens;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Role;
import dev.countersign.identity.Scope;
import dev.countersign.web.Confirmation;
import dev.countersign.web.FieldErrors;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/// One's own account: who one is here, the password, the tokens, the sessions.
@Controller
class AccountController {
    private static final Map<String, String> LIVES = lives();

    private final Account account;
    private final ApiTokens tokens;

    AccountController(Account account, ApiTokens tokens) {
        this.account = account;
        this.tokens = tokens;
    }

    @GetMapping("/me")
    String show(@AuthenticationPrincipal CurrentPerson me, Model model, HttpServletRequest request) {
        return show(me, "", List.of("read"), "90", model, request);
    }

    private String show(CurrentPerson me, String name, List<String> scopes, String days, Model model, HttpServletRequest request) {
        model.addAttribute("me", me)
                .addAttribute("roles", RoleWords.ALL.stream().filter(role -> me.is(Role.valueOf(role.name()))).toList())
                .addAttribute("tokens", tokens.list(Optional.of(me.id())).stream().filter(token -> token.liveAt(Instant.now())).toList())
                .addAttribute("sessions", account.sessions(me, session(request)))
                .addAttribute("name", name).addAttribute("ticked", scopes).addAttribute("days", days)
                .addAttribute("lives", LIVES).addAttribute("mayAdmin", me.is(Role.ADMINISTRATOR));
        return "identity/me/show";
    }

    @PostMapping("/me/password")
    String changePassword(@AuthenticationPrincipal CurrentPerson me, @RequestParam(defaultValue = "") String present,
            @RequestParam(defaultValue = "") String wanted, @RequestParam(defaultValue = "") String repeated,
            Model model, RedirectAttributes flash, HttpServletRequest request, HttpServletResponse response) {
        return mine().of(account.changePassword(me, present, wanted, repeated, session(request)), model, flash, response, () -> show(me, model, request));
    }

    @PostMapping("/me/tokens")
    String issue(@AuthenticationPrincipal CurrentPerson me, @RequestParam(defaultValue = "") String name,
            @RequestParam(defaultValue = "") List<String> scopes, @RequestParam(defaultValue = "") String days,
            Model model, HttpServletRequest request, HttpServletResponse response) {
        int life = days.matches("[0-9]{1,3}") ? Integer.parseInt(days) : 0;
        return switch (account.issueToken(me, name, parse(scopes), life)) {
            case Account.TokenWish.Made made -> {
                model.addAttribute("token", made.token()).addAttribute("name", name.strip()).addAttribute("scopes", scopes);
                yield "identity/tokens/_made";
            }
            case Account.TokenWish.Refused refused -> {
                response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
                model.addAttribute("errors", FieldErrors.NONE.with(refused.field(), refused.why()));
                yield show(me, name, scopes, days, model, request);
            }
        };
    }

    @GetMapping("/me/tokens/{token}/revocation")
    String ask(@AuthenticationPrincipal CurrentPerson me, @PathVariable UUID token, Model model) {
        ApiTokens.Listed known = tokens.list(Optional.of(me.id())).stream()
                .filter(listed -> listed.id().equals(token) && listed.revokedAt().isEmpty())
                .findFirst()
                .orElseThrow(() -> new Problem.NotFound("token of that id"));
        model.addAttribute("ask", new Confirmation("", "Revoke the token " + known.name() + "?",
                "Whatever uses it is refused from its next call on. It never comes back; you can make another.",
                "Revoke it", "/me/tokens/" + token + "/revocation", "/me", true, false, Map.of()));
        return "layout/confirm";
    }

    @PostMapping("/me/tokens/{token}/revocation")
    String revoke(@AuthenticationPrincipal CurrentPerson me, @PathVariable UUID token, Model model, RedirectAttributes flash,
            HttpServletRequest request, HttpServletResponse response) {
        return mine().of(account.revokeToken(me, token), model, flash, response, () -> show(me, model, request));
    }

    @PostMapping("/me/sessions/sign-out-others")
    String signOutOthers(@AuthenticationPrincipal CurrentPerson me, Model model, RedirectAttributes flash, HttpServletRequest request, HttpServletResponse response) {
        return mine().of(account.signOutOthers(me, session(request)), model, flash, response, () -> show(me, model, request));
    }

    private static Answers mine() {
        return new Answers("", "/me", "token of that id");
    }

    private static String session(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        return session == null ? "" : session.getId();
    }

    private static Set<Scope> parse(List<String> words) {
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        for (String word : words) {
            scopes.add(Scope.ofWord(word).orElseThrow(() -> new Problem.Unreadable("There is no such scope. Use the form of the page.")));
        }
        return scopes;
    }

    private static Map<String, String> lives() {
        Map<String, String> lives = new LinkedHashMap<>();
        lives.put("7", "7 days");
        lives.put("30", "30 days");
        lives.put("90", "90 days");
        lives.put("366", "a year");
        return lives;
    }
}
