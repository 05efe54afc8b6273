package dev.countersign.delivery.web;

import dev.countersign.delivery.DeliveryRepository;
import dev.countersign.delivery.RepositorySetting;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the form of a cluster's Git repository sends. The password is never drawn again, not even after a refusal.
public record RepositoryForm(@Nullable String url, @Nullable String branch, @Nullable String directory, @Nullable String username, @Nullable String password) {
    static RepositoryForm empty(String cluster) {
        return new RepositoryForm("", "countersign/" + cluster, "clusters/" + cluster, "", "");
    }

    static RepositoryForm of(DeliveryRepository repository) {
        return new RepositoryForm(repository.place().url(), repository.place().branch(), repository.place().directory(), repository.username(), "");
    }

    RepositorySetting setting() {
        return new RepositorySetting(text(url), text(branch), text(directory), text(username), Optional.of(text(password)));
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }

    /// Without the password, which is secret.
    @Override
    public String toString() {
        return "RepositoryForm[" + branch + "]";
    }
}
