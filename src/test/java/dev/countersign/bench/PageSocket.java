package dev.countersign.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// Asks for pages over one connection at a time and reads them whole, for loads on a machine that the generator shares with what it measures: a
/// client that does more costs as much as a tenth of a page. Not for several threads at once.
final class PageSocket implements AutoCloseable {
    private static final int PATIENCE = 30_000;
    /// Less than the portal keeps a connection that asks nothing (`server.tomcat.connection-timeout`): one that it has just ended is no page that failed.
    private static final long IDLE_NANOS = 5_000_000_000L;

    private final URI portal;
    private final String cookie;
    private final byte[] read = new byte[256 * 1024];
    private Socket socket;
    private long used = System.nanoTime();

    PageSocket(String portal, String cookie) throws IOException {
        this.portal = URI.create(portal);
        this.cookie = cookie;
        this.socket = connect();
    }

    private Socket connect() throws IOException {
        Socket made = new Socket("127.0.0.1", portal.getPort());
        made.setTcpNoDelay(true);
        made.setSoTimeout(PATIENCE);
        return made;
    }

    /// The status of the answer, which has been read to its end. After an IOException the next call begins with a new connection.
    int get(String path) throws IOException {
        if (System.nanoTime() - used > IDLE_NANOS) {
            renew();
        }
        try {
            socket.getOutputStream().write(("GET " + path + " HTTP/1.1\r\nHost: " + portal.getAuthority() + "\r\nCookie: " + cookie + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            int status = answer(socket.getInputStream());
            used = System.nanoTime();
            return status;
        } catch (IOException broken) {
            renew();
            throw broken;
        }
    }

    private int answer(InputStream from) throws IOException {
        int length = 0;
        int body = -1;
        String head = "";
        while (body < 0 || !isWhole(head, body, length)) {
            int more = from.read(read, length, read.length - length);
            if (more <= 0) {
                throw new EOFException("the answer broke off after " + length + " bytes");
            }
            length += more;
            if (body < 0) {
                body = endOfHead(length);
                head = body < 0 ? "" : new String(read, 0, body, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
            }
        }
        if (head.contains("\r\nconnection: close")) {
            renew();
        }
        return Integer.parseInt(head.substring(9, 12));
    }

    private int endOfHead(int length) {
        for (int i = 3; i < length; i++) {
            if (read[i] == '\n' && read[i - 1] == '\r' && read[i - 2] == '\n' && read[i - 3] == '\r') {
                return i + 1;
            }
        }
        return -1;
    }

    private boolean isWhole(String head, int body, int length) {
        int announced = head.indexOf("\r\ncontent-length:");
        if (announced >= 0) {
            return length >= body + Integer.parseInt(head.substring(announced + 17, head.indexOf('\r', announced + 2)).strip());
        }
        return length >= body + 5 && new String(read, length - 5, 5, StandardCharsets.ISO_8859_1).equals("0\r\n\r\n");
    }

    private void renew() throws IOException {
        socket.close();
        socket = connect();
        used = System.nanoTime();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
