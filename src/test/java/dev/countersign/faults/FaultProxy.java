package dev.countersign.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/// A TCP proxy on loopback that tells of exchanges (one question and its answer) and misbehaves on demand. Every connection has two threads
/// of its own; closing the proxy cuts all of them.
final class FaultProxy implements AutoCloseable {
    /// What it does with connections from now on.
    enum Fault {
        NONE,
        /// Connecting takes for ever: the queue at the door is full, and nobody empties it.
        NO_CONNECTION,
        /// New connections are accepted and nothing is ever answered.
        SILENCE,
        /// Every connection is cut at once, with a reset.
        RESET,
        /// An answer is cut in its middle, with a reset.
        RESET_IN_ANSWER,
        /// The answering half is closed after the question, without an answer; the asking half stays open.
        HALF_CLOSE,
        /// One byte of an answer each second.
        TRICKLE,
        /// Answers are replaced by noise.
        GARBAGE
    }

    private final int port;
    private volatile ServerSocket door;
    /// What fills the queue at the door.
    private final List<Socket> queued = new ArrayList<>();
    private volatile int target;
    private final Supplier<Line> lines;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile Fault fault = Fault.NONE;
    private volatile boolean held;
    private volatile boolean closed;

    /// `lines` gives each connection the one that listens to it.
    FaultProxy(int target, Supplier<Line> lines) {
        this.target = target;
        this.lines = lines;
        door = open(0, 200);
        port = door.getLocalPort();
        Thread.ofVirtual().name("proxy").start(this::serve);
    }

    /// A door that was closed while somebody waited at it is free a moment later.
    private static ServerSocket open(int port, int queue) {
        for (int attempt = 1; ; attempt++) {
            try {
                return new ServerSocket(port, queue, InetAddress.getLoopbackAddress());
            } catch (BindException e) {
                if (attempt == 100) {
                    throw new UncheckedIOException(e);
                }
                pause();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    int port() {
        return port;
    }

    synchronized void fault(Fault next) {
        boolean reopen = (next == Fault.NO_CONNECTION) != (fault == Fault.NO_CONNECTION);
        fault = next;
        if (reopen) {
            close(door);
            queued.forEach(FaultProxy::reset);
            queued.clear();
            door = open(port, next == Fault.NO_CONNECTION ? 1 : 200);
            if (next == Fault.NO_CONNECTION) {
                fillQueue();
            }
        }
    }

    private void fillQueue() {
        for (int i = 0; i < 10; i++) {
            Socket socket = new Socket();
            queued.add(socket);
            try {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
            } catch (IOException full) {
                return;
            }
        }
        throw new IllegalStateException("the queue at the door does not get full");
    }

    /// While it holds, nobody is let in: new connections wait at the door.
    void hold(boolean hold) {
        held = hold;
    }

    /// Another server stands behind this address from now on; what is open is cut.
    void lead(int port) {
        target = port;
        cut();
    }

    /// Cuts what is open now; new connections are served.
    void cut() {
        open.forEach(FaultProxy::reset);
    }

    private void serve() {
        while (!closed) {
            try {
                if (fault == Fault.NO_CONNECTION) {
                    Thread.sleep(20);
                    continue;
                }
                Socket client = door.accept();
                while (held && !closed) {
                    Thread.sleep(2);
                }
                open.add(client);
                if (fault == Fault.RESET) {
                    reset(client);
                } else if (fault != Fault.SILENCE) {
                    Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                    server.setTcpNoDelay(true);
                    client.setTcpNoDelay(true);
                    open.add(server);
                    new Conversation(client, server).begin();
                }
            } catch (IOException e) {
                if (closed) {
                    return;
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private final class Conversation {
        private final Socket client;
        private final Socket server;
        private final AtomicBoolean asking = new AtomicBoolean(true);
        private final Line line = lines.get();
        private volatile boolean answered = true;

        Conversation(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void begin() {
            Thread.ofVirtual().name("proxy questions").start(() -> pump(client, server, true));
            Thread.ofVirtual().name("proxy answers").start(() -> pump(server, client, false));
        }

        private void pump(Socket from, Socket to, boolean questions) {
            byte[] buffer = new byte[1 << 16];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    if (questions) {
                        if (!ask(buffer, read)) {
                            throw new IOException("stopped before it arrived");
                        }
                        out.write(buffer, 0, read);
                    } else {
                        answer(buffer, read, out);
                    }
                    out.flush();
                }
                to.shutdownOutput();
            } catch (IOException | InterruptedException gone) {
                reset(client);
                reset(server);
            } finally {
                open.remove(from);
            }
        }

        /// False when the question shall never arrive.
        private boolean ask(byte[] bytes, int length) throws InterruptedException {
            // What follows an answer is a new question; the rest of a long one belongs to it.
            if (!answered) {
                return true;
            }
            answered = false;
            boolean goesOn = line.asked(bytes, length);
            asking.set(true);
            return goesOn;
        }

        private void answer(byte[] bytes, int length, OutputStream out) throws IOException, InterruptedException {
            boolean first = asking.getAndSet(false);
            answered = true;
            if (!line.answered(bytes, length, first)) {
                throw new IOException("the answer is lost");
            }
            switch (fault) {
                case NONE, NO_CONNECTION, SILENCE, RESET -> out.write(bytes, 0, length);
                case RESET_IN_ANSWER -> {
                    out.write(bytes, 0, length / 2);
                    out.flush();
                    throw new IOException("cut in the middle");
                }
                case HALF_CLOSE -> {
                    client.shutdownOutput();
                    return;
                }
                case TRICKLE -> {
                    for (int i = 0; i < length && fault == Fault.TRICKLE && !closed; i++) {
                        out.write(bytes[i]);
                        out.flush();
                        Thread.sleep(1000);
                    }
                    throw new IOException("still trickling when it was over");
                }
                case GARBAGE -> out.write("\u0016\u0003\u0001 this is neither TLS nor HTTP\n\n".getBytes(StandardCharsets.ISO_8859_1));
            }
            if (first) {
                out.flush();
                line.delivered();
            }
        }
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException gone) {
            // closed already
        }
    }

    @Override
    public void close() {
        closed = true;
        close(door);
        queued.forEach(FaultProxy::reset);
        cut();
    }

    private static void close(ServerSocket door) {
        try {
            door.close();
        } catch (IOException gone) {
            // closed already
        }
    }
}
