package dev.countersign.git;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Proxy;
import java.net.URL;
import org.eclipse.jgit.transport.http.HttpConnection;
import org.eclipse.jgit.transport.http.HttpConnectionFactory;
import org.eclipse.jgit.transport.http.JDKHttpConnection;

/// The connections of one visit: none by a proxy of the machine, none to an address that is refused, and together no more bytes and
/// no more time than the bounds allow, however slowly they drip.
final class BoundedHttp implements HttpConnectionFactory {
    private final GitBounds bounds;
    private final long end;
    private long received;

    BoundedHttp(GitBounds bounds) {
        this.bounds = bounds;
        this.end = System.nanoTime() + bounds.longest().toNanos();
    }

    @Override
    public HttpConnection create(URL url) throws IOException {
        return create(url, Proxy.NO_PROXY);
    }

    @Override
    public HttpConnection create(URL url, Proxy ignored) throws IOException {
        bounds.address().check();
        inTime();
        return new Connection(url);
    }

    private void inTime() throws IOException {
        if (System.nanoTime() - end > 0) {
            throw new IOException("it took longer than " + bounds.longest().toSeconds() + " s");
        }
    }

    private void count(long more) throws IOException {
        received += Math.max(0, more);
        if (received > bounds.mostBytes()) {
            throw new IOException("the repository sends more than " + bounds.mostBytes() / (1024 * 1024) + " MB");
        }
        inTime();
    }

    private final class Connection extends JDKHttpConnection {
        Connection(URL url) throws IOException {
            super(url, Proxy.NO_PROXY);
        }

        @Override
        public InputStream getInputStream() throws IOException {
            return new FilterInputStream(super.getInputStream()) {
                @Override
                public int read() throws IOException {
                    int one = super.read();
                    count(one < 0 ? 0 : 1);
                    return one;
                }

                @Override
                public int read(byte[] into, int offset, int length) throws IOException {
                    int read = super.read(into, offset, length);
                    count(read);
                    return read;
                }
            };
        }
    }
}
