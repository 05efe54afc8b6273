package dev.countersign.demo.cluster;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// A certificate authority of one: signs the server's certificate for 127.0.0.1, ::1 and localhost, and is what a
/// kubeconfig trusts. Elliptic curve P-256; written in DER by hand because the JDK can read certificates but offers no
/// way to make them.
final class SelfSignedAuthority {
    private static final Duration LIFETIME = Duration.ofDays(3650);
    private static final DateTimeFormatter UTC_TIME =
            DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final byte[] ECDSA_WITH_SHA256 = sequence(oid(0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02));
    private static final String AUTHORITY = "countersign demo cluster CA";

    private final PrivateKey key;
    private final X509Certificate leaf;
    private final X509Certificate root;

    private SelfSignedAuthority(PrivateKey key, X509Certificate leaf, X509Certificate root) {
        this.key = key;
        this.leaf = leaf;
        this.root = root;
    }

    static SelfSignedAuthority create() {
        try {
            var authority = keyPair();
            var server = keyPair();
            var root = certificate(
                    AUTHORITY, authority.getPublic(), AUTHORITY, authority.getPrivate(), authorityExtensions());
            var leaf =
                    certificate("127.0.0.1", server.getPublic(), AUTHORITY, authority.getPrivate(), serverExtensions());
            return new SelfSignedAuthority(server.getPrivate(), leaf, root);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("could not make a certificate for the embedded cluster", e);
        }
    }

    /// Reads what `store` wrote.
    static SelfSignedAuthority restore(Map<String, Object> stored) {
        try {
            var key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(bytes(stored, "key")));
            return new SelfSignedAuthority(key, read(bytes(stored, "certificate")), read(bytes(stored, "authority")));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalStateException(
                    "the embedded cluster's identity file cannot be read: remove it to start anew", e);
        }
    }

    /// The server's key and both certificates; the authority's own key is forgotten, it signs nothing more.
    Map<String, Object> store() {
        try {
            var base64 = Base64.getEncoder();
            return Tree.of(
                    "key",
                    base64.encodeToString(key.getEncoded()),
                    "certificate",
                    base64.encodeToString(leaf.getEncoded()),
                    "authority",
                    base64.encodeToString(root.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the embedded cluster's keys cannot be written", e);
        }
    }

    String pem() {
        try {
            var encoded = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(root.getEncoded());
            return "-----BEGIN CERTIFICATE-----\n" + encoded + "\n-----END CERTIFICATE-----\n";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the embedded cluster's certificate cannot be written", e);
        }
    }

    SSLContext serverContext() {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {new OneKey()}, null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("TLS cannot be set up for the embedded cluster", e);
        }
    }

    /// The one key for every caller. A key store would do the same and spend most of the server's start on encrypting
    /// it.
    private final class OneKey extends X509ExtendedKeyManager {
        private static final String ALIAS = "server";

        @Override
        public @Nullable String chooseEngineServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return chooseServerAlias(keyType, issuers, null);
        }

        @Override
        public @Nullable String chooseServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return keyType.equals("EC") ? ALIAS : null;
        }

        @Override
        public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
            return new String[] {ALIAS};
        }

        @Override
        public @Nullable String chooseClientAlias(
                String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }

        @Override
        public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {leaf, root};
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return key;
        }
    }

    private static byte[] bytes(Map<String, Object> stored, String name) {
        return Base64.getDecoder().decode(Tree.text(stored, name).orElse(""));
    }

    private static X509Certificate read(byte[] der) throws GeneralSecurityException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    private static KeyPair keyPair() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static X509Certificate certificate(
            String subject, PublicKey key, String issuer, PrivateKey signer, byte[] extensions)
            throws GeneralSecurityException {
        var from = Instant.now().minus(Duration.ofDays(1));
        var body = sequence(
                tagged(0xA0, tagged(0x02, new byte[] {2})),
                tagged(0x02, new BigInteger(120, new SecureRandom()).toByteArray()),
                ECDSA_WITH_SHA256,
                commonName(issuer),
                sequence(utcTime(from), utcTime(from.plus(LIFETIME))),
                commonName(subject),
                key.getEncoded(),
                tagged(0xA3, extensions));
        var signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(signer);
        signature.update(body);
        var der = sequence(body, ECDSA_WITH_SHA256, bits(0, signature.sign()));
        return read(der);
    }

    private static byte[] authorityExtensions() {
        return sequence(
                extension(0x13, true, sequence(tagged(0x01, new byte[] {(byte) 0xFF
                }))), // basic constraints: an authority
                extension(0x0F, true, bits(2, new byte[] {0x04}))); // key usage: signs certificates
    }

    private static byte[] serverExtensions() {
        var serverAuthentication = oid(0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01);
        var loopback6 = new byte[16];
        loopback6[15] = 1;
        return sequence(
                extension(0x25, false, sequence(serverAuthentication)),
                extension(
                        0x11,
                        false,
                        sequence( // subject alternative names
                                tagged(0x87, new byte[] {127, 0, 0, 1}),
                                tagged(0x87, loopback6),
                                tagged(0x82, "localhost".getBytes(StandardCharsets.US_ASCII)))));
    }

    private static byte[] extension(int id, boolean critical, byte[] value) {
        var octets = tagged(0x04, value);
        return critical
                ? sequence(oid(0x55, 0x1D, id), tagged(0x01, new byte[] {(byte) 0xFF}), octets)
                : sequence(oid(0x55, 0x1D, id), octets);
    }

    private static byte[] commonName(String name) {
        var text = tagged(0x0C, name.getBytes(StandardCharsets.UTF_8));
        return sequence(tagged(0x31, sequence(oid(0x55, 0x04, 0x03), text)));
    }

    private static byte[] utcTime(Instant time) {
        return tagged(0x17, UTC_TIME.format(time).getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] bits(int unused, byte[] content) {
        var padded = new byte[content.length + 1];
        padded[0] = (byte) unused;
        System.arraycopy(content, 0, padded, 1, content.length);
        return tagged(0x03, padded);
    }

    private static byte[] oid(int... encoded) {
        var bytes = new byte[encoded.length];
        for (int i = 0; i < encoded.length; i++) {
            bytes[i] = (byte) encoded[i];
        }
        return tagged(0x06, bytes);
    }

    private static byte[] sequence(byte[]... parts) {
        return tagged(0x30, parts);
    }

    private static byte[] tagged(int tag, byte[]... parts) {
        var content = new ByteArrayOutputStream();
        for (var part : parts) {
            content.writeBytes(part);
        }
        var out = new ByteArrayOutputStream();
        out.write(tag);
        var length = content.size();
        if (length >= 0x100) {
            out.write(0x82);
            out.write(length >> 8);
        } else if (length >= 0x80) {
            out.write(0x81);
        }
        out.write(length);
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }
}
