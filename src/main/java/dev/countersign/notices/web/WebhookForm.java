package dev.countersign.notices.web;

import dev.countersign.notices.EventKind;
import dev.countersign.notices.Webhook;
import dev.countersign.notices.WebhookSetting;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// The form of a webhook, as typed.
public record WebhookForm(String name, String url, Set<String> types) {
    /// The kinds of events by what they are about, in order.
    private static final Map<String, List<EventKind>> FAMILIES =
            EventKind.all().stream().collect(Collectors.groupingBy(kind -> WebhookView.family(kind.family()), LinkedHashMap::new, Collectors.toList()));

    static WebhookForm fresh() {
        return new WebhookForm("", "", types(EventKind.all()));
    }

    static WebhookForm of(Webhook webhook) {
        return new WebhookForm(webhook.name(), webhook.url(), types(webhook.kinds()));
    }

    static WebhookForm typed(String name, String url, List<String> types) {
        return new WebhookForm(name, url, new LinkedHashSet<>(types));
    }

    WebhookSetting setting() {
        return new WebhookSetting(name, url, types);
    }

    static Map<String, List<EventKind>> families() {
        return FAMILIES;
    }

    private static Set<String> types(List<EventKind> kinds) {
        return kinds.stream().map(EventKind::type).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    @Override
    public String toString() {
        return "WebhookForm[" + name + "]";
    }
}
