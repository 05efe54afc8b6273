package dev.countersign.attacks;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/// S33: what is too much of something, and a client that sends it over a connection of its own to the server on `port`.
public final class HugeInputs {
    static final int HUGE = 10 * 1024 * 1024;
    private static final String PREVIEW = "POST /api/v1/access-requests/preview";
    private static final String VALIDATION = "POST /api/v1/policies/validation";

    private final int port;
    private final String token;

    /// - `token`: an API token with every scope.
    public HugeInputs(int port, String token) {
        this.port = port;
        this.token = token;
    }

    /// `line`: method and address. One of `refusals` is the right status.
    public record Attack(String line, Map<String, String> headers, byte[] body, Set<Integer> refusals) {}

    /// By what they are.
    public Map<String, Attack> all() {
        Map<String, Attack> all = new LinkedHashMap<>();
        String json = "application/json";
        all.put("a reason of ten megabytes in pieces", pieces(PREVIEW, "{\"justification\":{\"reason\":\"" + "x".repeat(HUGE) + "\"}}"));
        all.put("a reason as long as a body may be", api(PREVIEW, json, "{\"justification\":{\"reason\":\"" + "x".repeat(60_000) + "\"}}", 422));
        all.put("100,000 levels", api(VALIDATION, json, "[".repeat(100_000) + "]".repeat(100_000), 400, 422));
        all.put("100,000 levels of a small body", api(PREVIEW, json, "[".repeat(100_000), 413));
        all.put("30,000 levels", api(PREVIEW, json, "{\"a\":".repeat(10_000), 422));
        all.put("a million labels", api(VALIDATION, "application/yaml", labels(1_000_000), 413));
        all.put("aliases of aliases", api(VALIDATION, "application/yaml", aliases(), 400, 422));
        all.put("two pieces of gzip", api(PREVIEW, json, "{}", Map.of("Content-Encoding", "gzip"), 415));
        all.put("gzip with a document", api(VALIDATION, json, "{}", Map.of("Content-Encoding", "gzip"), 415));
        all.put("multipart", api(PREVIEW, "multipart/form-data; boundary=x", "--x\r\n".repeat(10_000), 415));
        all.put("100,000 parameters", new Attack("GET /requests?" + parameters(100_000), Map.of(), new byte[0], Set.of(400, 414, 431)));
        all.put("as many parameters as a form holds", new Attack("POST /sign-in", Map.of("Content-Type", "application/x-www-form-urlencoded"),
                parameters(20_000).substring(0, 60_000).getBytes(StandardCharsets.UTF_8), Set.of(400, 413)));
        all.put("a header of 100,000 characters", new Attack("GET /help", Map.of("X-Long", "x".repeat(100_000)), new byte[0], Set.of(400, 431)));
        return all;
    }

    private Attack api(String route, String type, String body, Integer... refusals) {
        return api(route, type, body, Map.of(), refusals);
    }

    private Attack api(String route, String type, String body, Map<String, String> more, Integer... refusals) {
        Map<String, String> headers = new LinkedHashMap<>(more);
        headers.put("Content-Type", type);
        headers.put("Authorization", "Bearer " + token);
        return new Attack(route, headers, body.getBytes(StandardCharsets.UTF_8), Set.of(refusals));
    }

    private Attack pieces(String route, String body) {
        Attack whole = api(route, "application/json", Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n", 413);
        whole.headers().put("Transfer-Encoding", "chunked");
        return whole;
    }

    private static String labels(int count) {
        StringBuilder yaml = new StringBuilder("apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata:\n  name: a\n  labels:\n");
        IntStream.range(0, count).forEach(i -> yaml.append("    l").append(i).append(": v\n"));
        return yaml.toString();
    }

    private static String aliases() {
        StringBuilder yaml = new StringBuilder("a0: &a0 [x, x]\n");
        IntStream.range(1, 30).forEach(i -> yaml.append("a" + i + ": &a" + i + " [" + ("*a" + (i - 1) + ", ").repeat(9) + "*a" + (i - 1) + "]\n"));
        return yaml.toString();
    }

    private static String parameters(int count) {
        StringBuilder all = new StringBuilder();
        IntStream.range(0, count).forEach(i -> all.append("&p").append(i).append('='));
        return all.substring(1);
    }

    public String send(Attack attack) throws IOException {
        Map<String, String> headers = new LinkedHashMap<>(attack.headers());
        if (!headers.containsKey("Transfer-Encoding")) {
            headers.put("Content-Length", Integer.toString(attack.body().length));
        }
        return send(attack.line(), headers, attack.body());
    }

    /// Status line, headers and the beginning of the body. A server that has answered may close before all was sent.
    String send(String line, Map<String, String> headers, byte[] body) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(15_000);
            StringBuilder head = new StringBuilder(line + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
            headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    OutputStream out = socket.getOutputStream();
                    out.write(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
                    out.write(body);
                    out.flush();
                } catch (IOException closed) {
                    // Answered already.
                }
            });
            String answer = answer(socket.getInputStream(), body.length == 0 || headers.get("Transfer-Encoding") != null && body.length < 10);
            socket.close();
            writer.interrupt();
            return answer;
        }
    }

    /// - `headOnly`: where the rest of what was announced never comes, the server waits for it before it closes.
    private static String answer(InputStream in, boolean headOnly) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try {
            byte[] some = new byte[8192];
            for (int got = in.read(some); got >= 0 && answer.size() < 100_000; got = in.read(some)) {
                answer.write(some, 0, got);
                if (headOnly && answer.toString(StandardCharsets.UTF_8).contains("\r\n\r\n")) {
                    break;
                }
            }
        } catch (SocketException reset) {
            // After the answer: the rest of the body was not wanted.
        }
        return answer.toString(StandardCharsets.UTF_8);
    }
}
