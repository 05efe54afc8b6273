package dev.countersign.approval.web;

import dev.countersign.approval.ApprovalRules;
import dev.countersign.approval.RuleForm;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.requests.AskFact;
import dev.countersign.web.Notice;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/// The approval rules of the tenant: read, written, put in order. Every form carries the version that was looked at, so that
/// nobody overwrites what somebody else just changed.
@Controller
class RulesController {
    private static final int STAGES = 6;

    private final ApprovalRules rules;

    RulesController(ApprovalRules rules) {
        this.rules = rules;
    }

    @GetMapping("/admin/rules")
    String index(Model model) {
        model.addAttribute("present", rules.present());
        return "approval/rules/index";
    }

    @GetMapping("/admin/rules/new")
    String add(Model model) {
        RuleForm blank = new RuleForm("", false, List.of(), List.of(new RuleForm.StageForm("Owner", 1, "owner")), false);
        return form(model, 0, blank, rules.present().version());
    }

    @GetMapping("/admin/rules/{place:[0-9]{1,2}}")
    String edit(@PathVariable int place, Model model) {
        ApprovalRules.Present present = rules.present();
        if (place < 1 || place > present.rules().size()) {
            throw new Problem.NotFound("rule " + place);
        }
        return form(model, place, present.rules().get(place - 1), present.version());
    }

    /// Place 0 is a new rule, put before the last one, which takes every request.
    @PostMapping("/admin/rules/{place:[0-9]{1,2}}")
    String save(@AuthenticationPrincipal CurrentPerson me, @PathVariable int place, @RequestParam int base, @RequestParam MultiValueMap<String, String> form,
            HttpServletResponse response, RedirectAttributes flash, Model model) {
        RuleForm written = written(form);
        List<RuleForm> next = new ArrayList<>(rules.present().rules());
        if (place > next.size()) {
            throw new Problem.NotFound("rule " + place);
        }
        if (place == 0) {
            next.add(written.when().isEmpty() ? next.size() : next.size() - 1, written);
        } else {
            next.set(place - 1, written);
        }
        String what = place == 0 ? "added \"" + written.name() + "\"" : "set \"" + written.name() + "\"";
        return switch (rules.change(me, base, next, what)) {
            case ApprovalRules.Change.Changed(int version) -> changed(flash, version);
            case ApprovalRules.Change.Refused(String message) -> again(model, place, written, base, message, HttpStatus.UNPROCESSABLE_CONTENT, response);
            case ApprovalRules.Change.Stale(int version, String message) -> again(model, place, written, base, message, HttpStatus.CONFLICT, response);
            case ApprovalRules.Change.NotYours(String message) -> throw new Problem.Forbidden(message);
        };
    }

    @PostMapping("/admin/rules/{place:[0-9]{1,2}}/move")
    String move(@AuthenticationPrincipal CurrentPerson me, @PathVariable int place, @RequestParam int base, @RequestParam String to, RedirectAttributes flash) {
        List<RuleForm> next = new ArrayList<>(rules.present().rules());
        int other = to.equals("up") ? place - 1 : place + 1;
        if (place < 1 || place > next.size() || other < 1 || other > next.size()) {
            throw new Problem.NotFound("place for rule " + place);
        }
        Collections.swap(next, place - 1, other - 1);
        return settled(rules.change(me, base, next, "moved \"" + next.get(other - 1).name() + "\" " + (to.equals("up") ? "up" : "down")), flash);
    }

    @PostMapping("/admin/rules/{place:[0-9]{1,2}}/removal")
    String remove(@AuthenticationPrincipal CurrentPerson me, @PathVariable int place, @RequestParam int base, RedirectAttributes flash) {
        List<RuleForm> next = new ArrayList<>(rules.present().rules());
        if (place < 1 || place > next.size()) {
            throw new Problem.NotFound("rule " + place);
        }
        RuleForm gone = next.remove(place - 1);
        return settled(rules.change(me, base, next, "removed \"" + gone.name() + "\""), flash);
    }

    private static String settled(ApprovalRules.Change change, RedirectAttributes flash) {
        return switch (change) {
            case ApprovalRules.Change.Changed(int version) -> changed(flash, version);
            case ApprovalRules.Change.Refused(String message) -> refused(flash, message);
            case ApprovalRules.Change.Stale(int version, String message) -> refused(flash, message);
            case ApprovalRules.Change.NotYours(String message) -> throw new Problem.Forbidden(message);
        };
    }

    private static String changed(RedirectAttributes flash, int version) {
        flash.addFlashAttribute("notice", Notice.done("Saved.", "Version " + version + " of the rules holds for what is submitted from now on."));
        return "redirect:/admin/rules";
    }

    private static String refused(RedirectAttributes flash, String message) {
        flash.addFlashAttribute("notice", Notice.fails("Nothing was changed.", message));
        return "redirect:/admin/rules";
    }

    private static String again(Model model, int place, RuleForm written, int base, String message, HttpStatus status, HttpServletResponse response) {
        response.setStatus(status.value());
        model.addAttribute("refused", message);
        return form(model, place, written, base);
    }

    private static String form(Model model, int place, RuleForm rule, int base) {
        List<RuleForm.StageForm> stages = new ArrayList<>(rule.stages());
        if (stages.size() < STAGES) {
            stages.add(new RuleForm.StageForm("", 1, ""));
        }
        model.addAttribute("place", place)
                .addAttribute("rule", rule)
                .addAttribute("stages", stages)
                .addAttribute("base", base)
                .addAttribute("facts", RuleForm.facts());
        return "approval/rules/edit";
    }

    /// Lines without name and people are left out; anything else that is wrong is for the desk to say.
    private static RuleForm written(MultiValueMap<String, String> form) {
        List<AskFact> when = values(form, "when").stream()
                .flatMap(word -> Arrays.stream(AskFact.values()).filter(fact -> fact.name().equals(word)))
                .distinct()
                .toList();
        List<String> names = values(form, "stage");
        List<String> needed = values(form, "needed");
        List<String> eligible = values(form, "eligible");
        List<RuleForm.StageForm> stages = new ArrayList<>();
        for (int i = 0; i < names.size() && i < needed.size() && i < eligible.size(); i++) {
            if (!names.get(i).isBlank() || !eligible.get(i).isBlank()) {
                stages.add(new RuleForm.StageForm(names.get(i), needed.get(i).matches("[0-9]{1,3}") ? Integer.parseInt(needed.get(i)) : 0, eligible.get(i)));
            }
        }
        return new RuleForm(String.join("", values(form, "name")), values(form, "match").contains("all"), when, stages, values(form, "comment").contains("true"));
    }

    private static List<String> values(MultiValueMap<String, String> form, String name) {
        return form.getOrDefault(name, List.of());
    }
}
