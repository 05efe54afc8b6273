package dev.countersign.web;

import java.io.Serializable;

/// What just happened, said once at the top of the next page: add it as the flash attribute `notice`.
/// Kept in the session until then. `kind` is done, waits or fails.
public record Notice(String kind, String title, String text) implements Serializable {
    public static Notice done(String title, String text) {
        return new Notice("done", title, text);
    }

    public static Notice waits(String title, String text) {
        return new Notice("waits", title, text);
    }

    public static Notice fails(String title, String text) {
        return new Notice("fails", title, text);
    }
}
