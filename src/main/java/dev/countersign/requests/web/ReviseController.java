package dev.countersign.requests.web;

import dev.countersign.catalog.MeshCatalog;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.requests.Draft;
import dev.countersign.requests.Foresight;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestSettings;
import dev.countersign.requests.RequestState;
import dev.countersign.requests.RequestView;
import dev.countersign.requests.Revising;
import dev.countersign.web.FieldErrors;
import dev.countersign.web.Htmx;
import dev.countersign.web.Notice;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.OptionalInt;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/// Changing one's own open request: the same form, filled; sending it makes a new version and voids every review.
@Controller
class ReviseController {
    private static final String NUMBER = "/requests/{number:[0-9]{1,18}}";

    private final RequestDesk desk;
    private final FormReader reader;
    private final RequestSettings settings;
    private final MeshCatalog catalog;

    ReviseController(RequestDesk desk, FormReader reader, RequestSettings settings, MeshCatalog catalog) {
        this.desk = desk;
        this.reader = reader;
        this.settings = settings;
        this.catalog = catalog;
    }

    @GetMapping(NUMBER + "/edit")
    String edit(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, Model model) {
        AskForm form = FormText.form(own(me, number));
        foresee(me, form, model);
        return page(number, form, FieldErrors.NONE, model);
    }

    @PostMapping(NUMBER + "/preview")
    String preview(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, HttpServletRequest request, Model model) {
        own(me, number);
        AskForm form = AskForm.of(request.getParameterMap());
        page(number, form, foresee(me, form, model), model);
        return Htmx.asks(request) ? "requests/_foresight :: foresight" : "requests/new";
    }

    @PostMapping(NUMBER + "/edit")
    String submit(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, HttpServletRequest request,
            HttpServletResponse response, Model model, RedirectAttributes redirect) {
        own(me, number);
        AskForm form = AskForm.of(request.getParameterMap());
        String button = String.valueOf(request.getParameter("do"));
        if (!button.equals("submit")) {
            AskForm changed = FormButtons.press(button, form);
            FieldErrors errors = foresee(me, changed, model);
            return page(number, changed, button.equals("preview") ? errors : FieldErrors.NONE, model);
        }
        return switch (reader.read(form)) {
            case FormReader.Reading.Unreadable(FieldErrors errors) -> refused(number, form, errors, response, model);
            case FormReader.Reading.Read(Draft draft, FormReader.Rows rows) -> switch (desk.revise(me, number, draft, version(form))) {
                case Revising.Revised(int version) -> {
                    redirect.addFlashAttribute("notice", Notice.done("Version " + version + " stands.", "It needs every agreement anew."));
                    yield SeeOther.to(request, "/requests/" + number);
                }
                case Revising.Refused(Foresight foresight) -> {
                    model.addAttribute("foresight", ForesightPage.of(foresight));
                    yield refused(number, form, rows.errors(foresight.refusals()), response, model);
                }
                case Revising.Stale(int version) -> throw new Problem.Conflict("Version " + version + " of request " + number
                        + " stands now. Open it again and change that one.");
                case Revising.NotOpen(RequestState state) -> throw new Problem.Conflict("Request " + number + " is "
                        + RequestPageWords.word(state) + ". Ask again with a new request.");
                case Revising.NotYours() -> throw new Problem.Forbidden("Only the person who asked changes request " + number + ".");
                case Revising.Unknown() -> throw new Problem.NotFound("request " + number);
            };
        };
    }

    private RequestView own(CurrentPerson me, long number) {
        RequestView request = desk.find(number).orElseThrow(() -> new Problem.NotFound("request " + number));
        if (!request.requester().id().equals(me.id())) {
            throw new Problem.Forbidden("Only the person who asked changes request " + number + ". Ask for changes when you decide on it.");
        }
        if (request.state().terminal()) {
            throw new Problem.Conflict("Request " + number + " is " + RequestPageWords.word(request.state()) + ". Ask again with a new request.");
        }
        return request;
    }

    private FieldErrors foresee(CurrentPerson me, AskForm form, Model model) {
        return switch (reader.read(form)) {
            case FormReader.Reading.Unreadable(FieldErrors errors) -> errors;
            case FormReader.Reading.Read(Draft draft, FormReader.Rows rows) -> {
                Foresight foresight = desk.preview(me, draft);
                model.addAttribute("foresight", ForesightPage.of(foresight));
                yield rows.errors(foresight.refusals());
            }
        };
    }

    private String refused(long number, AskForm form, FieldErrors errors, HttpServletResponse response, Model model) {
        response.setStatus(422);
        return page(number, form, errors, model);
    }

    private String page(long number, AskForm form, FieldErrors errors, Model model) {
        model.addAttribute("form", form).addAttribute("errors", errors)
                .addAttribute("page", AskPage.change(number, catalog, settings.current(), form));
        return "requests/new";
    }

    private static OptionalInt version(AskForm form) {
        return form.version().matches("[0-9]{1,9}") ? OptionalInt.of(Integer.parseInt(form.version())) : OptionalInt.empty();
    }
}
