package dev.countersign.delivery;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.yaml.Document;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.Reading;
import java.util.List;

/// The text of a stored revision: one policy, as the portal wrote it.
final class RevisionText {
    /// By the text: it is read to be applied, again for what the watch tells of that, and at every comparison. A hundredth of the heap at
    /// most, where what was read takes ten bytes for each character.
    private static final Cache<String, AuthorizationPolicy> READ = Caffeine.newBuilder()
            .maximumWeight(Runtime.getRuntime().maxMemory() / 1_000)
            .weigher((String yaml, AuthorizationPolicy _) -> yaml.length())
            .executor(Runnable::run)
            .build();

    private RevisionText() {}

    /// Throws IllegalStateException where the text is not that.
    static AuthorizationPolicy policy(String yaml) {
        return READ.get(yaml, RevisionText::read);
    }

    private static AuthorizationPolicy read(String yaml) {
        if (PolicyReader.read(yaml) instanceof Reading.Read(List<Document> documents) && documents.size() == 1) {
            return PolicyReader.authorizationPolicy(documents.getFirst().tree()).orElseThrow(RevisionText::unreadable);
        }
        throw unreadable();
    }

    private static IllegalStateException unreadable() {
        return new IllegalStateException("a stored revision cannot be read");
    }
}
