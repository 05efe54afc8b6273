package dev.countersign.requests.web;

import dev.countersign.catalog.MeshCatalog;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.requests.Draft;
import dev.countersign.requests.Foresight;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestSettings;
import dev.countersign.requests.Submission;
import dev.countersign.web.FieldErrors;
import dev.countersign.web.Htmx;
import dev.countersign.web.Notice;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/// Asking: one form, which works without script by its buttons and foresees while typing with it.
@Controller
class AskController {
    private static final String PAGE = "requests/new";

    private final RequestDesk desk;
    private final FormReader reader;
    private final RequestSettings settings;
    private final MeshCatalog catalog;

    AskController(RequestDesk desk, FormReader reader, RequestSettings settings, MeshCatalog catalog) {
        this.desk = desk;
        this.reader = reader;
        this.settings = settings;
        this.catalog = catalog;
    }

    @GetMapping("/requests/new")
    String fresh(@AuthenticationPrincipal CurrentPerson me, HttpServletRequest request, Model model) {
        AskForm form = AskForm.fresh(request.getParameterMap(), settings.current().reasonTemplate());
        foresee(me, form, model);
        // What is missing in a form that nobody has sent is no error yet.
        return page(form, FieldErrors.NONE, model);
    }

    @PostMapping("/requests/preview")
    String preview(@AuthenticationPrincipal CurrentPerson me, HttpServletRequest request, Model model) {
        AskForm form = AskForm.of(request.getParameterMap());
        FieldErrors errors = foresee(me, form, model);
        page(form, errors, model);
        return Htmx.asks(request) ? "requests/_foresight :: foresight" : PAGE;
    }

    @PostMapping("/requests")
    String submit(@AuthenticationPrincipal CurrentPerson me, HttpServletRequest request, HttpServletResponse response, Model model,
            RedirectAttributes redirect) {
        AskForm form = AskForm.of(request.getParameterMap());
        String button = String.valueOf(request.getParameter("do"));
        if (!button.equals("submit")) {
            AskForm changed = FormButtons.press(button, form);
            FieldErrors errors = foresee(me, changed, model);
            return page(changed, button.equals("preview") ? errors : FieldErrors.NONE, model);
        }
        return switch (reader.read(form)) {
            case FormReader.Reading.Unreadable(FieldErrors errors) -> refused(form, errors, response, model);
            case FormReader.Reading.Read(Draft draft, FormReader.Rows rows) -> switch (desk.submitOnce(me, FormButtons.key(form), draft)) {
                case Submission.Submitted(long number) -> {
                    redirect.addFlashAttribute("notice", Notice.done("Submitted.", "This is request " + number + "; follow it here."));
                    yield SeeOther.to(request, "/requests/" + number);
                }
                case Submission.Refused(Foresight foresight) -> {
                    model.addAttribute("foresight", ForesightPage.of(foresight));
                    yield refused(form, rows.errors(foresight.refusals()), response, model);
                }
            };
        };
    }

    private String refused(AskForm form, FieldErrors errors, HttpServletResponse response, Model model) {
        response.setStatus(422);
        return page(form, errors, model);
    }

    /// Puts the foresight of a form that can be read into the model; answers what is wrong with it otherwise.
    private FieldErrors foresee(CurrentPerson me, AskForm form, Model model) {
        if (form.untouched()) {
            return FieldErrors.NONE;
        }
        return switch (reader.read(form)) {
            case FormReader.Reading.Unreadable(FieldErrors errors) -> errors;
            case FormReader.Reading.Read(Draft draft, FormReader.Rows rows) -> {
                Foresight foresight = desk.preview(me, draft);
                model.addAttribute("foresight", ForesightPage.of(foresight));
                yield rows.errors(foresight.refusals());
            }
        };
    }

    private String page(AskForm form, FieldErrors errors, Model model) {
        model.addAttribute("form", form).addAttribute("errors", errors)
                .addAttribute("page", AskPage.fresh(catalog, settings.current(), form));
        return PAGE;
    }
}
