package dev.countersign.clusters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import javax.net.ssl.X509KeyManager;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaMiscPEMGenerator;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemObjectGenerator;
import org.bouncycastle.util.io.pem.PemWriter;
import org.junit.jupiter.api.Test;

class ClusterTlsTests {
    private static KeyPair pair(String algorithm) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(algorithm.equals("EC") ? 256 : 2048);
        return generator.generateKeyPair();
    }

    private static String pem(PemObjectGenerator object) throws Exception {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(object);
        }
        return text.toString();
    }

    /// As Go writes it, and with it k3s: the curve and the public key inside.
    private static String sec1(KeyPair pair) throws Exception {
        var key = new ECPrivateKey(256, ((java.security.interfaces.ECPrivateKey) pair.getPrivate()).getS(),
                SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()).getPublicKeyData(), SECObjectIdentifiers.secp256r1);
        return pem(new PemObject("EC PRIVATE KEY", key.getEncoded()));
    }

    private static String certificate(KeyPair pair) throws Exception {
        Instant now = Instant.now();
        var holder = new JcaX509v3CertificateBuilder(new X500Principal("CN=test"), BigInteger.ONE, Date.from(now), Date.from(now.plusSeconds(3600)),
                new X500Principal("CN=test"), pair.getPublic())
                .build(new JcaContentSignerBuilder(pair.getPrivate().getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA").build(pair.getPrivate()));
        return pem(new JcaMiscPEMGenerator(holder));
    }

    @Test
    void aClientKeyIsReadInEveryFormThatKubeconfigsHave() throws Exception {
        for (String algorithm : new String[] {"EC", "RSA"}) {
            KeyPair pair = pair(algorithm);
            String traditional = algorithm.equals("EC") ? sec1(pair) : pem(new JcaMiscPEMGenerator(pair.getPrivate()));
            assertThat(traditional).contains("BEGIN " + algorithm + " PRIVATE KEY");
            for (String key : new String[] {traditional, pem(new JcaPKCS8Generator(pair.getPrivate(), null))}) {
                ClusterTls.Managers managers = ClusterTls.of(Optional.empty(), new Credentials.ClientCertificate(certificate(pair), key));
                X509KeyManager manager = (X509KeyManager) java.util.Objects.requireNonNull(managers.keys())[0];
                String alias = manager.getClientAliases(algorithm, null)[0];
                assertThat(secret(manager.getPrivateKey(alias))).isEqualTo(secret(pair.getPrivate()));
            }
        }
    }

    /// The number that makes the key, whatever else its encoding carries.
    private static BigInteger secret(java.security.PrivateKey key) {
        return switch (key) {
            case java.security.interfaces.ECPrivateKey curve -> curve.getS();
            case java.security.interfaces.RSAPrivateKey rsa -> rsa.getPrivateExponent();
            default -> throw new IllegalArgumentException(key.getAlgorithm());
        };
    }

    @Test
    void whatIsNoKeyIsRefusedWithoutShowingIt() throws Exception {
        KeyPair pair = pair("EC");
        for (String key : new String[] {"", "secret words", certificate(pair), "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"}) {
            assertThatThrownBy(() -> ClusterTls.of(Optional.empty(), new Credentials.ClientCertificate(certificate(pair), key)))
                    .isInstanceOf(GeneralSecurityException.class)
                    .hasMessageNotContaining("secret words");
        }
    }
}
