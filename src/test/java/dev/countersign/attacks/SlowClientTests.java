package dev.countersign.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.portal.Fixtures;
import dev.countersign.portal.PortalTest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.CookieManager;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/// S33, slowloris: clients that send a byte a second for ever, at every part of a request, over real connections. Whoever comes
/// meanwhile is served, and the connections of the slow are closed.
@PortalTest
class SlowClientTests {
    private static final int CLIENTS = 200;
    private static final Duration LONGEST = Duration.ofSeconds(20);
    private static final String FORM = "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\n_csrf=";

    @LocalServerPort
    int port;

    /// By what they said at once; the rest comes a byte a second.
    private static final Map<String, String> BEGINNINGS = new TreeMap<>(Map.of(
            "a line", "",
            "a head", "GET /sign-in HTTP/1.1\r\nHost: localhost\r\nX-",
            "a form", FORM,
            "a document", "POST /api/v1/policies/validation HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n",
            "a body that nobody wants", "POST /help HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n",
            "pieces", "POST /api/v1/access-requests HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n60000\r\n",
            "a second request", "GET /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\nGET /sign-in HTTP/1.1\r\nX-"));

    @Test
    void twoHundredSlowClientsHoldNothingUpAndAreClosed() throws Exception {
        List<String> kinds = List.copyOf(BEGINNINGS.keySet());
        Map<String, Duration> held = new TreeMap<>();
        Duration slowest = Duration.ZERO;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor(); HttpClient http = HttpClient.newHttpClient()) {
            List<Future<Duration>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                String beginning = BEGINNINGS.get(kinds.get(i % kinds.size()));
                clients.add(threads.submit((Callable<Duration>) () -> holds(beginning)));
            }
            Thread.sleep(2_000);
            assertThat(clients.stream().filter(client -> !client.isDone()).count()).as("who holds on").isGreaterThan(CLIENTS * 2 / 3);
            for (int i = 0; i < 10; i++) {
                for (String path : List.of("/sign-in", "/actuator/health/liveness", "/actuator/health/readiness")) {
                    long start = System.nanoTime();
                    assertThat(http.send(HttpRequest.newBuilder(address(path)).timeout(Duration.ofSeconds(3)).build(),
                            HttpResponse.BodyHandlers.discarding()).statusCode()).as(path).isEqualTo(200);
                    slowest = slowest.compareTo(Duration.ofNanos(System.nanoTime() - start)) > 0 ? slowest : Duration.ofNanos(System.nanoTime() - start);
                }
            }
            for (int i = 0; i < CLIENTS; i++) {
                held.merge(kinds.get(i % kinds.size()), clients.get(i).get(), (one, other) -> one.compareTo(other) > 0 ? one : other);
            }
        }
        System.out.println("S33 " + CLIENTS + " slow clients held on for at most " + held + ", others waited for at most " + slowest.toMillis() + " ms");
        assertThat(held.values()).allMatch(time -> time.compareTo(LONGEST) < 0);
    }

    /// Slow, and not too slow: a body that comes steadily is taken, however long it is; and who only listens may be silent.
    @Test
    void aBodyThatComesSteadilyIsTakenAndAStreamIsLeftAlone(@Autowired Fixtures fixtures) throws Exception {
        CookieManager cookies = new CookieManager();
        try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).cookieHandler(cookies).build();
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            signIn(http, "engineer@" + fixtures.tenant().tenant().slug());
            InputStream news = http.send(HttpRequest.newBuilder(address("/news")).build(), HttpResponse.BodyHandlers.ofInputStream()).body();
            Thread listener = Thread.ofVirtual().start(() -> drain(news));
            int length = 600_000;
            socket.getOutputStream().write(("POST /policies HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "
                    + length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            long start = System.nanoTime();
            for (int sent = 0; sent < length; Thread.sleep(1_000)) {
                int piece = Math.min(length - sent, 40_000);
                socket.getOutputStream().write("x".repeat(piece).getBytes(StandardCharsets.US_ASCII));
                sent += piece;
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(13));
            socket.setSoTimeout(5_000);
            // Who has no session may not ask, and is told so.
            assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII)).matches("HTTP/1.1 [34]0[0-9]");
            assertThat(listener.isAlive()).as("the stream of news").isTrue();
            news.close();
        }
    }

    private void signIn(HttpClient http, String username) throws Exception {
        Matcher token = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"")
                .matcher(http.send(HttpRequest.newBuilder(address("/sign-in")).build(), HttpResponse.BodyHandlers.ofString()).body());
        assertThat(token.find()).isTrue();
        String form = "_csrf=" + URLEncoder.encode(token.group(1), StandardCharsets.UTF_8) + "&password=engineer+password&username=" + URLEncoder.encode(username, StandardCharsets.UTF_8);
        assertThat(http.send(HttpRequest.newBuilder(address("/sign-in")).header("Content-Type", "application/x-www-form-urlencoded").header("Origin", "http://127.0.0.1:" + port)
                .POST(HttpRequest.BodyPublishers.ofString(form)).build(), HttpResponse.BodyHandlers.discarding()).headers().firstValue("Location").orElse("")).doesNotContain("failed");
    }

    private URI address(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    private static void drain(InputStream stream) {
        try {
            stream.transferTo(OutputStream.nullOutputStream());
        } catch (IOException ended) {
            // By us, at the end.
        }
    }

    /// How long the server lets it.
    private Duration holds(String beginning) throws Exception {
        long start = System.nanoTime();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(1_000);
            socket.getOutputStream().write(beginning.getBytes(StandardCharsets.US_ASCII));
            byte[] some = new byte[8192];
            while (System.nanoTime() - start < Duration.ofSeconds(40).toNanos()) {
                socket.getOutputStream().write('G');
                socket.getOutputStream().flush();
                try {
                    while (socket.getInputStream().read(some) >= 0) {
                        // An answer already; the client goes on all the same.
                    }
                    break;
                } catch (java.net.SocketTimeoutException silent) {
                    // As if it waited.
                }
            }
        } catch (IOException closed) {
            // By the server.
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
