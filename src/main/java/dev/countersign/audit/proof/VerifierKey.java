package dev.countersign.audit.proof;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/// A public key with the name it signs under, as C2SP signed-note writes it: `name+hash+base64(0x01 ‖ key)`.
public record VerifierKey(String name, byte[] publicKey) {
    public VerifierKey {
        if (publicKey.length != 32 || !name.matches("[!-*,-~]{1,200}")) {
            throw new IllegalArgumentException("not a verifier key");
        }
        publicKey = publicKey.clone();
    }

    /// The first four bytes of SHA-256(name ‖ LF ‖ 0x01 ‖ key).
    public byte[] hash() {
        return Arrays.copyOf(Merkle.sha256((name + "\n").getBytes(StandardCharsets.UTF_8), typed()), 4);
    }

    private byte[] typed() {
        byte[] typed = new byte[33];
        typed[0] = 1;
        System.arraycopy(publicKey, 0, typed, 1, 32);
        return typed;
    }

    public static VerifierKey parse(String text) {
        String[] parts = text.split("\\+", 3);
        if (parts.length == 3) {
            byte[] typed = Base64.getDecoder().decode(parts[2]);
            if (typed.length == 33 && typed[0] == 1) {
                VerifierKey key = new VerifierKey(parts[0], Arrays.copyOfRange(typed, 1, 33));
                if (key.toString().equals(text)) {
                    return key;
                }
            }
        }
        throw new IllegalArgumentException("not a verifier key");
    }

    @Override
    public String toString() {
        return name + "+" + HexFormat.of().formatHex(hash()) + "+" + Base64.getEncoder().encodeToString(typed());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VerifierKey key && name.equals(key.name) && Arrays.equals(publicKey, key.publicKey);
    }

    @Override
    public int hashCode() {
        return name.hashCode() ^ Arrays.hashCode(publicKey);
    }
}
