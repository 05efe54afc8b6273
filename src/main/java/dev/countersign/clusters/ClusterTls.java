package dev.countersign.clusters;

import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/// TLS from what a kubeconfig holds. With a certificate authority, it alone is trusted; without one, those of the Java
/// runtime. Host names are always verified.
final class ClusterTls {
    private ClusterTls() {}

    /// Null stands for the runtime's own, as in `SSLContext.init`.
    record Managers(KeyManager @Nullable [] keys, TrustManager @Nullable [] trust) {}

    /// Throws GeneralSecurityException for PEM that holds no certificate or no key.
    static Managers of(Optional<String> authority, Credentials credentials) throws GeneralSecurityException {
        KeyManager[] keys = null;
        if (credentials instanceof Credentials.ClientCertificate(String certificate, String key)) {
            String algorithm = key.contains("BEGIN EC PRIVATE KEY") ? "EC" : "RSA";
            try {
                keys = SSLUtils.keyManagers(base64(certificate), null, base64(key), null, algorithm, "changeit", null, null);
            } catch (IOException unreadable) {
                throw new GeneralSecurityException("the client certificate or its key cannot be read", unreadable);
            }
        }
        return new Managers(keys, authority.isPresent() ? trust(authority.get()) : null);
    }

    private static TrustManager[] trust(String pem) throws GeneralSecurityException {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate certificate : CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))) {
                store.setCertificateEntry("authority-" + number++, certificate);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory.getTrustManagers();
        } catch (IOException impossible) {
            throw new GeneralSecurityException(impossible);
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }
}
