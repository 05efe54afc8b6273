package dev.countersign.identity.web;

import dev.countersign.identity.Administration;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Directory;
import dev.countersign.identity.ProviderDesk;
import dev.countersign.identity.Role;
import dev.countersign.web.Confirmation;
import dev.countersign.web.Htmx;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;
import org.springframework.web.util.UriComponentsBuilder;

/// The people of the tenant: who there is, what they may do, who may come in.
@Controller
class PeopleController {
    static final int PAGE = 50;
    private static final String THING = "person of that name";

    private final Directory directory;
    private final Administration administration;
    private final ProviderDesk provider;

    PeopleController(Directory directory, Administration administration, ProviderDesk provider) {
        this.directory = directory;
        this.administration = administration;
        this.provider = provider;
    }

    @GetMapping("/admin/people")
    String index(@RequestParam(defaultValue = "") String q, @RequestParam Optional<String> after, Model model, HttpServletRequest request) {
        Directory.Page page = directory.people(q, after, PAGE);
        model.addAttribute("q", q).addAttribute("page", page).addAttribute("next", page.next()
                .map(last -> UriComponentsBuilder.fromPath("/admin/people").queryParam("q", "{q}").queryParam("after", "{after}").encode()
                        .buildAndExpand(q, last).toUriString())
                .orElse(null));
        return Htmx.view(request, "identity/people/index", "rows");
    }

    @GetMapping("/admin/new-person")
    String fresh(Model model) {
        return form("", "", List.of(), model);
    }

    @PostMapping("/admin/people")
    String create(@AuthenticationPrincipal CurrentPerson me, @RequestParam(defaultValue = "") String username,
            @RequestParam(defaultValue = "") String displayName, @RequestParam(defaultValue = "") List<String> roles,
            Model model, RedirectAttributes flash, HttpServletResponse response) {
        return new Answers("admin", "/admin/people", THING)
                .of(administration.createPerson(me, username, displayName, set(roles)), model, flash, response, () -> form(username, displayName, roles, model));
    }

    private static String form(String username, String displayName, List<String> ticked, Model model) {
        model.addAttribute("username", username).addAttribute("displayName", displayName)
                .addAttribute("ticked", ticked).addAttribute("roles", RoleWords.ALL);
        return "identity/people/new";
    }

    @GetMapping("/admin/people/{username}")
    String show(@AuthenticationPrincipal CurrentPerson me, @PathVariable String username, Model model) {
        Directory.Entry person = known(username);
        model.addAttribute("person", person).addAttribute("roles", RoleWords.ALL)
                .addAttribute("fullName", person.username() + "@" + me.tenantSlug())
                .addAttribute("myself", person.id().equals(me.id()))
                .addAttribute("linking", provider.linking(person.id()));
        return "identity/people/show";
    }

    @PostMapping("/admin/people/{username}/roles")
    String setRoles(@AuthenticationPrincipal CurrentPerson me, @PathVariable String username, @RequestParam(defaultValue = "") List<String> roles,
            Model model, RedirectAttributes flash, HttpServletResponse response) {
        return back(username).of(administration.setRoles(me, username, RoleWords.parse(roles)), model, flash, response, () -> show(me, username, model));
    }

    @GetMapping("/admin/people/{username}/deactivation")
    String askToDeactivate(@PathVariable String username, Model model) {
        Directory.Entry person = known(username);
        model.addAttribute("ask", new Confirmation("admin", "Deactivate " + person.displayName() + "?",
                "They are signed out, their tokens stop, and they count in no stage. What they did stays on the record. You can reactivate them.",
                "Deactivate", back(username).back() + "/deactivation", back(username).back(), true, false, Map.of()));
        return "layout/confirm";
    }

    @PostMapping("/admin/people/{username}/deactivation")
    String deactivate(@AuthenticationPrincipal CurrentPerson me, @PathVariable String username, Model model, RedirectAttributes flash, HttpServletResponse response) {
        return back(username).of(administration.deactivate(me, username), model, flash, response, () -> show(me, username, model));
    }

    @PostMapping("/admin/people/{username}/reactivation")
    String reactivate(@AuthenticationPrincipal CurrentPerson me, @PathVariable String username, Model model, RedirectAttributes flash, HttpServletResponse response) {
        return back(username).of(administration.reactivate(me, username), model, flash, response, () -> show(me, username, model));
    }

    @GetMapping("/admin/people/{username}/erasure")
    String askToErase(@PathVariable String username, Model model) {
        return erasure(username, "", "", model);
    }

    /// Leads to the list: the page of that name is gone.
    @PostMapping("/admin/people/{username}/erasure")
    String erase(@AuthenticationPrincipal CurrentPerson me, @PathVariable String username, @RequestParam(defaultValue = "") String name,
            @RequestParam(defaultValue = "") String reason, Model model, RedirectAttributes flash, HttpServletResponse response) {
        return new Answers("admin", "/admin/people", THING)
                .of(administration.erase(me, username, name, reason), model, flash, response, () -> erasure(username, name, reason, model));
    }

    private String erasure(String username, String name, String reason, Model model) {
        model.addAttribute("person", known(username)).addAttribute("name", name).addAttribute("reason", reason);
        return "identity/people/erasure";
    }

    @GetMapping("/admin/people/{username}/password")
    String askForPassword(@PathVariable String username, Model model) {
        Directory.Entry person = known(username);
        model.addAttribute("ask", new Confirmation("admin", "Give " + person.displayName() + " a new password?",
                "The present one stops working and every session of theirs ends. The new one is made by chance and shown to you once; the record says that you did it.",
                "Make a new password", back(username).back() + "/password", back(username).back(), true, false, Map.of()));
        return "layout/confirm";
    }

    @PostMapping("/admin/people/{username}/password")
    String resetPassword(@AuthenticationPrincipal CurrentPerson me, @PathVariable String username, Model model, RedirectAttributes flash, HttpServletResponse response) {
        return back(username).of(administration.resetPassword(me, username), model, flash, response, () -> show(me, username, model));
    }

    @PostMapping("/admin/people/{username}/link-code")
    String makeLinkCode(@AuthenticationPrincipal CurrentPerson me, @PathVariable String username, Model model, RedirectAttributes flash, HttpServletResponse response) {
        return back(username).of(provider.makeCode(me, username), model, flash, response, () -> show(me, username, model));
    }

    @GetMapping("/admin/people/{username}/unlinking")
    String askToUnlink(@PathVariable String username, Model model) {
        Directory.Entry person = known(username);
        model.addAttribute("ask", new Confirmation("admin", "Unlink the account of " + person.displayName() + "?",
                "Whoever is signed in as them by the provider is out at the next request, and a code that was made for them no longer does. To come in by it again they need a new code.",
                "Unlink", back(username).back() + "/unlinking", back(username).back(), true, false, Map.of()));
        return "layout/confirm";
    }

    @PostMapping("/admin/people/{username}/unlinking")
    String unlink(@AuthenticationPrincipal CurrentPerson me, @PathVariable String username, Model model, RedirectAttributes flash, HttpServletResponse response) {
        return back(username).of(provider.unlink(me, username), model, flash, response, () -> show(me, username, model));
    }

    /// Only a name that exists is ever put into an address.
    private Answers back(String username) {
        return new Answers("admin", "/admin/people/" + known(username).username(), THING);
    }

    private Directory.Entry known(String username) {
        return directory.person(username).orElseThrow(() -> new Problem.NotFound(THING));
    }

    private static Set<Role> set(List<String> words) {
        List<Role> roles = RoleWords.parse(words);
        return roles.isEmpty() ? Set.of() : EnumSet.copyOf(roles);
    }
}
