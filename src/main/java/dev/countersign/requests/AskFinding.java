package dev.countersign.requests;

import dev.countersign.requests.Finding.Severity;

/// The numbered registry of what asking says beyond the policy's own checks (`policy.check.FindingCode`, CS1…). Ordered; a number
/// is never reused.
public enum AskFinding {
    TARGET_OUTSIDE_MESH(2001, Severity.WARNING, "The service has no sidecar",
            "Without a sidecar, nothing stands before the service that could enforce a policy.",
            "Enable injection for the workload first, else the policy protects nothing."),
    TARGET_AMBIENT(2002, Severity.WARNING, "The service is in the ambient mesh",
            "Without a waypoint, only connections are seen there: a rule on methods, paths or hosts never matches.",
            "Ask for ports only, or put the workload behind a waypoint."),
    CALLER_OUTSIDE_MESH(2003, Severity.WARNING, "A caller has no sidecar",
            "Without a sidecar, the caller has no identity that a policy could name: its calls do not become allowed.",
            "Enable injection for the calling workload."),
    CALLER_RUNS_NOWHERE(2004, Severity.WARNING, "Nothing runs as a caller",
            "The service account exists, and no workload uses it.",
            "Check the service account, or go on if the service is deployed later."),
    ALREADY_ALLOWED(2005, Severity.INFO, "It is allowed already",
            "Every call that is asked for passes without this request.",
            "The access changes nothing today. Ask only if it should have a record and an end."),
    NOT_COMPILED(2006, Severity.ERROR, "No policy can be written for it",
            "What is asked for, together with what is granted already, does not become a policy that Istio accepts.",
            "Ask for less in one request."),
    WEAK_VERSION(2007, Severity.WARNING, "The cluster's Istio lets in more than the policies say",
            "The release of Istio there has a known fault, so that it lets calls through which the policies deny.",
            "Upgrade the mesh before this access is granted, or ask for it without what the fault concerns.");

    private final int number;
    private final Severity severity;
    private final String title;
    private final String meaning;
    private final String help;

    AskFinding(int number, Severity severity, String title, String meaning, String help) {
        this.number = number;
        this.severity = severity;
        this.title = title;
        this.meaning = meaning;
        this.help = help;
    }

    public String code() {
        return "CS" + number;
    }

    /// What is so, in a few words, of no particular request.
    public String title() {
        return title;
    }

    /// Why it matters, as one sentence.
    public String meaning() {
        return meaning;
    }

    /// What to do.
    public String help() {
        return help;
    }

    Finding at(String pointer, String message) {
        return new Finding(code(), severity, pointer, message, help);
    }
}
