package dev.countersign.notices;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A receiver on this machine that writes down what comes, byte by byte as it was sent, and behaves as it is told to.
public final class StubReceiver implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    private final ServerSocket socket;
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger mostOpen = new AtomicInteger();
    private volatile Manner manner = answers(204, "");

    /// What is done with a request that was read.
    @FunctionalInterface
    public interface Manner {
        void answer(Received request, OutputStream out) throws IOException, InterruptedException;
    }

    /// One request. Header names in lower case.
    public record Received(String line, Map<String, String> headers, String body) {
        public JsonNode event() {
            return JSON.readTree(body);
        }

        public String type() {
            return event().path("type").asString();
        }

        public long entry() {
            return event().path("data").path("entry").asLong();
        }

        public long request() {
            return event().path("data").path("request").asLong();
        }

        public String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    public StubReceiver() {
        try {
            socket = new ServerSocket(0, 200, InetAddress.ofLiteral("127.0.0.1"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    public static Manner answers(int status, String body, String... headers) {
        return (request, out) -> out.write(("HTTP/1.1 " + status + " Said\r\n" + String.join("", List.of(headers).stream().map(header -> header + "\r\n").toList())
                + "Content-Length: " + body.getBytes(StandardCharsets.UTF_8).length + "\r\nConnection: close\r\n\r\n" + body).getBytes(StandardCharsets.UTF_8));
    }

    /// Takes the request and says nothing for so long.
    public static Manner hangs(Duration time) {
        return (request, out) -> Thread.sleep(time);
    }

    /// A byte now and then, for ever.
    public static Manner drips(int status) {
        return (request, out) -> {
            out.write(("HTTP/1.1 " + status + " Said\r\nContent-Type: text/plain\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            while (true) {
                out.write('.');
                out.flush();
                Thread.sleep(50);
            }
        };
    }

    /// Half of a status line, and the end.
    public static Manner breaksOff() {
        return (request, out) -> out.write("HTTP/1.1 2".getBytes(StandardCharsets.US_ASCII));
    }

    public void is(Manner wanted) {
        manner = wanted;
    }

    public String url() {
        return "http://127.0.0.1:" + socket.getLocalPort() + "/hooks?token=t0ken-in-the-url";
    }

    public String origin() {
        return "http://127.0.0.1:" + socket.getLocalPort();
    }

    public List<Received> received() {
        return List.copyOf(received);
    }

    public List<Received> received(Predicate<Received> which) {
        return received.stream().filter(which).toList();
    }

    public int mostOpen() {
        return mostOpen.get();
    }

    public StubReceiver await(String what, BooleanSupplier reached) {
        for (long end = System.nanoTime() + Duration.ofSeconds(60).toNanos(); !reached.getAsBoolean(); java.util.concurrent.locks.LockSupport.parkNanos(5_000_000)) {
            assertThat(System.nanoTime()).as(what + "; received " + received.stream().map(one -> one.type() + " " + one.entry()).toList()).isLessThan(end);
        }
        return this;
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                Thread.ofVirtual().start(() -> serve(connection));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket connection) {
        mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
        try (connection) {
            Received request = read(connection.getInputStream());
            received.add(request);
            manner.answer(request, connection.getOutputStream());
        } catch (IOException | InterruptedException | RuntimeException gone) {
            // Whoever asked is gone, or the test is over.
        } finally {
            open.decrementAndGet();
        }
    }

    private static Received read(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int one = in.read();
            if (one < 0) {
                throw new IOException("no request");
            }
            head.write(one);
        }
        String[] lines = head.toString(StandardCharsets.ISO_8859_1).split("\r\n");
        Map<String, String> headers = new TreeMap<>();
        for (int i = 1; i < lines.length; i++) {
            headers.put(lines[i].substring(0, lines[i].indexOf(':')).toLowerCase(java.util.Locale.ROOT), lines[i].substring(lines[i].indexOf(':') + 1).strip());
        }
        return new Received(lines[0], headers, new String(in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0"))), StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
