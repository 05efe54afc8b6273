package dev.countersign.identity.web;

import dev.countersign.identity.Administering;
import dev.countersign.web.FieldErrors;
import dev.countersign.web.Notice;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletResponse;
import java.util.function.Supplier;
import org.springframework.http.HttpStatus;
import org.springframework.ui.Model;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/// How the outcome of an administrator's wish becomes an answer: done leads on, a new password is shown once on a page of its
/// own (never by way of the session, which is stored), refused draws the form again, unknown is 404.
public record Answers(String section, String back, String thing) {
    String of(Administering outcome, Model model, RedirectAttributes flash, HttpServletResponse response, Supplier<String> again) {
        return switch (outcome) {
            case Administering.Done done -> {
                flash.addFlashAttribute("notice", Notice.done(done.title(), done.text()));
                yield "redirect:" + back;
            }
            case Administering.NewPassword made -> {
                model.addAttribute("section", section).addAttribute("made", made).addAttribute("back", back);
                yield "identity/_secret";
            }
            case Administering.LinkCode made -> {
                model.addAttribute("section", section).addAttribute("made", made).addAttribute("back", back);
                yield "identity/people/_code";
            }
            case Administering.Refused refused -> {
                response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
                model.addAttribute("errors", FieldErrors.NONE.with(refused.field(), refused.why()));
                yield again.get();
            }
            case Administering.Unknown unknown -> throw new Problem.NotFound(thing);
        };
    }
}
