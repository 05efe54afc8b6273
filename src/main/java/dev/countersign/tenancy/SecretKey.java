package dev.countersign.tenancy;

import java.util.Base64;

/// A key of 256 bits, from configuration. Refuses to exist weak: too short, repetitive, counted up, typed as text.
public record SecretKey(byte[] bytes) {
    private static final String MAKE_ONE = "make one with: openssl rand -base64 32";

    /// Throws IllegalArgumentException with one line that says what to do, never with the key.
    public static SecretKey of(String base64) {
        if (base64.isBlank()) {
            throw new IllegalArgumentException("countersign.secrets.key is missing; " + MAKE_ONE);
        }
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(base64.strip());
        } catch (IllegalArgumentException malformed) {
            throw new IllegalArgumentException("countersign.secrets.key is not base64; " + MAKE_ONE);
        }
        return new SecretKey(bytes);
    }

    public SecretKey {
        if (bytes.length != 32) {
            throw new IllegalArgumentException("countersign.secrets.key must be 32 bytes, it is " + bytes.length + "; " + MAKE_ONE);
        }
        bytes = bytes.clone();
        boolean text = true;
        int sameStep = 0;
        java.util.BitSet distinct = new java.util.BitSet(256);
        for (int i = 0; i < bytes.length; i++) {
            distinct.set(bytes[i] & 0xff);
            text &= bytes[i] >= ' ' && bytes[i] <= '~';
            sameStep += i >= 2 && (byte) (bytes[i] - bytes[i - 1]) == (byte) (bytes[i - 1] - bytes[i - 2]) ? 1 : 0;
        }
        // 32 random bytes hold 30 different ones on average; fewer than 20, or only letters, happens in no lifetime.
        if (distinct.cardinality() < 20 || text || sameStep > 15) {
            throw new IllegalArgumentException("countersign.secrets.key is weak: it was not drawn at random; " + MAKE_ONE);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SecretKey key && java.security.MessageDigest.isEqual(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
        return 0;
    }

    @Override
    public String toString() {
        return "SecretKey[hidden]";
    }
}
