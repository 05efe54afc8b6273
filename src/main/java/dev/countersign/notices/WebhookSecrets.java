package dev.countersign.notices;

import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.SecretBox;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.springframework.stereotype.Component;

/// What of a webhook is kept encrypted: its secrets, and its address, in which path and query are often a secret too.
@Component
class WebhookSecrets {
    private final SecretBox box;

    WebhookSecrets(SecretBox box) {
        this.box = box;
    }

    byte[] sealUrl(UUID webhook, String url) {
        return box.seal(place(webhook, "url"), url.getBytes(StandardCharsets.UTF_8));
    }

    String openUrl(UUID webhook, byte[] sealed) {
        return new String(box.open(place(webhook, "url"), sealed), StandardCharsets.UTF_8);
    }

    byte[] sealSecret(UUID webhook, byte[] secret) {
        return box.seal(place(webhook, "secret"), secret);
    }

    byte[] openSecret(UUID webhook, byte[] sealed) {
        return box.open(place(webhook, "secret"), sealed);
    }

    /// A former secret keeps the place of the present one, from which it was moved as it is.
    byte[] openFormer(UUID webhook, byte[] sealed) {
        return openSecret(webhook, sealed);
    }

    private static SecretBox.Place place(UUID webhook, String column) {
        return new SecretBox.Place(CurrentTenant.require(), webhook, "webhook." + column);
    }
}
