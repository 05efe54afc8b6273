package dev.countersign.clusters;

import dev.countersign.clusters.ClusterTrouble.Unreachable;
import dev.countersign.tenancy.ServerAddress;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// Bounded HTTP to one API server through the Kubernetes client's transport: at most 5 s to connect, 15 s for a whole
/// answer however slowly it drips, 32 MiB of it; no retry, no redirect, no proxy of the machine's environment. Lines of a
/// watch may take as long as they like.
final class ClusterHttp implements AutoCloseable {
    static final Duration CONNECT = Duration.ofSeconds(5);
    static final Duration ANSWER = Duration.ofSeconds(15);
    private static final int MAX_BODY = 32 * 1024 * 1024;
    private static final int MAX_LINE = 4 * 1024 * 1024;

    private final ServerAddress server;
    private final Bearer bearer;
    private final Optional<RequestPace> pace;
    private final HttpClient http;

    /// The bearer token of the moment; empty where a client certificate speaks.
    @FunctionalInterface
    interface Bearer {
        Optional<String> token() throws IOException;
    }

    /// An HTTP answer, whatever its status.
    record Answer(int status, Optional<Duration> retryAfter, byte[] body) {}

    /// What a request came to: an answer, or none.
    sealed interface Exchange {
        record Answered(Answer answer) implements Exchange {}

        record Failed(Unreachable trouble) implements Exchange {}
    }

    /// Without a `pace` every request is sent at once.
    ClusterHttp(ServerAddress server, ClusterTls.Managers tls, Bearer bearer, Optional<RequestPace> pace) {
        this.pace = pace;
        this.server = server;
        this.bearer = bearer;
        HttpClient.Builder builder = new JdkHttpClientFactory().newBuilder();
        builder.connectTimeout(CONNECT.toMillis(), TimeUnit.MILLISECONDS);
        builder.sslContext(tls.keys(), tls.trust());
        builder.tag(new RequestConfigBuilder().withRequestRetryBackoffLimit(0).build());
        if (server.uri().getScheme().equals("http")) {
            builder.preferHttp11();
        }
        this.http = builder.build();
    }

    Exchange send(String method, String pathAndQuery, Optional<Body> body) {
        Optional<Exchange> held = await();
        if (held.isPresent()) {
            return held.get();
        }
        Exchange exchange = sendNow(method, pathAndQuery, body);
        if (exchange instanceof Exchange.Answered(Answer answer) && (answer.status() == 429 || answer.status() == 503)) {
            answer.retryAfter().ifPresent(wish -> pace.ifPresent(mine -> mine.hold(wish)));
        }
        return exchange;
    }

    /// Waits for the turn of one request; what it comes to where the cluster wants to be left alone, or the portal stops meanwhile.
    private Optional<Exchange> await() {
        if (pace.isEmpty()) {
            return Optional.empty();
        }
        try {
            Thread.sleep(pace.get().take());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return Optional.of(failed("the portal is stopping"));
        }
        return pace.get().held().map(left -> new Exchange.Failed(new Unreachable("the cluster asked for time a moment ago", Optional.of(left))));
    }

    private Exchange sendNow(String method, String pathAndQuery, Optional<Body> body) {
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        CompletableFuture<Integer> status = new CompletableFuture<>();
        CompletableFuture<Answer> whole = new CompletableFuture<>();
        try {
            HttpRequest request = request(method, pathAndQuery, body, "application/json").timeout(ANSWER.toMillis(), TimeUnit.MILLISECONDS).build();
            var sent = http.consumeBytes(request, (parts, flow) -> {
                parts.forEach(part -> write(part, received));
                if (received.size() > MAX_BODY) {
                    whole.completeExceptionally(new IOException("the answer is larger than " + MAX_BODY + " bytes"));
                    flow.cancel();
                } else {
                    flow.consume();
                }
            });
            sent.whenComplete((response, failure) -> {
                if (failure != null) {
                    whole.completeExceptionally(failure);
                    return;
                }
                status.complete(response.code());
                whole.whenComplete((_, _) -> response.body().cancel());
                response.body().done().whenComplete((_, broken) -> {
                    if (broken != null) {
                        whole.completeExceptionally(broken);
                    } else {
                        whole.complete(new Answer(response.code(), retryAfter(response.header("Retry-After")), received.toByteArray()));
                    }
                });
                response.body().consume();
            });
            try {
                return new Exchange.Answered(whole.get(ANSWER.toMillis(), TimeUnit.MILLISECONDS));
            } finally {
                whole.cancel(false);
                sent.cancel(false);
            }
        } catch (TimeoutException slow) {
            return failed("no complete answer within " + ANSWER.toSeconds() + " s");
        } catch (ExecutionException | IOException failure) {
            return failed(words(failure));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return failed("the portal is stopping");
        } catch (IllegalStateException closed) {
            return failed("the connection was closed because its credentials changed or the portal is stopping");
        }
    }

    /// Reads lines until the server ends the stream, `stop` completes, or nothing at all came for `silence`. Answers the
    /// status with the body where it is not 200, an empty 200 at a proper end.
    Exchange lines(String pathAndQuery, Duration silence, CompletableFuture<Void> stop, Consumer<String> line) {
        Optional<Exchange> held = await();
        if (held.isPresent()) {
            return held.get();
        }
        LineSplitter splitter = new LineSplitter(MAX_LINE, line);
        ByteArrayOutputStream refusal = new ByteArrayOutputStream();
        CompletableFuture<Answer> end = new CompletableFuture<>();
        Heartbeat heartbeat = new Heartbeat();
        try {
            HttpRequest request = request("GET", pathAndQuery, Optional.empty(), "application/json").forStreaming().build();
            CompletableFuture<Integer> code = new CompletableFuture<>();
            var sent = http.consumeBytes(request, (parts, flow) -> {
                heartbeat.beat();
                try {
                    if (code.getNow(200) == 200) {
                        parts.forEach(splitter::take);
                    } else if (refusal.size() < 65536) {
                        parts.forEach(part -> write(part, refusal));
                    }
                    flow.consume();
                } catch (RuntimeException broken) {
                    end.completeExceptionally(broken);
                    flow.cancel();
                }
            });
            sent.whenComplete((response, failure) -> {
                if (failure != null) {
                    end.completeExceptionally(failure);
                    return;
                }
                heartbeat.beat();
                code.complete(response.code());
                end.whenComplete((_, _) -> response.body().cancel());
                response.body().done().whenComplete((_, broken) -> {
                    if (broken != null) {
                        end.completeExceptionally(broken);
                    } else {
                        end.complete(new Answer(response.code(), retryAfter(response.header("Retry-After")), refusal.toByteArray()));
                    }
                });
                response.body().consume();
            });
            stop.whenComplete((_, _) -> end.complete(new Answer(200, Optional.empty(), new byte[0])));
            try {
                return new Exchange.Answered(await(end, heartbeat, silence));
            } finally {
                end.cancel(false);
                sent.cancel(false);
            }
        } catch (TimeoutException silent) {
            return failed("nothing came through the watch for " + silence.toSeconds() + " s");
        } catch (ExecutionException | IOException failure) {
            return failed(words(failure));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return failed("the portal is stopping");
        } catch (IllegalStateException closed) {
            return failed("the connection was closed because its credentials changed or the portal is stopping");
        }
    }

    private static Answer await(CompletableFuture<Answer> end, Heartbeat heartbeat, Duration silence)
            throws TimeoutException, ExecutionException, InterruptedException {
        while (true) {
            Duration left = heartbeat.left(silence);
            if (!left.isPositive()) {
                throw new TimeoutException();
            }
            try {
                return end.get(left.toMillis() + 1, TimeUnit.MILLISECONDS);
            } catch (TimeoutException perhapsMeanwhile) {
                // Something may have come while we waited: look at the clock again.
            }
        }
    }

    /// When something was last heard.
    private static final class Heartbeat {
        private volatile long at = System.nanoTime();

        void beat() {
            at = System.nanoTime();
        }

        Duration left(Duration silence) {
            return silence.minusNanos(System.nanoTime() - at);
        }
    }

    /// `type` is the media type.
    record Body(String type, String json) {}

    private HttpRequest.Builder request(String method, String pathAndQuery, Optional<Body> body, String accept) throws IOException {
        try {
            server.checkResolved();
        } catch (ServerAddress.Refusal refusal) {
            throw new IOException("the server address " + refusal.words(), refusal);
        }
        HttpRequest.Builder request = http.newHttpRequestBuilder();
        request.uri(URI.create(server.uri() + pathAndQuery));
        request.setHeader("Accept", accept);
        request.setHeader("User-Agent", "countersign");
        bearer.token().ifPresent(token -> request.setHeader("Authorization", "Bearer " + token));
        if (body.isPresent()) {
            request.method(method, body.get().type(), body.get().json());
        } else if (!method.equals("GET")) {
            request.method(method, null, (String) null);
        }
        return request;
    }

    private static void write(ByteBuffer part, ByteArrayOutputStream into) {
        byte[] bytes = new byte[part.remaining()];
        part.get(bytes);
        into.writeBytes(bytes);
    }

    private static Exchange failed(String words) {
        return new Exchange.Failed(new Unreachable(words, Optional.empty()));
    }

    private static Optional<Duration> retryAfter(String value) {
        // The other form, a date, is not used by API servers.
        return Optional.ofNullable(value)
                .filter(text -> text.matches("[0-9]{1,6}"))
                .map(text -> Duration.ofSeconds(Long.parseLong(text)));
    }

    /// The innermost words, without class names of libraries where they have words of their own.
    private static String words(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof ExecutionException || cause instanceof CompletionException || cause.getMessage() == null)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String words = cause.getMessage();
        String kind = switch (cause) {
            case java.net.http.HttpConnectTimeoutException _ -> "no connection within " + CONNECT.toSeconds() + " s";
            case java.net.ConnectException _ -> "the connection is refused or there is no way to the server";
            case java.net.http.HttpTimeoutException _ -> "no answer within " + ANSWER.toSeconds() + " s";
            case javax.net.ssl.SSLException _ -> "TLS fails";
            default -> "the connection fails";
        };
        return ClusterWords.clean(words == null || words.isBlank() ? kind : kind + ": " + words);
    }

    @Override
    public void close() {
        http.close();
    }

    static String query(String name, String value) {
        return name + "=" + java.net.URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    static String withQuery(String path, List<String> parameters) {
        return parameters.isEmpty() ? path : path + "?" + String.join("&", parameters);
    }
}
