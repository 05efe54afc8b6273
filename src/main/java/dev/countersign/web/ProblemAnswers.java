package dev.countersign.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.servlet.ModelAndView;

/// One problem, said in the manner of the one who asked: problem+json for the API, a notice for htmx (placed where nothing
/// that was typed is lost), a page for a browser.
final class ProblemAnswers {
    private ProblemAnswers() {}

    static Object answer(Problem problem, @Nullable String reference, String path, HttpServletRequest request, HttpServletResponse response) {
        problem.retryAfter().ifPresent(wait ->
                response.setHeader(HttpHeaders.RETRY_AFTER, Long.toString(Math.max(1, wait.toSeconds()))));
        if (isForPrograms(path, request)) return json(problem, reference);
        return Htmx.asks(request) ? notice(problem, reference, response) : page(problem, reference);
    }

    private static boolean isForPrograms(String path, HttpServletRequest request) {
        String accept = String.valueOf(request.getHeader(HttpHeaders.ACCEPT));
        return path.startsWith("/api/") || (accept.contains("json") && !accept.contains("html"));
    }

    private static ResponseEntity<ProblemDetail> json(Problem problem, @Nullable String reference) {
        ProblemDetail body = problem.document();
        if (reference != null) body.setProperty("reference", reference);
        return ResponseEntity.status(problem.status()).contentType(MediaType.APPLICATION_PROBLEM_JSON).body(body);
    }

    private static ModelAndView notice(Problem problem, @Nullable String reference, HttpServletResponse response) {
        response.setHeader("HX-Retarget", "#notices");
        response.setHeader("HX-Reswap", "innerHTML");
        String text = reference == null ? problem.detail() : problem.detail() + " Reference " + reference + ".";
        return view("error/notice", problem, reference)
                .addObject("problem", Notice.fails(problem.title() + ".", text));
    }

    private static ModelAndView page(Problem problem, @Nullable String reference) {
        return view(problem.status() < 500 ? "error/4xx" : "error/5xx", problem, reference).addObject("problem", problem);
    }

    private static ModelAndView view(String name, Problem problem, @Nullable String reference) {
        ModelAndView view = new ModelAndView(name).addObject("reference", reference);
        view.setStatus(HttpStatusCode.valueOf(problem.status()));
        return view;
    }
}
