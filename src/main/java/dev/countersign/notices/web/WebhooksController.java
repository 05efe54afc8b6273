package dev.countersign.notices.web;

import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Role;
import dev.countersign.notices.Webhook;
import dev.countersign.notices.WebhookChange;
import dev.countersign.notices.WebhookDelivery;
import dev.countersign.notices.WebhookDesk;
import dev.countersign.web.Confirmation;
import dev.countersign.web.FieldErrors;
import dev.countersign.web.Notice;
import dev.countersign.web.Problem;
import dev.countersign.web.Words;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/// Webhooks: registered, changed, looked after. For administrators of the tenant.
@Controller
class WebhooksController {
    private static final String PAGE = "/admin/webhooks";
    private static final String ONE = PAGE + "/{number:[0-9]{1,18}}";
    private static final String EVENT = ONE + "/events/{entry:[0-9]{1,18}}";
    private static final int ATTEMPTS = 20;
    private static final int LETTERS = 50;

    private final WebhookDesk desk;

    WebhooksController(WebhookDesk desk) {
        this.desk = desk;
    }

    @GetMapping(PAGE)
    String index(@AuthenticationPrincipal CurrentPerson me, Model model) {
        requireAdministrator(me);
        model.addAttribute("webhooks", desk.list().stream().map(WebhookView::of).toList()).addAttribute("most", WebhookDesk.MOST);
        return "notices/webhooks/index";
    }

    @GetMapping(PAGE + "/new")
    String fresh(@AuthenticationPrincipal CurrentPerson me, Model model) {
        requireAdministrator(me);
        return form("notices/webhooks/new", WebhookForm.fresh(), model);
    }

    @PostMapping(PAGE)
    String register(@AuthenticationPrincipal CurrentPerson me, @RequestParam(defaultValue = "") String name, @RequestParam(defaultValue = "") String url,
            @RequestParam(defaultValue = "") List<String> types, Model model, RedirectAttributes flash, HttpServletResponse response) {
        WebhookForm form = WebhookForm.typed(name, url, types);
        return answered(desk.register(me, form.setting()), model, flash, response, () -> form("notices/webhooks/new", form, model));
    }

    @GetMapping(ONE)
    String show(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, Model model) {
        Webhook webhook = webhook(me, number);
        model.addAttribute("view", WebhookView.of(webhook))
                .addAttribute("attempts", desk.recent(webhook, ATTEMPTS).stream().map(WebhookView.AttemptLine::of).toList())
                .addAttribute("letters", lines(webhook, WebhookDelivery.State.DEAD))
                .addAttribute("waiting", lines(webhook, WebhookDelivery.State.WAITING));
        return "notices/webhooks/show";
    }

    private List<WebhookView.Line> lines(Webhook webhook, WebhookDelivery.State state) {
        return desk.deliveries(webhook, Set.of(state), Optional.empty(), LETTERS).stream().map(WebhookView.Line::of).toList();
    }

    @GetMapping(ONE + "/edit")
    String edit(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, Model model) {
        Webhook webhook = webhook(me, number);
        model.addAttribute("webhook", webhook).addAttribute("base", webhook.version());
        return form("notices/webhooks/edit", WebhookForm.of(webhook), model);
    }

    @PostMapping(ONE)
    String change(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @RequestParam int base, @RequestParam(defaultValue = "") String name,
            @RequestParam(defaultValue = "") String url, @RequestParam(defaultValue = "") List<String> types, Model model, RedirectAttributes flash,
            HttpServletResponse response) {
        WebhookForm form = WebhookForm.typed(name, url, types);
        Webhook webhook = webhook(me, number);
        return answered(desk.change(me, number, base, form.setting(), webhook.disabled().isEmpty()), model, flash, response, () -> {
            model.addAttribute("webhook", webhook).addAttribute("base", base);
            return form("notices/webhooks/edit", form, model);
        });
    }

    @PostMapping(ONE + "/enabling")
    String enable(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @RequestParam boolean on, Model model, RedirectAttributes flash,
            HttpServletResponse response) {
        return answered(desk.enable(me, number, on), model, flash, response, () -> show(me, number, model));
    }

    @GetMapping(ONE + "/secret")
    String askForSecret(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, Model model) {
        Webhook webhook = webhook(me, number);
        model.addAttribute("ask", new Confirmation("admin", "Make a new secret for " + webhook.name() + "?",
                "The new one signs from then on. For 24 hours the present one signs beside it, so that the receiver can change over; a secret that is older stops at once.",
                "Make a new secret", PAGE + "/" + number + "/secret", PAGE + "/" + number, false, false, Map.of()));
        return "layout/confirm";
    }

    @PostMapping(ONE + "/secret")
    String rotate(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, Model model, RedirectAttributes flash, HttpServletResponse response) {
        return answered(desk.rotate(me, number), model, flash, response, () -> show(me, number, model));
    }

    @PostMapping(ONE + "/test")
    String test(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, Model model, RedirectAttributes flash, HttpServletResponse response) {
        return answered(desk.test(me, number), model, flash, response, () -> show(me, number, model));
    }

    @GetMapping(ONE + "/removal")
    String askForRemoval(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, Model model) {
        Webhook webhook = webhook(me, number);
        model.addAttribute("ask", new Confirmation("admin", "Remove the webhook " + webhook.name() + "?",
                "Nothing is sent to " + webhook.origin() + " any more, and what waits for it is never sent. Its secret is forgotten at once.",
                "Remove it", PAGE + "/" + number + "/removal", PAGE + "/" + number, true, false, Map.of()));
        return "layout/confirm";
    }

    @PostMapping(ONE + "/removal")
    String remove(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, RedirectAttributes flash) {
        return switch (desk.remove(me, number)) {
            case WebhookChange.Changed ignored -> {
                flash.addFlashAttribute("notice", Notice.done("Removed.", "Nothing is sent to it any more."));
                yield "redirect:" + PAGE;
            }
            case WebhookChange.NotYours(String message) -> throw new Problem.Forbidden(message);
            case WebhookChange other -> throw new Problem.NotFound("webhook " + number);
        };
    }

    @PostMapping(ONE + "/redelivery")
    String sendAllAgain(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, Model model, RedirectAttributes flash, HttpServletResponse response) {
        return answered(desk.sendAgain(me, number, Optional.empty()), model, flash, response, () -> show(me, number, model));
    }

    @GetMapping(EVENT)
    String event(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @PathVariable long entry, Model model) {
        Webhook webhook = webhook(me, number);
        WebhookDelivery.Story story = desk.delivery(webhook, entry).orElseThrow(() -> new Problem.NotFound("event " + entry + " of this webhook"));
        model.addAttribute("webhook", webhook)
                .addAttribute("line", WebhookView.Line.of(story.delivery()))
                .addAttribute("attempts", story.attempts().stream().map(WebhookView.AttemptLine::of).toList());
        return "notices/webhooks/event";
    }

    @PostMapping(EVENT + "/redelivery")
    String sendAgain(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @PathVariable long entry, Model model, RedirectAttributes flash,
            HttpServletResponse response) {
        return answered(desk.sendAgain(me, number, Optional.of(entry)), model, flash, response, () -> event(me, number, entry, model));
    }

    @PostMapping(EVENT + "/discard")
    String discard(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, @PathVariable long entry, Model model, RedirectAttributes flash,
            HttpServletResponse response) {
        return switch (desk.discard(me, number, entry)) {
            case WebhookChange.Decided ignored -> {
                flash.addFlashAttribute("notice", Notice.done("Discarded.", "Event " + entry + " is not sent; what waited for it goes on."));
                yield "redirect:" + PAGE + "/" + number;
            }
            case WebhookChange other -> answered(other, model, flash, response, () -> event(me, number, entry, model));
        };
    }

    private String answered(WebhookChange outcome, Model model, RedirectAttributes flash, HttpServletResponse response, Supplier<String> again) {
        return switch (outcome) {
            case WebhookChange.Registered(long number, String secret) -> secret(number, secret, false, model, response);
            case WebhookChange.Rotated(long number, String secret) -> secret(number, secret, true, model, response);
            case WebhookChange.Changed(long number) -> to(number, Notice.done("Saved.", "It holds from now on."), flash);
            case WebhookChange.Tested(long number, long entry) -> to(number, Notice.done("On its way.", "Event " + entry + " is a test. See below what the receiver answers."), flash);
            case WebhookChange.Decided(long number, int letters, int left) -> to(number, Notice.done("Sent again.", Words.count(letters, "dead letter waits", "dead letters wait")
                    + " for the receiver" + (left == 0 ? "." : "; " + left + " more are left.")), flash);
            case WebhookChange.Refused(List<WebhookChange.Problem> problems) -> {
                FieldErrors errors = FieldErrors.NONE;
                for (WebhookChange.Problem problem : problems) {
                    errors = errors.with(problem.field(), problem.message());
                }
                model.addAttribute("errors", errors);
                response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
                yield again.get();
            }
            case WebhookChange.Conflict(String message) -> refused(message, model, response, again);
            case WebhookChange.Stale(String message) -> refused(message, model, response, again);
            case WebhookChange.NotYours(String message) -> throw new Problem.Forbidden(message);
            case WebhookChange.Unknown(String what) -> throw new Problem.NotFound(what);
        };
    }

    private static String refused(String message, Model model, HttpServletResponse response, Supplier<String> again) {
        response.setStatus(HttpStatus.CONFLICT.value());
        model.addAttribute("refused", message);
        return again.get();
    }

    /// In the answer itself: a redirect would keep it in the session.
    private static String secret(long number, String secret, boolean rotated, Model model, HttpServletResponse response) {
        response.setHeader("Cache-Control", "no-store");
        model.addAttribute("number", number).addAttribute("secret", secret).addAttribute("rotated", rotated);
        return "notices/webhooks/secret";
    }

    private static String to(long number, Notice notice, RedirectAttributes flash) {
        flash.addFlashAttribute("notice", notice);
        return "redirect:" + PAGE + "/" + number;
    }

    private static String form(String view, WebhookForm form, Model model) {
        model.addAttribute("form", form).addAttribute("families", WebhookForm.families());
        return view;
    }

    private Webhook webhook(CurrentPerson me, long number) {
        requireAdministrator(me);
        return desk.find(number).orElseThrow(() -> new Problem.NotFound("webhook " + number));
    }

    /// The path is closed to others already; this holds wherever the method is called from.
    private static void requireAdministrator(CurrentPerson me) {
        if (!me.is(Role.ADMINISTRATOR)) {
            throw new Problem.Forbidden(WebhookDesk.ADMINISTRATORS);
        }
    }
}
