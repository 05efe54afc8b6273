package dev.countersign.api;

import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.SecretBox;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.springframework.stereotype.Component;

/// Text that we give away and take back only unchanged, in its own place: marked with the deployment's key (`SecretBox`). The
/// place (which list, which filters) and the tenant are marked with it.
@Component
class SignedText {
    private static final String PURPOSE = "countersign api cursors";
    private static final int TAG = 32;

    private final SecretBox box;

    SignedText(SecretBox box) {
        this.box = box;
    }

    String sign(String place, String text) {
        byte[] words = text.getBytes(StandardCharsets.UTF_8);
        byte[] signed = Arrays.copyOf(box.mark(PURPOSE, placed(place, words)), TAG + words.length);
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
        return box.marked(PURPOSE, placed(place, words), Arrays.copyOf(bytes, TAG))
                ? Optional.of(new String(words, StandardCharsets.UTF_8))
                : Optional.empty();
    }

    /// Length, tenant and place, then the words: no two places and words look alike.
    private static byte[] placed(String place, byte[] words) {
        byte[] where = (CurrentTenant.require() + " " + place).getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Integer.BYTES + where.length + words.length).putInt(where.length).put(where).put(words).array();
    }
}
