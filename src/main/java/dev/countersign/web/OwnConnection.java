package dev.countersign.web;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.WebConnection;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SSLSupport;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;

/// A connection of which only the socket is left once the head of its answer is written: for answers that stay open and say
/// little. A request that stays open keeps its buffers, its headers, and who asked: about ten times of what the socket needs.
///
/// - The answer is HTTP as any other, with the status and headers it had; it ends where the connection ends (`Connection: close`).
/// - One that sends anything after its request, or closes, is let go at once.
/// - The container's own means for other protocols carry it. What it says besides, status 101, is taken back.
///
/// Public, with its constructor, because Tomcat makes it by its name.
public final class OwnConnection implements InternalHttpUpgradeHandler, AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final CompletableFuture<SocketWrapperBase<?>> handedOver = new CompletableFuture<>();
    private volatile SocketWrapperBase<?> socket;
    private volatile Runnable gone = () -> {};

    /// Writes the head of the answer and takes the connection over once the request is done; `gone` is run, at most a few times, when
    /// it has ended since. Empty where the container has no connection to give: over HTTP/2, or where there is none.
    public static Optional<OwnConnection> of(HttpServletRequest request, HttpServletResponse response, Runnable gone) throws IOException {
        int status = response.getStatus();
        OwnConnection connection;
        try {
            connection = request.upgrade(OwnConnection.class);
        } catch (UnsupportedOperationException none) {
            return Optional.empty();
        } catch (ServletException failed) {
            throw new IOException(failed);
        }
        connection.gone = gone;
        response.setStatus(status);
        response.setHeader("Connection", "close");
        response.flushBuffer();
        return Optional.of(connection);
    }

    /// Throws IOException where nobody reads it within 10 seconds, or the connection has ended or was never handed over.
    public void send(String text) throws IOException {
        SocketWrapperBase<?> to = socket();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        // Who closes it holds the same lock: its buffers then belong to another connection.
        to.getLock().lock();
        try {
            if (to.isClosed()) {
                throw new EOFException("the connection has ended");
            }
            to.write(true, bytes, 0, bytes.length);
            to.flush(true);
        } finally {
            to.getLock().unlock();
        }
    }

    /// Ends it, and with it the answer.
    @Override
    public void close() {
        try {
            SocketWrapperBase<?> to = socket();
            to.getLock().lock();
            try {
                to.close();
            } finally {
                to.getLock().unlock();
            }
        } catch (IOException never) {
            // It is the container's still, and ends with its request.
        }
    }

    private SocketWrapperBase<?> socket() throws IOException {
        try {
            return handedOver.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } catch (ExecutionException | TimeoutException never) {
            throw new IOException("the request ended without handing over its connection", never);
        }
    }

    @Override
    public void setSocketWrapper(SocketWrapperBase<?> wrapper) {
        wrapper.setWriteTimeout(PATIENCE.toMillis());
        socket = wrapper;
    }

    @Override
    public void init(WebConnection connection) {
        handedOver.complete(socket);
    }

    /// By the container, under the connection's lock.
    @Override
    public SocketState upgradeDispatch(SocketEvent event) {
        boolean stays = event == SocketEvent.OPEN_WRITE || event == SocketEvent.OPEN_READ && isSilent();
        return stays ? SocketState.UPGRADED : SocketState.CLOSED;
    }

    private boolean isSilent() {
        try {
            return socket.read(false, new byte[1], 0, 1) == 0;
        } catch (IOException broken) {
            return false;
        }
    }

    @Override
    public void destroy() {
        handedOver.completeExceptionally(new EOFException("the connection has ended"));
        gone.run();
    }

    @Override
    public void timeoutAsync(long now) {
        // Whoever writes to it keeps the time.
    }

    @Override
    public void setSslSupport(SSLSupport support) {
        // Nobody asks for its certificates any more.
    }

    @Override
    public void pause() {
        // News ends its own.
    }
}
