package dev.countersign.notices;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// What a receiver does by the text of Standard Webhooks 1.0, written from it and sharing nothing with the sender: the signed content is
/// id, timestamp and payload, joined by full stops; the key is the base64 after `whsec_`; the header lists signatures, separated by
/// spaces, each with a version before a comma; one that matches is enough.
final class Verification {
    private Verification() {}

    static boolean verifies(StubReceiver.Received message, String secret) {
        String id = message.header("webhook-id");
        String timestamp = message.header("webhook-timestamp");
        if (id.isEmpty() || id.contains(".") || !timestamp.matches("[1-9][0-9]{9}")) {
            return false;
        }
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Base64.getDecoder().decode(secret.replaceFirst("^whsec_", "")), "HmacSHA256"));
            mac.update(id.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) '.');
            mac.update(timestamp.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) '.');
            byte[] expected = mac.doFinal(message.body().getBytes(StandardCharsets.UTF_8));
            for (String signature : message.header("webhook-signature").split(" ")) {
                if (signature.startsWith("v1,") && MessageDigest.isEqual(expected, Base64.getDecoder().decode(signature.substring(3)))) {
                    return true;
                }
            }
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
