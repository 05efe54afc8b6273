package dev.countersign.requests.web;

import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.HttpStatus;
import org.springframework.web.servlet.View;

/// The answer to a form that succeeded: 303, so that reloading the next page sends nothing twice.
final class SeeOther {
    private SeeOther() {}

    /// The view name that leads to a path of this portal.
    static String to(HttpServletRequest request, String path) {
        request.setAttribute(View.RESPONSE_STATUS_ATTRIBUTE, HttpStatus.SEE_OTHER);
        return "redirect:" + path;
    }
}
