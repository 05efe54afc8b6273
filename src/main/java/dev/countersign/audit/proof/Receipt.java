package dev.countersign.audit.proof;

import java.util.Base64;
import java.util.List;

/// One entry with everything that shows it is in the record: origin, keys, the stored bytes, the audit path, the checkpoint.
public final class Receipt {
    private Receipt() {}

    public static String text(String origin, List<VerifierKey> keys, SealedEntry entry, List<byte[]> path, String note) {
        StringBuilder text = new StringBuilder("countersign receipt v1\norigin " + origin + "\n");
        keys.forEach(key -> text.append("key ").append(key).append('\n'));
        text.append(entry.line());
        path.forEach(hash -> text.append(Base64.getEncoder().encodeToString(hash)).append('\n'));
        return text.append("checkpoint\n").append(note).append('\n').toString();
    }
}
