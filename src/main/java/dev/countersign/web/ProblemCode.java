package dev.countersign.web;

import java.util.Arrays;

/// The answers of HTTP that are not what was asked for, each with its code (CS9 and the status), its title and what to do.
/// Codes are never reused; `/help/CS9404` explains one.
enum ProblemCode {
    UNREADABLE(400, "This could not be read", "The request is not well formed. Check it against the documentation and send it again."),
    SIGNED_OUT(401, "You are not signed in", "Sign in, or send a valid token, and try again."),
    FORBIDDEN(403, "This is not yours to do", "Your roles do not allow it. Ask an administrator of your tenant, or sign in as somebody else. If you sent a form that stood open for long, load its page again first."),
    NOT_FOUND(404, "There is nothing here", "The address is wrong, the thing is gone, or it belongs to another tenant. Start again from the home page."),
    METHOD_NOT_ALLOWED(405, "This address does not take that", "The address exists but not for this method. Use the link or form that leads here."),
    NOT_ACCEPTABLE(406, "Not in that form", "The answer cannot be given in the media type you accept. Accept application/json or text/html."),
    CONFLICT(409, "It changed meanwhile", "Somebody else was quicker. Load the newer version and decide again."),
    GONE(410, "This is over", "It existed and has ended. Start again from the list."),
    LENGTH_REQUIRED(411, "How long is it?", "Send the length of the body (Content-Length) instead of sending it in pieces."),
    PRECONDITION_FAILED(412, "You have an older version", "Load the newer version and send your change again."),
    TOO_LARGE(413, "This is too large", "Forms may hold 64 kB and documents 1 MB. Shorten it and send it again."),
    UNSUPPORTED(415, "Not in that form", "Send application/json to the API, or use the form of the page."),
    REFUSED(422, "Understood, and refused", "Change what is named and send it again."),
    PRECONDITION_REQUIRED(428, "Which version do you change?", "Send If-Match with the ETag of the version you saw."),
    TOO_OFTEN(429, "That was too often", "Wait a little and try again."),
    BROKEN(500, "Something broke on our side", "Nothing more was changed than you can see. Try again; if it stays, tell your operator the reference below."),
    UNAVAILABLE(503, "Not answering right now", "Something we need does not answer. Nothing was changed. Try again in a moment.");

    private final int status;
    private final String title;
    private final String advice;

    ProblemCode(int status, String title, String advice) {
        this.status = status;
        this.title = title;
        this.advice = advice;
    }

    int status() {
        return status;
    }

    String code() {
        return "CS9" + status;
    }

    String title() {
        return title;
    }

    String advice() {
        return advice;
    }

    /// The nearest code: itself, else the general one of its hundred.
    static ProblemCode of(int status) {
        return Arrays.stream(values())
                .filter(code -> code.status == status)
                .findFirst()
                .orElse(status >= 500 ? BROKEN : UNREADABLE);
    }
}
