package dev.countersign.identity.web;

import dev.countersign.identity.Administration;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Directory;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/// The teams of the tenant and who belongs to them. Teams own workloads, and members decide for what their team owns.
@Controller
class TeamsController {
    private static final String THING = "team of that name";

    private final Directory directory;
    private final Administration administration;

    TeamsController(Directory directory, Administration administration) {
        this.directory = directory;
        this.administration = administration;
    }

    @GetMapping("/admin/teams")
    String index(Model model) {
        return index("", "", model);
    }

    private String index(String slug, String name, Model model) {
        model.addAttribute("teams", directory.teams()).addAttribute("slug", slug).addAttribute("name", name);
        return "identity/teams/index";
    }

    @PostMapping("/admin/teams")
    String create(@AuthenticationPrincipal CurrentPerson me, @RequestParam(defaultValue = "") String slug, @RequestParam(defaultValue = "") String name,
            Model model, RedirectAttributes flash, HttpServletResponse response) {
        return new Answers("admin", "/admin/teams", THING)
                .of(administration.createTeam(me, slug, name), model, flash, response, () -> index(slug, name, model));
    }

    @GetMapping("/admin/teams/{slug}")
    String show(@PathVariable String slug, Model model) {
        return show(slug, "", model);
    }

    private String show(String slug, String person, Model model) {
        Directory.Team team = known(slug);
        model.addAttribute("team", team).addAttribute("members", directory.members(team.id())).addAttribute("person", person);
        return "identity/teams/show";
    }

    @PostMapping("/admin/teams/{slug}/members")
    String join(@AuthenticationPrincipal CurrentPerson me, @PathVariable String slug, @RequestParam(defaultValue = "") String person,
            Model model, RedirectAttributes flash, HttpServletResponse response) {
        return back(slug).of(administration.join(me, slug, person), model, flash, response, () -> show(slug, person, model));
    }

    @PostMapping("/admin/teams/{slug}/members/{username}/removal")
    String leave(@AuthenticationPrincipal CurrentPerson me, @PathVariable String slug, @PathVariable String username,
            Model model, RedirectAttributes flash, HttpServletResponse response) {
        return back(slug).of(administration.leave(me, slug, username), model, flash, response, () -> show(slug, "", model));
    }

    private Answers back(String slug) {
        return new Answers("admin", "/admin/teams/" + known(slug).slug(), THING);
    }

    private Directory.Team known(String slug) {
        return directory.team(slug).orElseThrow(() -> new Problem.NotFound(THING));
    }
}
