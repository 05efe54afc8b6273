package dev.countersign.api;

import dev.countersign.delivery.DeliveryMode;
import dev.countersign.delivery.RepositorySetting;
import java.util.Optional;

/// How a cluster is to get its policies; `repository` goes with REPOSITORY, and only with it.
record DeliveryModeBody(DeliveryMode mode, Optional<RepositoryBody> repository) {
    /// `password` is stored encrypted and never shown again; without it the stored one is kept, for the same address only.
    record RepositoryBody(String url, String branch, Optional<String> directory, Optional<String> username, Optional<String> password) {
        static RepositoryBody read(Member body) {
            body.objectOf("url", "branch", "directory", "username", "password");
            return new RepositoryBody(body.of("url").text(2_048), body.of("branch").text(200), body.of("directory").optionalText(200), body.of("username").optionalText(200),
                    body.of("password").optionalText(256));
        }

        @Override
        public String toString() {
            return "RepositoryBody[" + branch + "]";
        }
    }

    static DeliveryModeBody read(Member body) {
        body.objectOf("mode", "repository");
        Optional<DeliveryMode> mode = body.of("mode").word(DeliveryMode.class);
        if (body.of("mode").absent()) {
            body.of("mode").wrong("Say DIRECT or REPOSITORY.");
        }
        boolean wanted = mode.equals(Optional.of(DeliveryMode.REPOSITORY));
        if (mode.isPresent() && wanted == body.of("repository").absent()) {
            body.of("repository").wrong(wanted ? "Say which repository." : "This goes with REPOSITORY only. Leave it out.");
        }
        return new DeliveryModeBody(mode.orElse(DeliveryMode.DIRECT), body.of("repository").absent() ? Optional.empty() : Optional.of(RepositoryBody.read(body.of("repository"))));
    }

    Optional<RepositorySetting> setting() {
        return repository.map(given -> new RepositorySetting(given.url(), given.branch(), given.directory().orElse(""), given.username().orElse(""), given.password()));
    }
}
