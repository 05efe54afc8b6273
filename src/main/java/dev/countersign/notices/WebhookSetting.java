package dev.countersign.notices;

import java.util.Set;

/// What an administrator says of a webhook, as typed.
public record WebhookSetting(String name, String url, Set<String> types) {
    public WebhookSetting {
        types = Set.copyOf(types);
    }

    @Override
    public String toString() {
        return "WebhookSetting[" + name + "]";
    }
}
