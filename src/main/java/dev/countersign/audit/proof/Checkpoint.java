package dev.countersign.audit.proof;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How long the record of `origin` was and what its root was: a C2SP tlog-checkpoint. Signed, it is a C2SP signed note.
public record Checkpoint(String origin, long size, byte[] root) {
    private static final Pattern NOTE = Pattern.compile(
            "([!-*,-~]{1,200})\n(0|[1-9][0-9]{0,14})\n([A-Za-z0-9+/]{43}=)\n\n((?:\u2014 [!-*,-~]{1,200} [A-Za-z0-9+/]{91}=\n){1,8})");

    public Checkpoint {
        root = root.clone();
    }

    public String text() {
        return origin + "\n" + size + "\n" + Base64.getEncoder().encodeToString(root) + "\n";
    }

    /// The note; the key's name is the origin.
    public String sign(Ed25519 key) {
        String text = text();
        byte[] signature = key.sign(text.getBytes(StandardCharsets.UTF_8));
        byte[] hashed = ByteBuffer.allocate(68).put(new VerifierKey(origin, key.publicKey()).hash()).put(signature).array();
        return text + "\n\u2014 " + origin + " " + Base64.getEncoder().encodeToString(hashed) + "\n";
    }

    /// Reads a note whose signature by one of `keys` is good. Throws IllegalArgumentException with why not.
    public static Checkpoint open(String note, Collection<VerifierKey> keys) {
        Matcher parts = NOTE.matcher(note);
        if (note.length() > 4000 || !parts.matches()) {
            throw new IllegalArgumentException("the checkpoint is not a signed note of the expected form");
        }
        Checkpoint checkpoint = new Checkpoint(parts.group(1), Long.parseLong(parts.group(2)), Base64.getDecoder().decode(parts.group(3)));
        byte[] message = (parts.group(1) + "\n" + parts.group(2) + "\n" + parts.group(3) + "\n").getBytes(StandardCharsets.UTF_8);
        for (String line : parts.group(4).split("\n")) {
            String[] words = line.split(" ");
            byte[] hashed = Base64.getDecoder().decode(words[2]);
            for (VerifierKey key : keys) {
                if (words[1].equals(checkpoint.origin) && key.name().equals(checkpoint.origin) && Arrays.equals(key.hash(), Arrays.copyOf(hashed, 4))
                        && Ed25519.verify(key.publicKey(), message, Arrays.copyOfRange(hashed, 4, 68))) {
                    return checkpoint;
                }
            }
        }
        throw new IllegalArgumentException("the checkpoint is signed by no known key");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Checkpoint that && text().equals(that.text());
    }

    @Override
    public int hashCode() {
        return text().hashCode();
    }
}
