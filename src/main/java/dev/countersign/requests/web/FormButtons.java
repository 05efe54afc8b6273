package dev.countersign.requests.web;

import java.util.UUID;

/// The buttons of the form that only redraw it.
final class FormButtons {
    private FormButtons() {}

    static AskForm press(String button, AskForm form) {
        return switch (button) {
            case "add-source" -> form.withSource();
            case "add-operation" -> form.withOperation();
            case "add-condition" -> form.withCondition();
            case "add-collection" -> form.withCollections();
            default -> form;
        };
    }

    /// The form's one-time key; a new one where it was sent without.
    static String key(AskForm form) {
        String key = form.key().strip();
        return key.isEmpty() || key.length() > 100 ? UUID.randomUUID().toString() : key;
    }
}
