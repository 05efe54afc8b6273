package dev.countersign.requests;

import dev.countersign.policy.check.FindingCode;

/// A remark on an Ask. An ERROR refuses submission.
///
/// - `code`: `CS....`, of the policy's own checks or of asking.
/// - `path`: a JSON Pointer into the draft, `/ask/operations/0`; "" for the whole.
/// - `message`: what is so; `help`: what to do.
public record Finding(String code, Severity severity, String path, String message, String help) {
    public enum Severity {
        ERROR,
        WARNING,
        INFO
    }

    /// A finding of the policy's own registry, at a place of the Ask.
    static Finding of(FindingCode code, String path, String message) {
        return new Finding(code.code(), Severity.valueOf(code.severity().name()), path, message, code.help());
    }
}
