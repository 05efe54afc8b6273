package dev.countersign.audit.proof;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// An entry of the record as files carry it. Its digest is SHA-256(previous digest ‖ number as 8 bytes ‖ microseconds since 1970
/// as 8 bytes ‖ content), and that digest is the data of its leaf in the tree: leaf hash = SHA-256(0x00 ‖ digest).
public record SealedEntry(long seq, long micros, byte[] previous, byte[] digest, byte[] content) {
    public SealedEntry {
        previous = previous.clone();
        digest = digest.clone();
        content = content.clone();
    }

    public byte[] computedDigest() {
        return Merkle.sha256(previous, ByteBuffer.allocate(16).putLong(seq).putLong(micros).array(), content);
    }

    /// `entry <number> <microseconds> <previous digest> <digest> <content>` and a line end; the content is the stored bytes.
    public String line() {
        HexFormat hex = HexFormat.of();
        return "entry " + seq + " " + micros + " " + hex.formatHex(previous) + " " + hex.formatHex(digest) + " " + new String(content, StandardCharsets.UTF_8) + "\n";
    }
}
