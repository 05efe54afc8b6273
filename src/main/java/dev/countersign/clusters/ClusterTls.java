package dev.countersign.clusters;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
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
            keys = keys(certificate, key);
        }
        return new Managers(keys, authority.isPresent() ? trust(authority.get()) : null);
    }

    /// The key in any form that kubeconfigs have it: SEC 1 and PKCS 1 as k3s and older tools write it, PKCS 8 otherwise.
    private static KeyManager[] keys(String certificatePem, String keyPem) throws GeneralSecurityException {
        try (PEMParser parser = new PEMParser(new StringReader(keyPem))) {
            JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
            PrivateKey key = switch (parser.readObject()) {
                case PEMKeyPair pair -> converter.getPrivateKey(pair.getPrivateKeyInfo());
                case PrivateKeyInfo info -> converter.getPrivateKey(info);
                case null, default -> throw new GeneralSecurityException("the client key is not an unencrypted private key in PEM");
            };
            Certificate[] chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(certificatePem.getBytes(StandardCharsets.US_ASCII)))
                    .toArray(Certificate[]::new);
            if (chain.length == 0) {
                throw new GeneralSecurityException("the client certificate holds no certificate");
            }
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            char[] inMemory = "in memory only".toCharArray();
            store.setKeyEntry("client", key, inMemory, chain);
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, inMemory);
            return factory.getKeyManagers();
        } catch (IOException unreadable) {
            throw new GeneralSecurityException("the client certificate or its key cannot be read", unreadable);
        }
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
}
