package dev.countersign.requests;

import java.util.UUID;

/// Who would have to agree: asked by requests before a request exists, answered by the room that decides.
public interface ApprovalForesight {
    /// Joins the caller's transaction; stores nothing.
    ApprovalPlan plan(Stakes stakes, UUID requester);
}
