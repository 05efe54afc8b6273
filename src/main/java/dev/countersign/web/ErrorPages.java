package dev.countersign.web;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;

/// What the container sends here: refusals of filters and of the container itself, and accidents outside of controllers.
@Controller
class ErrorPages implements ErrorController {
    /// What a filter of ours sent here instead of throwing it.
    static final String REFUSAL = ErrorPages.class.getName() + ".refusal";

    @RequestMapping("${spring.web.error.path:/error}")
    Object error(HttpServletRequest request, HttpServletResponse response) {
        int status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer code ? code : 404;
        String path = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI) instanceof String uri ? uri : "/";
        Problem problem = problem(status, cause(request));
        if (cause(request) instanceof Throwable thrown) ProblemAdvice.warn(problem, root(thrown), request);
        String reference = problem.status() == ProblemCode.BROKEN.status()
                ? ProblemAdvice.log(cause(request) instanceof Throwable thrown ? thrown : new IllegalStateException("status " + status), request)
                : null;
        return ProblemAnswers.answer(problem, reference, path, request, response);
    }

    private static Problem problem(int status, @Nullable Throwable thrown) {
        return status >= 500 && thrown != null ? ProblemAdvice.problem(root(thrown)) : ProblemAdvice.plain(status);
    }

    /// Filters wrap; the first cause that we know speaks.
    static Throwable root(Throwable thrown) {
        Throwable at = thrown;
        while (ProblemAdvice.problem(at).status() == 500 && at.getCause() != null) at = at.getCause();
        return at;
    }

    private static @Nullable Throwable cause(HttpServletRequest request) {
        if (request.getAttribute(REFUSAL) instanceof Throwable refusal) return refusal;
        return request.getAttribute(RequestDispatcher.ERROR_EXCEPTION) instanceof Throwable thrown ? thrown : null;
    }
}
