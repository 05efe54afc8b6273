package dev.countersign.requests;

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
}
