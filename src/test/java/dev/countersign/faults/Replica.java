package dev.countersign.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A replica of the portal as a process of its own, without the demo, spoken to by REST like any script would.
final class Replica implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(2)).build();

    /// Empty for one that lives in this process.
    private final Optional<Process> child;
    /// Where its words are.
    private final Optional<Path> said;
    private final int port;

    private Replica(Optional<Process> child, Optional<Path> said, int port) {
        this.child = child;
        this.said = said;
        this.port = port;
    }

    /// The one of this process, which no test kills.
    static Replica here(int port) {
        return new Replica(Optional.empty(), Optional.empty(), port);
    }

    /// Starts one; `ready` waits for it. `settings` are Spring properties. Its words go to a file of `folder`.
    static Replica start(Image image, Path folder, Map<String, String> settings) {
        try {
            int port = FreePort.any();
            List<String> command = new ArrayList<>(image.command());
            command.add("--server.port=" + port);
            command.add("--server.address=127.0.0.1");
            settings.forEach((name, value) -> command.add("--" + name + "=" + value));
            Path said = folder.resolve("replica-" + port + ".log");
            Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
            return new Replica(Optional.of(process), Optional.of(said), port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Waits until it takes requests; at most a minute.
    Replica ready() throws InterruptedException {
        for (long end = System.nanoTime() + Duration.ofMinutes(1).multipliedBy(Laboratory.SLOWNESS).toNanos(); System.nanoTime() < end; Thread.sleep(30)) {
            if (!alive()) {
                throw new IllegalStateException("the replica ended by itself with " + process().exitValue() + ": " + lastWords());
            }
            try {
                if (readiness() == 200) {
                    return this;
                }
            } catch (IOException notYet) {
                // it is starting
            }
        }
        throw new IllegalStateException("the replica was not ready within a minute");
    }

    private String lastWords() {
        try {
            List<String> lines = Files.readAllLines(said.orElseThrow());
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
        } catch (IOException unread) {
            return "its words cannot be read";
        }
    }

    HttpResponse<String> post(String token, String path, UUID key, String body) throws IOException, InterruptedException {
        return send(request("/api/v1" + path).header("Authorization", "Bearer " + token).header("Content-Type", "application/json")
                .header("Idempotency-Key", key.toString()).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    HttpResponse<String> get(String token, String path) throws IOException, InterruptedException {
        return send(request("/api/v1" + path).header("Authorization", "Bearer " + token).GET());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(address(path)).timeout(Duration.ofSeconds(20).multipliedBy(Laboratory.SLOWNESS));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    URI address(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    /// Answers where the browser, which keeps cookies, is sent after its try.
    String signIn(HttpClient browser, String username, String password) throws IOException, InterruptedException {
        Matcher token = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"")
                .matcher(browser.send(HttpRequest.newBuilder(address("/sign-in")).build(), HttpResponse.BodyHandlers.ofString()).body());
        if (!token.find()) {
            throw new IllegalStateException("no page to sign in");
        }
        String form = "_csrf=" + encoded(token.group(1)) + "&password=" + encoded(password) + "&username=" + encoded(username);
        return browser.send(HttpRequest.newBuilder(address("/sign-in")).header("Content-Type", "application/x-www-form-urlencoded")
                .header("Origin", address("").toString()).POST(HttpRequest.BodyPublishers.ofString(form)).build(), HttpResponse.BodyHandlers.discarding())
                .headers().firstValue("Location").orElse("");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private Process process() {
        return child.orElseThrow();
    }

    int readiness() throws IOException, InterruptedException {
        return send(request("/actuator/health/readiness").GET()).statusCode();
    }

    int liveness() throws IOException, InterruptedException {
        return send(request("/actuator/health/liveness").GET()).statusCode();
    }

    boolean alive() {
        return child.map(Process::isAlive).orElse(true);
    }

    /// SIGKILL: it can do nothing about it. Returns at once.
    void kill() {
        process().destroyForcibly();
    }

    void awaitDeath() throws InterruptedException {
        if (!process().waitFor(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the replica survived SIGKILL");
        }
    }

    /// SIGTERM: it is asked to end. Returns at once.
    void terminate() {
        signal("TERM");
    }

    /// How it ended; it has as long as that.
    int exit(Duration bound) throws InterruptedException {
        if (!process().waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("the replica has not ended after " + bound);
        }
        return process().exitValue();
    }

    /// SIGSTOP and SIGCONT: a pause that the process does not notice.
    void pause() {
        signal("STOP");
    }

    void goOn() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process().pid())).start().waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        child.ifPresent(Process::destroyForcibly);
    }
}
