package dev.countersign.identity.web;

import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.ProviderSignIn;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseCookie;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.web.savedrequest.HttpSessionRequestCache;
import org.springframework.security.web.savedrequest.SavedRequest;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;

/// The door by a tenant's identity provider: to it, back from it, and linking an account that is nobody's yet.
///
/// A link leads there, no form: the policy of our pages lets forms go to ourselves only, redirects included. The answer comes back as
/// a link that is followed from another site, so what is kept in the browser meanwhile is `SameSite=Lax`. Whatever comes back is left
/// by a redirect, so that no code stays in the address.
@Controller
class ProviderDoorController {
    private static final String WAY = "countersign-way";
    private static final String ACCOUNT = "countersign-account";
    private static final Duration LIVES = Duration.ofMinutes(10);

    private final ProviderSignIn door;

    ProviderDoorController(ProviderSignIn door) {
        this.door = door;
    }

    @GetMapping("/sign-in/provider")
    String find(@AuthenticationPrincipal @Nullable CurrentPerson me, @RequestParam(defaultValue = "") String tenant, Model model, HttpServletResponse response) {
        if (me != null) {
            return "redirect:/";
        }
        String slug = tenant.substring(tenant.lastIndexOf('@') + 1).strip().toLowerCase(Locale.ROOT);
        return door.door(slug).map(known -> "redirect:/sign-in/provider/" + known.slug()).orElseGet(() -> nowhere(tenant, model, response));
    }

    @GetMapping("/sign-in/provider/{tenant}")
    String show(@AuthenticationPrincipal @Nullable CurrentPerson me, @PathVariable String tenant, @RequestParam(defaultValue = "") String told, Model model, HttpServletResponse response) {
        if (me != null) {
            return "redirect:/";
        }
        return door.door(tenant).map(known -> {
            model.addAttribute("door", known).addAttribute("told", Arrays.stream(ProviderSignIn.Told.values()).map(why -> word(why)).filter(told::equals).findFirst().orElse(""));
            return "identity/sign-in/provider";
        }).orElseGet(() -> nowhere(tenant, model, response));
    }

    private static String nowhere(String tenant, Model model, HttpServletResponse response) {
        if (!tenant.isBlank()) {
            response.setStatus(HttpStatus.NOT_FOUND.value());
        }
        model.addAttribute("door", null).addAttribute("told", "").addAttribute("tenant", tenant);
        return "identity/sign-in/provider";
    }

    @GetMapping("/sign-in/provider/{tenant}/begin")
    ResponseEntity<Void> begin(@PathVariable String tenant, HttpServletRequest request) {
        return switch (door.begin(tenant)) {
            case ProviderSignIn.Beginning.Begun begun -> to(begun.to(), cookie(WAY, begun.kept(), LIVES, request));
            case ProviderSignIn.Beginning.Not not -> to(page(tenant, not.why()));
            case ProviderSignIn.Beginning.Nowhere _ -> to(URI.create("/sign-in/provider"));
        };
    }

    @GetMapping("/sign-in/provider/{tenant}/callback")
    ResponseEntity<Void> arrive(@PathVariable String tenant, @RequestParam MultiValueMap<String, String> answer, HttpServletRequest request, HttpServletResponse response) {
        URI wanted = wanted(request, response);
        // Spring answers HEAD like GET; what only looks must not spend the answer.
        String kept = request.getMethod().equals("GET") ? kept(WAY, request) : "";
        return landed(tenant, wanted, door.arrive(tenant, Map.copyOf(answer), kept, request, response), request);
    }

    @PostMapping("/sign-in/provider/{tenant}/link")
    ResponseEntity<Void> link(@PathVariable String tenant, @RequestParam(defaultValue = "") String code, HttpServletRequest request, HttpServletResponse response) {
        URI wanted = wanted(request, response);
        return landed(tenant, wanted, door.link(tenant, kept(ACCOUNT, request), code, request, response), request);
    }

    private static ResponseEntity<Void> landed(String tenant, URI wanted, ProviderSignIn.Arrival arrival, HttpServletRequest request) {
        ResponseCookie noWay = cookie(WAY, "", Duration.ZERO, request);
        ResponseCookie noAccount = cookie(ACCOUNT, "", Duration.ZERO, request);
        return switch (arrival) {
            case ProviderSignIn.Arrival.In _ -> to(wanted, noWay, noAccount);
            case ProviderSignIn.Arrival.Unlinked unlinked -> to(page(tenant, ProviderSignIn.Told.UNLINKED), noWay, cookie(ACCOUNT, unlinked.kept(), LIVES, request));
            case ProviderSignIn.Arrival.Not(ProviderSignIn.Told why) when why == ProviderSignIn.Told.CODE -> to(page(tenant, why), noWay);
            case ProviderSignIn.Arrival.Not(ProviderSignIn.Told why) -> to(page(tenant, why), noWay, noAccount);
            case ProviderSignIn.Arrival.Nowhere _ -> to(URI.create("/sign-in/provider"), noWay, noAccount);
        };
    }

    /// Of a tenant that there is: its name is no longer anybody's text.
    private static URI page(String tenant, ProviderSignIn.Told why) {
        return URI.create("/sign-in/provider/" + tenant.toLowerCase(Locale.ROOT) + "?told=" + word(why));
    }

    private static String word(ProviderSignIn.Told why) {
        return why.name().toLowerCase(Locale.ROOT);
    }

    private static ResponseEntity<Void> to(URI address, ResponseCookie... cookies) {
        ResponseEntity.BodyBuilder answer = ResponseEntity.status(HttpStatus.FOUND).location(address);
        for (ResponseCookie cookie : cookies) {
            answer.header(HttpHeaders.SET_COOKIE, cookie.toString());
        }
        return answer.build();
    }

    private static ResponseCookie cookie(String name, String value, Duration lives, HttpServletRequest request) {
        return ResponseCookie.from(name, value).httpOnly(true).secure(request.isSecure()).sameSite("Lax").path("/sign-in/provider").maxAge(lives).build();
    }

    private static String kept(String name, HttpServletRequest request) {
        List<Cookie> cookies = request.getCookies() == null ? List.of() : Arrays.stream(request.getCookies()).filter(cookie -> cookie.getName().equals(name)).toList();
        return cookies.size() == 1 ? cookies.getFirst().getValue() : "";
    }

    /// The page that led to the door, as a path of ours and nothing else; the first page where there was none.
    private static URI wanted(HttpServletRequest request, HttpServletResponse response) {
        SavedRequest saved = new HttpSessionRequestCache().getRequest(request, response);
        return Optional.ofNullable(saved).flatMap(page -> path(page.getRedirectUrl())).orElse(URI.create("/"));
    }

    static Optional<URI> path(String address) {
        try {
            URI full = URI.create(address);
            String path = String.valueOf(full.getRawPath()) + (full.getRawQuery() == null ? "" : "?" + full.getRawQuery());
            return path.startsWith("/") && !path.startsWith("//") && !path.contains("\\") ? Optional.of(URI.create(path)) : Optional.empty();
        } catch (IllegalArgumentException noAddress) {
            return Optional.empty();
        }
    }
}
