package dev.countersign.identity.oidc;

import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import dev.countersign.tenancy.ServerAddress;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Bounded HTTP to providers: at most 3 s to connect, 5 s for a whole answer however slowly it drips, the look-up of its name
/// included, and 256 KiB of it. No retry, no redirect, no proxy of the machine's environment, no cookie.
final class ProviderHttp implements AutoCloseable {
    static final Duration CONNECT = Duration.ofSeconds(3);
    static final Duration ANSWER = Duration.ofSeconds(5);
    static final int MOST_BYTES = 256 * 1024;

    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(HttpClient.Builder.NO_PROXY)
            .version(HttpClient.Version.HTTP_1_1)
            .build();
    private final ExecutorService visits = Executors.newVirtualThreadPerTaskExecutor();

    /// Why the portal does not go there for a provider, completing "the address …". Paths and queries are the provider's own business.
    static Optional<String> refuses(URI address) {
        try {
            server(address);
            return Optional.empty();
        } catch (ServerAddress.Refusal refusal) {
            return Optional.of(refusal.words());
        }
    }

    private static ServerAddress server(URI address) throws ServerAddress.Refusal {
        boolean plain = address.getScheme() != null && address.getRawAuthority() != null && address.getRawFragment() == null;
        return ServerAddress.of(plain ? address.getScheme() + "://" + address.getRawAuthority() : address.toString());
    }

    /// A document in JSON with status 200.
    String get(URI address, Deadline deadline) throws ProviderTrouble {
        HttpResponse<byte[]> answer = send(address, HttpRequest.newBuilder(address).header("Accept", "application/json").GET(), deadline);
        if (answer.statusCode() != 200) {
            throw ProviderTrouble.away("answered with status " + answer.statusCode() + (answer.statusCode() / 100 == 3 ? ", and no redirect is followed" : ""));
        }
        if (!isJson(answer)) {
            throw ProviderTrouble.away("answered with something that is not JSON");
        }
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    /// As the library made the request, and for the library to read the answer. Any status below 500 but a redirect.
    HTTPResponse post(HTTPRequest request, Deadline deadline) throws ProviderTrouble {
        HttpRequest.Builder ours = HttpRequest.newBuilder(request.getURI()).header("Accept", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(request.getBody() == null ? "" : request.getBody()));
        request.getHeaderMap().forEach((name, values) -> values.forEach(value -> ours.header(name, value)));
        HttpResponse<byte[]> answer = send(request.getURI(), ours, deadline);
        int status = answer.statusCode();
        if (status >= 500 || status == 429) {
            throw ProviderTrouble.away("answered with status " + status);
        }
        if (status / 100 == 3 || !isJson(answer)) {
            throw ProviderTrouble.wrong("answered with status " + status + " and no JSON");
        }
        HTTPResponse read = new HTTPResponse(status);
        try {
            read.setContentType("application/json");
        } catch (ParseException impossible) {
            throw new IllegalStateException(impossible);
        }
        read.setBody(new String(answer.body(), StandardCharsets.UTF_8));
        return read;
    }

    private HttpResponse<byte[]> send(URI address, HttpRequest.Builder request, Deadline deadline) throws ProviderTrouble {
        Duration most = deadline.atMost(ANSWER);
        Future<HttpResponse<byte[]>> visit = visits.submit(() -> {
            server(address).checkResolved();
            return client.send(request.header("User-Agent", "countersign").timeout(most).build(),
                    HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), MOST_BYTES));
        });
        try {
            return visit.get(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException slow) {
            throw ProviderTrouble.away("gave no whole answer within " + Math.max(1, most.toSeconds()) + " s");
        } catch (ExecutionException failed) {
            throw ProviderTrouble.away(words(failed.getCause()));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw ProviderTrouble.away("was not waited for: the portal is stopping");
        } finally {
            visit.cancel(true);
        }
    }

    @Override
    public void close() {
        visits.shutdownNow();
        client.shutdownNow();
    }

    private static String words(Throwable failure) {
        return switch (failure) {
            case ServerAddress.Refusal refusal -> "has an address that " + refusal.words();
            case java.net.http.HttpConnectTimeoutException _ -> "let nobody connect within " + CONNECT.toSeconds() + " s";
            case java.net.ConnectException _ -> "lets nobody connect, or there is no way to it";
            case java.net.http.HttpTimeoutException _ -> "gave no whole answer in time";
            case javax.net.ssl.SSLException _ -> "has a certificate that this machine does not trust, or speaks no TLS";
            case IOException _ -> "broke the connection off, or sends more than " + MOST_BYTES / 1024 + " KiB";
            default -> "could not be asked";
        };
    }

    private static boolean isJson(HttpResponse<byte[]> answer) {
        String type = answer.headers().firstValue("Content-Type").orElse("").toLowerCase(Locale.ROOT);
        String media = type.substring(0, type.indexOf(';') < 0 ? type.length() : type.indexOf(';')).strip();
        return media.equals("application/json") || media.startsWith("application/") && media.endsWith("+json");
    }

    /// Until when all visits for one person's request must be done.
    record Deadline(long atNanos) {
        static Deadline in(Duration time) {
            return new Deadline(System.nanoTime() + time.toNanos());
        }

        Duration atMost(Duration most) throws ProviderTrouble {
            Duration left = Duration.ofNanos(atNanos - System.nanoTime());
            if (left.toMillis() < 1) {
                throw ProviderTrouble.away("took too long");
            }
            return left.compareTo(most) < 0 ? left : most;
        }
    }
}
