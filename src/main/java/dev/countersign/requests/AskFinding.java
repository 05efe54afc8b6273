package dev.countersign.requests;

import dev.countersign.requests.Finding.Severity;

/// The numbered registry of what asking says beyond the policy's own checks (`policy.check.FindingCode`, CS1…). Ordered; a number
/// is never reused.
public enum AskFinding {
    TARGET_OUTSIDE_MESH(2001, Severity.WARNING, "Enable injection for the workload first, else the policy protects nothing."),
    TARGET_AMBIENT(2002, Severity.WARNING, "Ask for ports only, or put the workload behind a waypoint."),
    CALLER_OUTSIDE_MESH(2003, Severity.WARNING, "Enable injection for the calling workload."),
    CALLER_RUNS_NOWHERE(2004, Severity.WARNING, "Check the service account, or go on if the service is deployed later."),
    ALREADY_ALLOWED(2005, Severity.INFO, "The access changes nothing today. Ask only if it should have a record and an end."),
    NOT_COMPILED(2006, Severity.ERROR, "Ask for less in one request.");

    private final int number;
    private final Severity severity;
    private final String help;

    AskFinding(int number, Severity severity, String help) {
        this.number = number;
        this.severity = severity;
        this.help = help;
    }

    public String code() {
        return "CS" + number;
    }

    public String help() {
        return help;
    }

    Finding at(String pointer, String message) {
        return new Finding(code(), severity, pointer, message, help);
    }
}
