package dev.countersign.api;

import dev.countersign.tenancy.CurrentTenant;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/// Text that we give away and take back only unchanged, in its own place: HMAC-SHA256 under a key of its own, derived from the
/// portal's. The place (which list, which filters) and the tenant are signed with it.
@Component
class SignedText {
    private static final int TAG = 16;

    private final SecretKey key;

    SignedText(@Value("${countersign.secrets.key:}") String secret) throws GeneralSecurityException {
        byte[] material = Base64.getDecoder().decode(secret.strip());
        key = KDF.getInstance("HKDF-SHA256").deriveKey("HmacSHA256", HKDFParameterSpec.ofExtract()
                .addIKM(material)
                .thenExpand("countersign api cursors".getBytes(StandardCharsets.US_ASCII), 32));
    }

    String sign(String place, String text) {
        byte[] words = text.getBytes(StandardCharsets.UTF_8);
        byte[] signed = Arrays.copyOf(tag(place, words), TAG + words.length);
        System.arraycopy(words, 0, signed, TAG, words.length);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(signed);
    }

    /// The text, empty where it was not signed here for this place.
    Optional<String> open(String place, String signed) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(signed);
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
        // One text for each value: a decoder may overlook stray bits at the end.
        if (bytes.length < TAG || !Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(signed)) {
            return Optional.empty();
        }
        byte[] words = Arrays.copyOfRange(bytes, TAG, bytes.length);
        return MessageDigest.isEqual(Arrays.copyOf(bytes, TAG), Arrays.copyOf(tag(place, words), TAG))
                ? Optional.of(new String(words, StandardCharsets.UTF_8))
                : Optional.empty();
    }

    private byte[] tag(String place, byte[] words) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            byte[] where = (CurrentTenant.require() + " " + place).getBytes(StandardCharsets.UTF_8);
            mac.update(Integer.toString(where.length).getBytes(StandardCharsets.US_ASCII));
            mac.update((byte) ':');
            mac.update(where);
            return mac.doFinal(words);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
