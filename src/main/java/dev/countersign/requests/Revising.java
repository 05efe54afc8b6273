package dev.countersign.requests;

/// What became of changing a request.
public sealed interface Revising {
    /// The new version stands and needs every review anew.
    record Revised(int version) implements Revising {}

    record Refused(Foresight foresight) implements Revising {}

    /// Only the requester changes a request.
    record NotYours() implements Revising {}

    /// The request is decided, withdrawn or lapsed; ask again with a new request.
    record NotOpen(RequestState state) implements Revising {}

    /// The request was changed meanwhile: look at the present version first.
    record Stale(int version) implements Revising {}

    record Unknown() implements Revising {}
}
