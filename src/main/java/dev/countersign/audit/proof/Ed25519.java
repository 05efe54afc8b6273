package dev.countersign.audit.proof;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/// A signing key made from a seed of 32 bytes; the seed is never printed.
public final class Ed25519 {
    private static final byte[] SPKI = HexFormat.of().parseHex("302a300506032b6570032100");

    private final PrivateKey secret;
    private final byte[] publicKey;

    private Ed25519(PrivateKey secret, byte[] publicKey) {
        this.secret = secret;
        this.publicKey = publicKey;
    }

    public static Ed25519 ofSeed(byte[] seed) {
        if (seed.length != 32) {
            throw new IllegalArgumentException("a seed has 32 bytes");
        }
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
            generator.initialize(NamedParameterSpec.ED25519, new Fixed(seed));
            KeyPair pair = generator.generateKeyPair();
            byte[] encoded = pair.getPublic().getEncoded();
            return new Ed25519(pair.getPrivate(), Arrays.copyOfRange(encoded, SPKI.length, encoded.length));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has Ed25519", e);
        }
    }

    public byte[] publicKey() {
        return publicKey.clone();
    }

    byte[] sign(byte[] message) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(secret);
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the record's key cannot sign", e);
        }
    }

    static boolean verify(byte[] publicKey, byte[] message, byte[] signature) {
        try {
            byte[] encoded = Arrays.copyOf(SPKI, SPKI.length + 32);
            System.arraycopy(publicKey, 0, encoded, SPKI.length, 32);
            PublicKey key = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
            Signature check = Signature.getInstance("Ed25519");
            check.initVerify(key);
            check.update(message);
            return check.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /// The JDK makes the public half only while it makes a pair; the seed is what it draws.
    private static final class Fixed extends SecureRandom {
        private static final long serialVersionUID = 1;
        private final transient byte[] seed;

        Fixed(byte[] seed) {
            this.seed = seed.clone();
        }

        @Override
        public void nextBytes(byte[] bytes) {
            if (bytes.length != seed.length) {
                throw new IllegalStateException("Ed25519 draws 32 bytes");
            }
            System.arraycopy(seed, 0, bytes, 0, seed.length);
        }
    }
}
