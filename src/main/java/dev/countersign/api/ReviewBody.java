package dev.countersign.api;

import dev.countersign.approval.Decision;

/// A word on what has this digest: of anything else it is refused. A rejection and a wish for changes need a comment.
record ReviewBody(Decision decision, String digest, java.util.Optional<String> comment) {
    static ReviewBody read(Member body) {
        body.objectOf("decision", "digest", "comment");
        if (body.of("decision").absent()) {
            body.of("decision").wrong("This is missing. Say APPROVE, REJECT or REQUEST_CHANGES.");
        }
        return new ReviewBody(body.of("decision").word(Decision.class).orElse(Decision.REJECT), body.of("digest").text(100), body.of("comment").optionalText(4_000));
    }
}
