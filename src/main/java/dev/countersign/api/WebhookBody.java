package dev.countersign.api;

import dev.countersign.notices.WebhookSetting;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a webhook is to be. `types`: which events are told; without `enabled` it is switched on.
record WebhookBody(String name, String url, List<String> types, Optional<Boolean> enabled) {
    static WebhookBody read(Member body) {
        body.objectOf("name", "url", "types", "enabled");
        if (body.of("types").absent()) {
            body.of("types").wrong("This is missing.");
        }
        return new WebhookBody(body.of("name").text(60), body.of("url").text(2_000), body.of("types").list(200, type -> type.text(100)), body.of("enabled").truth());
    }

    WebhookSetting setting() {
        return new WebhookSetting(name, url, Set.copyOf(types));
    }

    @Override
    public String toString() {
        return "WebhookBody[" + name + "]";
    }
}
