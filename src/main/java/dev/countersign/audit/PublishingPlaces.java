package dev.countersign.audit;

import java.util.ArrayList;
import java.util.List;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/// The places of the settings that are reached over a network. A setting that cannot be meant stops the start with what to do;
/// the words never hold a value.
@Component
class PublishingPlaces {
    private final List<PublishingPlace> places = new ArrayList<>();

    PublishingPlaces(
            @Value("${countersign.record.publish-webhook-url:}") String webhook,
            @Value("${countersign.record.publish-webhook-secret:}") String secret,
            @Value("${countersign.record.publish-git-url:}") String git,
            @Value("${countersign.record.publish-git-branch:checkpoints}") String branch,
            @Value("${countersign.record.publish-git-user:}") String user,
            @Value("${countersign.record.publish-git-password:}") String password) {
        if (!webhook.isBlank()) {
            places.add(WebhookPlace.of(webhook.strip(), secret.strip()));
        }
        if (!git.isBlank()) {
            places.add(new GitPlace(GitSetting.remote(git.strip(), branch.strip(), user.strip(), password)));
        }
    }

    List<PublishingPlace> all() {
        return List.copyOf(places);
    }
}
