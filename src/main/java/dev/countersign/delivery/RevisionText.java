package dev.countersign.delivery;

import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.yaml.Document;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.Reading;
import java.util.List;

/// The text of a stored revision: one policy, as the portal wrote it.
final class RevisionText {
    private RevisionText() {}

    /// Throws IllegalStateException where the text is not that.
    static AuthorizationPolicy policy(String yaml) {
        if (PolicyReader.read(yaml) instanceof Reading.Read(List<Document> documents) && documents.size() == 1) {
            return PolicyReader.authorizationPolicy(documents.getFirst().tree()).orElseThrow(RevisionText::unreadable);
        }
        throw unreadable();
    }

    private static IllegalStateException unreadable() {
        return new IllegalStateException("a stored revision cannot be read");
    }
}
