package dev.countersign.faults;

import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// HTTPS in front of a server that speaks without: under an authority of its own, with a certificate that can expire.
final class TlsDoor implements AutoCloseable {
    private static final X500Principal AUTHORITY = new X500Principal("CN=authority of the test");

    private final KeyPair authorityKey = keyPair();
    private final X509Certificate authority;
    private final SSLServerSocket valid;
    private final SSLServerSocket expired;
    private final int target;

    TlsDoor(int target) {
        this.target = target;
        try {
            Instant now = Instant.now();
            authority = certificate(AUTHORITY, authorityKey, now.minus(Duration.ofDays(30)), now.plus(Duration.ofDays(30)), true);
            valid = serve(now.plus(Duration.ofDays(1)));
            expired = serve(now.minus(Duration.ofMinutes(1)));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    int port() {
        return valid.getLocalPort();
    }

    /// The same behind a certificate that ended a minute ago.
    int expiredPort() {
        return expired.getLocalPort();
    }

    String authorityPem() {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(authority);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private X509Certificate certificate(X500Principal subject, KeyPair key, Instant from, Instant until, boolean signs) throws GeneralSecurityException, IOException {
        try {
            var builder = new JcaX509v3CertificateBuilder(AUTHORITY, BigInteger.valueOf(until.toEpochMilli()), Date.from(from), Date.from(until), subject, key.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(signs));
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName(GeneralName.iPAddress, "127.0.0.1")));
            return new JcaX509CertificateConverter().getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(authorityKey.getPrivate())));
        } catch (org.bouncycastle.operator.OperatorCreationException e) {
            throw new GeneralSecurityException(e);
        }
    }

    private SSLServerSocket serve(Instant until) throws GeneralSecurityException, IOException {
        KeyPair key = keyPair();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", key.getPrivate(), new char[0], new Certificate[] {
            certificate(new X500Principal("CN=cluster of the test"), key, until.minus(Duration.ofDays(10)), until, false), authority});
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        SSLServerSocket door = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("tls door").start(() -> accept(door));
        return door;
    }

    private void accept(SSLServerSocket door) {
        while (!door.isClosed()) {
            try {
                Socket client = door.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                Thread.ofVirtual().start(() -> pump(client, server));
                Thread.ofVirtual().start(() -> pump(server, client));
            } catch (IOException gone) {
                // closed, or a client that went away
            }
        }
    }

    private static void pump(Socket from, Socket to) {
        try (from; to) {
            OutputStream out = to.getOutputStream();
            from.getInputStream().transferTo(out);
        } catch (IOException gone) {
            // either side went away
        }
    }

    @Override
    public void close() throws IOException {
        valid.close();
        expired.close();
    }
}
