package dev.countersign.api;

import dev.countersign.web.Problem;
import org.jspecify.annotations.Nullable;

/// Bodies as bytes, or their absence.
final class Bodies {
    private Bodies() {}

    static byte[] required(byte @Nullable [] sent) {
        if (sent == null || sent.length == 0) {
            throw new Problem.Unreadable("The body is missing. See the documentation of this address for what it takes.");
        }
        return sent;
    }

    static byte[] orEmptyObject(byte @Nullable [] sent) {
        return sent == null || sent.length == 0 ? new byte[] {'{', '}'} : sent;
    }
}
