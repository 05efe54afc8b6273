package dev.countersign.notices;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.util.Timeout;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/// Posts one event to its receiver.
///
/// - A name is resolved for each attempt, all its addresses are checked (`ReceiverNetworks`), and the connection is made to exactly
///   these: a name that moves between check and connection does not get through.
/// - No redirect, proxy, cookie, retry or kept connection: one attempt is one request.
/// - At most 5 s to connect and 15 s for everything, however slowly the answer drips; 2 KiB of it are read.
@Component
class Post implements DisposableBean {
    static final Duration CONNECT = Duration.ofSeconds(5);
    static final Duration ANSWER = Duration.ofSeconds(15);
    private static final int READ = 2_048;
    private static final int KEPT = 300;
    private static final int ADDRESSES = 2;
    private static final ContentType CLOUD_EVENT = ContentType.create("application/cloudevents+json", StandardCharsets.UTF_8);

    private final ReceiverNetworks networks;
    private final Names names;
    private final Duration patience;
    private final CloseableHttpClient client;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("webhook-deadline").factory());

    /// The addresses of a host.
    @FunctionalInterface
    interface Names {
        InetAddress[] of(String host) throws UnknownHostException;
    }

    @Autowired
    Post(ReceiverNetworks networks) {
        this(networks, InetAddress::getAllByName, ANSWER);
    }

    /// `patience`: how long everything may take.
    Post(ReceiverNetworks networks, Names names, Duration patience) {
        this.networks = networks;
        this.names = names;
        this.patience = patience;
        this.client = HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setDnsResolver(new Checked())
                        .setDefaultConnectionConfig(ConnectionConfig.custom().setConnectTimeout(Timeout.of(CONNECT)).setSocketTimeout(Timeout.of(ANSWER)).build())
                        .setMaxConnTotal(NoticeLoop.MOST + 1)
                        .setMaxConnPerRoute(NoticeLoop.MOST + 1)
                        .build())
                .setDefaultRequestConfig(RequestConfig.custom().setResponseTimeout(Timeout.of(ANSWER)).setConnectionRequestTimeout(Timeout.of(CONNECT)).build())
                .setConnectionReuseStrategy((request, response, context) -> false)
                .setUserAgent("Countersign-Webhooks/1")
                .disableRedirectHandling()
                .disableAutomaticRetries()
                .disableCookieManagement()
                .disableContentCompression()
                .disableAuthCaching()
                .build();
    }

    Answered send(Claim claim) {
        long start = System.nanoTime();
        HttpPost post;
        try {
            // What may be reached can have become less since the webhook was registered.
            post = new HttpPost(ReceiverAddress.of(claim.url(), networks).uri());
        } catch (ReceiverNetworks.Refused refused) {
            return new Answered.Nothing("Not sent: the address " + refused.words() + ".", since(start));
        }
        post.setHeader("webhook-id", claim.messageId());
        post.setHeader("webhook-timestamp", Long.toString(claim.at().getEpochSecond()));
        post.setHeader("webhook-signature", Signature.of(claim.secrets(), claim.messageId(), claim.at(), claim.body()));
        post.setEntity(new ByteArrayEntity(claim.body().getBytes(StandardCharsets.UTF_8), CLOUD_EVENT));
        ScheduledFuture<?> deadline = clock.schedule(post::cancel, patience.toMillis(), TimeUnit.MILLISECONDS);
        try (ClassicHttpResponse answer = client.executeOpen(HttpHost.create(post.getUri()), post, null)) {
            String words = excerpt(answer);
            // Else closing would read the rest, for as long as it comes.
            post.cancel();
            Optional<Duration> wish = answer.getCode() == 429 || answer.getCode() == 503
                    ? Optional.ofNullable(answer.getFirstHeader("Retry-After")).map(Header::getValue).flatMap(value -> Retry.asked(value, claim.at()))
                    : Optional.empty();
            return new Answered.Said(answer.getCode(), words, wish, since(start));
        } catch (IOException | RuntimeException | java.net.URISyntaxException failure) {
            return new Answered.Nothing(words(failure, since(start)), since(start));
        } finally {
            deadline.cancel(false);
        }
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /// What was answered, as far as it is read; a body that breaks off is no failure of the answer before it.
    private static String excerpt(ClassicHttpResponse answer) {
        byte[] read = new byte[READ];
        int length = 0;
        try (InputStream body = answer.getEntity() == null ? InputStream.nullInputStream() : answer.getEntity().getContent()) {
            length = body.readNBytes(read, 0, READ);
        } catch (IOException | RuntimeException broken) {
            // What came stands in `read`; how much of it, nobody knows.
            while (length < READ && read[length] != 0) {
                length++;
            }
        }
        String words = clean(new String(read, 0, length, StandardCharsets.UTF_8));
        String redirect = answer.getCode() / 100 == 3 ? "Redirects are not followed. " : "";
        return (redirect + words).strip();
    }

    /// Fit to show: one line, no control or direction characters.
    static String clean(String text) {
        StringBuilder clean = new StringBuilder();
        text.codePoints().forEach(c -> clean.appendCodePoint(switch (Character.getType(c)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SPACE_SEPARATOR -> ' ';
            case Character.FORMAT, Character.SURROGATE, Character.UNASSIGNED, Character.PRIVATE_USE -> '\uFFFD';
            default -> c;
        }));
        String line = clean.toString().strip().replaceAll(" {2,}", " ");
        return line.length() <= KEPT ? line : line.substring(0, line.offsetByCodePoints(0, Math.min(KEPT - 1, line.codePointCount(0, KEPT - 1)))) + "…";
    }

    /// Its kind in our words: a library's own may repeat the address.
    private String words(Exception failure, Duration took) {
        if (took.compareTo(patience) >= 0) {
            return "No answer within " + ANSWER.toSeconds() + " s.";
        }
        return switch (failure) {
            case ReceiverNetworks.Refused refused -> "Not sent: the address " + refused.words() + ".";
            case UnknownHostException _ -> "The host's name is not known.";
            case ConnectTimeoutException _ -> "No connection within " + CONNECT.toSeconds() + " s.";
            case SocketTimeoutException _ -> "No answer within " + ANSWER.toSeconds() + " s.";
            case ConnectException _ -> "The connection is refused, or there is no way to the host.";
            case SSLException _ -> "TLS fails: the host's certificate is not trusted, or it speaks another protocol.";
            default -> "The connection broke before an answer (" + failure.getClass().getSimpleName() + ").";
        };
    }

    @Override
    public void destroy() throws IOException {
        clock.shutdownNow();
        client.close();
    }

    /// The resolver of the machine; whatever it answers, only addresses that may be gone to are connected to.
    private final class Checked implements DnsResolver {
        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
            InetAddress[] addresses = names.of(host);
            for (InetAddress address : addresses) {
                networks.check(address);
                if (host.equals("localhost") && !address.isLoopbackAddress()) {
                    throw new ReceiverNetworks.Refused("is this machine by name, but leads elsewhere");
                }
            }
            // Each may take its time to connect.
            return Arrays.copyOf(addresses, Math.min(ADDRESSES, addresses.length));
        }

        @Override
        public String resolveCanonicalHostname(String host) {
            return host;
        }
    }
}
