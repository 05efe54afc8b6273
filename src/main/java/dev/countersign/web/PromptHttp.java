package dev.countersign.web;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.coyote.Adapter;
import org.apache.coyote.Constants;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SocketWrapperBase;

/// HTTP as Tomcat speaks it, to those who say what they want within reason. Tomcat's own timeout counts from one byte to the
/// next: a client that sends one a second holds a connection for ever. Here a request, head and body, is complete `PATIENCE` after its
/// first byte, and a second later for each `BYTES_A_SECOND` of body that have come; else its connection is closed without an answer.
/// What follows when the request is complete (work, a stream of news) may take as long as it likes.
///
/// Public, with its constructor, because Tomcat makes it by its name.
public final class PromptHttp extends Http11NioProtocol {
    static final Duration PATIENCE = Duration.ofSeconds(10);
    static final long BYTES_A_SECOND = 16 * 1024;

    /// Tomcat's 8 KiB are kept for each open connection, twice while it is asked something; what browsers send mostly fits in this.
    private static final int READ_AT_ONCE = 2 * 1024;

    private final Set<Listening> listening = ConcurrentHashMap.newKeySet();
    private ScheduledFuture<?> watch;

    public PromptHttp() {
        getEndpoint().getSocketProperties().setAppReadBufSize(READ_AT_ONCE);
    }

    @Override
    public void start() throws Exception {
        super.start();
        watch = getUtilityExecutor().scheduleAtFixedRate(() -> listening.forEach(Listening::closeIfSlow), 1, 1, TimeUnit.SECONDS);
    }

    @Override
    public void stop() throws Exception {
        if (watch != null) {
            watch.cancel(false);
        }
        super.stop();
    }

    @Override
    protected Processor createProcessor() {
        return new Listening(this, getAdapter(), listening);
    }

    /// Of one connection while it speaks. Known to the watch from the first byte of a request until it is complete.
    private static final class Listening extends Http11Processor {
        private final Set<Listening> all;
        private boolean serving;

        Listening(AbstractHttp11Protocol<?> protocol, Adapter adapter, Set<Listening> all) {
            super(protocol, adapter);
            this.all = all;
        }

        @Override
        public SocketState service(SocketWrapperBase<?> socket) throws IOException {
            begin();
            SocketState state = SocketState.CLOSED;
            try {
                state = super.service(socket);
                return state;
            } finally {
                end(state);
            }
        }

        private synchronized void begin() {
            serving = true;
            all.add(this);
        }

        /// Half a head leaves it to the watch alone, and so does work that goes on elsewhere.
        private synchronized void end(SocketState state) {
            serving = false;
            if (state != SocketState.LONG) {
                all.remove(this);
            }
        }

        /// By the watch, beside the thread that reads: what it sees may be a moment old, what it closes is never another's.
        private void closeIfSlow() {
            SocketWrapperBase<?> socket = socketWrapper;
            long start = request.getStartTimeNanos();
            if (socket == null || start < 0 || isComplete()) {
                forget();
                return;
            }
            long allowed = PATIENCE.toNanos() + TimeUnit.SECONDS.toNanos(1) * request.getBytesRead() / BYTES_A_SECOND;
            if (System.nanoTime() - start > allowed) {
                socket.close();
                forget();
            }
        }

        private synchronized void forget() {
            if (!serving) {
                all.remove(this);
            }
        }

        /// Until the head is read nothing is known of a body.
        private boolean isComplete() {
            return request.getRequestProcessor().getStage() > Constants.STAGE_PARSE && isRequestBodyFullyRead();
        }
    }
}
