package dev.countersign.tenancy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Secrets at rest: AES-256-GCM with a random nonce of 96 bits. A sealed secret opens only with its key and only in its
/// place: tenant, row and column are bound to it, so that one moved or swapped in the database is refused.
///
/// What is no secret but must not be made up by others is marked (`mark`).
///
/// Format: 1 (version), 8 bytes that name the key, 12 bytes nonce, ciphertext with its tag of 16 bytes.
public final class SecretBox {
    private static final byte VERSION = 1;
    private static final int KEY_ID = 8;
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;
    private final SecureRandom random = new SecureRandom();
    private final Map<Long, SecretKeySpec> keys = new LinkedHashMap<>();
    private final long current;
    /// Deriving one costs several times what marking with it does, and purposes are few.
    private final Map<Derived, javax.crypto.SecretKey> derived = new ConcurrentHashMap<>();

    private record Derived(SecretKeySpec key, String purpose) {}

    /// Where a secret lives.
    public record Place(TenantId tenant, UUID row, String column) {
        byte[] bytes() {
            byte[] name = column.getBytes(StandardCharsets.UTF_8);
            return ByteBuffer.allocate(33 + name.length)
                    .put(VERSION)
                    .putLong(tenant.value().getMostSignificantBits())
                    .putLong(tenant.value().getLeastSignificantBits())
                    .putLong(row.getMostSignificantBits())
                    .putLong(row.getLeastSignificantBits())
                    .put(name)
                    .array();
        }
    }

    /// Seals with `key`; opens with it and with the `former` ones.
    public SecretBox(SecretKey key, List<SecretKey> former) {
        current = id(key.bytes());
        keys.put(current, new SecretKeySpec(key.bytes(), "AES"));
        former.forEach(old -> keys.putIfAbsent(id(old.bytes()), new SecretKeySpec(old.bytes(), "AES")));
    }

    public byte[] seal(Place place, byte[] secret) {
        byte[] nonce = new byte[NONCE];
        random.nextBytes(nonce);
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, keys.get(current), new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(place.bytes());
            byte[] sealed = cipher.doFinal(secret);
            return ByteBuffer.allocate(1 + KEY_ID + NONCE + sealed.length).put(VERSION).putLong(current).put(nonce).put(sealed).array();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// Throws IllegalStateException, without the secret in it, where the secret was moved or changed or its key is not known.
    public byte[] open(Place place, byte[] sealed) {
        ByteBuffer in = ByteBuffer.wrap(sealed);
        if (sealed.length < 1 + KEY_ID + NONCE + TAG_BITS / 8 || in.get() != VERSION) {
            throw new IllegalStateException("the sealed " + place.column() + " of " + place.row() + " is not in a known format");
        }
        SecretKeySpec key = keys.get(in.getLong());
        if (key == null) {
            throw new IllegalStateException("the sealed " + place.column() + " of " + place.row()
                    + " was sealed with a key that is not configured: add it to countersign.secrets.former-keys");
        }
        byte[] nonce = new byte[NONCE];
        in.get(nonce);
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(place.bytes());
            return cipher.doFinal(sealed, in.position(), in.remaining());
        } catch (GeneralSecurityException wrong) {
            throw new IllegalStateException("the sealed " + place.column() + " of " + place.row() + " was changed or moved");
        }
    }

    /// What only who holds the key can say of `text`: HMAC-SHA-256 under a key derived (HKDF) from the present one for `purpose`, 32
    /// bytes.
    public byte[] mark(String purpose, byte[] text) {
        return mark(keys.get(current), purpose, text);
    }

    /// Whether `mark` was said of `text`, under the present key or a former one. Takes as long for a wrong one.
    public boolean marked(String purpose, byte[] text, byte[] mark) {
        boolean marked = false;
        for (SecretKeySpec key : keys.values()) {
            marked |= MessageDigest.isEqual(mark(key, purpose, text), mark);
        }
        return marked;
    }

    private byte[] mark(SecretKeySpec key, String purpose, byte[] text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(derived.computeIfAbsent(new Derived(key, purpose), SecretBox::derive));
            return mac.doFinal(text);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static javax.crypto.SecretKey derive(Derived wanted) {
        try {
            return KDF.getInstance("HKDF-SHA256").deriveKey("HmacSHA256", HKDFParameterSpec.ofExtract()
                    .addIKM(wanted.key().getEncoded())
                    .thenExpand(wanted.purpose().getBytes(StandardCharsets.UTF_8), 32));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static long id(byte[] key) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update("countersign key id".getBytes(StandardCharsets.US_ASCII));
            return ByteBuffer.wrap(Arrays.copyOf(digest.digest(key), KEY_ID)).getLong();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
