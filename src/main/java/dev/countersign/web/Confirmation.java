package dev.countersign.web;

import java.util.Map;

/// A question before something that cannot be undone; the view `layout/confirm` shows it from the model attribute `ask`.
/// `values` are sent along unchanged; `reasonAsked` adds a field `reason`.
public record Confirmation(
        String section,
        String question,
        String consequence,
        String verb,
        String action,
        String back,
        boolean dangerous,
        boolean reasonAsked,
        Map<String, String> values) {
    public Confirmation {
        values = Map.copyOf(values);
    }
}
