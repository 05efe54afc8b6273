package dev.countersign.requests;

/// Why a draft cannot be submitted, at one place of it. `pointer` is a JSON Pointer into the body of the API
/// (`/ask/from/0/serviceAccount`); `message` says what to do.
public record FieldProblem(String pointer, String message) {}
