package dev.countersign.portal;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/// Git's own server over HTTP, where this machine has it: answers for the bare repositories in a folder to whoever asks.
public final class GitBackend implements HttpHandler {
    private static final Path PROGRAM = Path.of("/usr/lib/git-core/git-http-backend");

    private final Path folder;

    public GitBackend(Path folder) {
        this.folder = folder;
    }

    public static boolean isInstalled() {
        return Files.isExecutable(PROGRAM);
    }

    /// Git itself finds nothing wrong with the repository.
    public static void isSound(Path bare) throws IOException, InterruptedException {
        Process check = new ProcessBuilder("git", "--git-dir", bare.toString(), "fsck", "--strict").redirectErrorStream(true).start();
        String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(check.waitFor()).as(said).isZero();
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        if ("gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"))) {
            body = new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes();
        }
        ProcessBuilder builder = new ProcessBuilder(PROGRAM.toString());
        Map<String, String> environment = builder.environment();
        environment.putAll(Map.of("GIT_PROJECT_ROOT", folder.toString(), "GIT_HTTP_EXPORT_ALL", "1", "REMOTE_USER", "robot", "REQUEST_METHOD", exchange.getRequestMethod(),
                "PATH_INFO", exchange.getRequestURI().getPath(), "CONTENT_LENGTH", String.valueOf(body.length),
                "CONTENT_TYPE", Optional.ofNullable(exchange.getRequestHeaders().getFirst("Content-Type")).orElse(""),
                "QUERY_STRING", Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse("")));
        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Git-Protocol")).ifPresent(version -> environment.put("GIT_PROTOCOL", version));
        Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(body);
        }
        byte[] answer;
        try (InputStream out = process.getInputStream()) {
            answer = out.readAllBytes();
        }
        int split = new String(answer, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n");
        int status = 200;
        for (String line : new String(answer, 0, split, StandardCharsets.ISO_8859_1).split("\r\n")) {
            String[] pair = line.split(": ", 2);
            if (pair[0].equals("Status")) {
                status = Integer.parseInt(pair[1].substring(0, 3));
            } else {
                exchange.getResponseHeaders().add(pair[0], pair[1]);
            }
        }
        exchange.sendResponseHeaders(status, answer.length - split - 4 == 0 ? -1 : answer.length - split - 4);
        exchange.getResponseBody().write(answer, split + 4, answer.length - split - 4);
        exchange.close();
    }
}
