package dev.countersign.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/// htmx speaks by headers; these are the few that the rooms use. A controller writes
/// `return Htmx.view(request, "requests/index", "rows")`: the page for a browser, the fragment for htmx, one template.
public final class Htmx {
    private Htmx() {}

    /// Asked by htmx for a part, not while restoring history, which needs the whole page.
    public static boolean asks(HttpServletRequest request) {
        return "true".equals(request.getHeader("HX-Request"))
                && !"true".equals(request.getHeader("HX-History-Restore-Request"));
    }

    /// The view name: the template, or its fragment when htmx asks.
    public static String view(HttpServletRequest request, String template, String fragment) {
        return asks(request) ? template + " :: " + fragment : template;
    }

    /// Leads the whole page elsewhere after a part was sent.
    public static void redirect(HttpServletResponse response, String path) {
        response.setHeader("HX-Redirect", path);
    }

    /// Puts the answer in the place of the one element that the selector names, not where it was asked for.
    public static void instead(HttpServletResponse response, String selector) {
        response.setHeader("HX-Retarget", selector);
        response.setHeader("HX-Reswap", "outerHTML");
    }

    /// Wakes elements that listen with `hx-trigger="NAME from:body"`; the queue's count listens to `decided`.
    public static void trigger(HttpServletResponse response, String event) {
        response.setHeader("HX-Trigger", event);
    }
}
