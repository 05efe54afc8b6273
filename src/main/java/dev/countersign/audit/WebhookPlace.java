package dev.countersign.audit;

import dev.countersign.audit.proof.Merkle;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.TenantId;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// Posts each new checkpoint to a receiver, signed as Standard Webhooks has it: HMAC-SHA256 over `id.timestamp.note`. It cannot be
/// read back, so it finds nothing: the receiver does, by comparing. After a start the latest is posted again, under the same
/// `webhook-id`. Nothing of an answer but its status and Retry-After is read, and no redirect is followed.
final class WebhookPlace implements PublishingPlace {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final Duration LONGEST_ASKED = Duration.ofHours(1);

    private final URI receiver;
    private final SecretKeySpec secret;
    private final Duration patience;
    private final HttpClient client = HttpClient.newBuilder().connectTimeout(CONNECT).followRedirects(HttpClient.Redirect.NEVER).build();
    private final Map<TenantId, String> taken = new HashMap<>();

    private WebhookPlace(URI receiver, byte[] secret, Duration patience) {
        this.receiver = receiver;
        this.secret = new SecretKeySpec(secret, "HmacSHA256");
        this.patience = patience;
    }

    static WebhookPlace of(String url, String secret) {
        return of(url, secret, ANSWER);
    }

    /// `patience`: how long an answer may take.
    static WebhookPlace of(String url, String secret, Duration patience) {
        URI receiver;
        try {
            receiver = new URI(url);
        } catch (URISyntaxException e) {
            // Its message would repeat the address, which may hold a token.
            throw new IllegalArgumentException("countersign.record.publish-webhook-url is not an address");
        }
        if (receiver.getHost() == null || receiver.getScheme() == null || !SafeAddress.allows(receiver.getScheme(), receiver.getHost())) {
            throw new IllegalArgumentException("countersign.record.publish-webhook-url must begin with https:// (http:// only for this machine)");
        }
        if (receiver.getRawUserInfo() != null || receiver.getRawFragment() != null) {
            throw new IllegalArgumentException("countersign.record.publish-webhook-url must hold neither a user nor a fragment");
        }
        return new WebhookPlace(receiver, key(secret), patience);
    }

    private static byte[] key(String secret) {
        try {
            byte[] key = Base64.getDecoder().decode(secret.startsWith("whsec_") ? secret.substring(6) : secret);
            if (key.length >= 24 && key.length <= 64) {
                return key;
            }
        } catch (IllegalArgumentException malformed) {
            // Said below.
        }
        throw new IllegalArgumentException("countersign.record.publish-webhook-secret must be 24 to 64 bytes in base64; make one with: openssl rand -base64 32");
    }

    /// Without path and query: they may hold a token.
    @Override
    public String words() {
        return "webhook " + receiver.getScheme() + "://" + receiver.getRawAuthority();
    }

    @Override
    public boolean isReadable() {
        return false;
    }

    @Override
    public void exchange(List<Tenant> tenants, Comparison comparison) throws PlaceAway, InterruptedException {
        int refusedStatus = 0;
        for (Tenant tenant : tenants) {
            Optional<String> latest = comparison.latest(tenant, Optional.empty());
            if (latest.isPresent() && !latest.get().equals(taken.get(tenant.id()))) {
                int status = post(latest.get());
                if (status / 100 == 2) {
                    taken.put(tenant.id(), latest.get());
                } else {
                    // Said of this note, not of all: the other tenants' are still sent.
                    refusedStatus = status;
                }
            }
        }
        if (refusedStatus != 0) {
            throw new PlaceAway("the receiver answered " + refusedStatus + (refusedStatus / 100 == 3 ? ", and redirects are not followed" : ""));
        }
    }

    /// The status of an answer. Throws where nobody answers, or the receiver wants nothing at present.
    private int post(String note) throws PlaceAway, InterruptedException {
        HttpResponse<InputStream> answer;
        try {
            answer = client.send(signed(note, Instant.now()), HttpResponse.BodyHandlers.ofInputStream());
            answer.body().close();
        } catch (IOException e) {
            // Its kind, not its words: they may repeat the address.
            throw new PlaceAway("no answer from the receiver (" + e.getClass().getSimpleName() + ")");
        }
        int status = answer.statusCode();
        if (status == 408 || status == 429 || status >= 500) {
            throw new PlaceAway("the receiver answered " + status, pause(answer.headers().firstValue("Retry-After").orElse(null), Instant.now()));
        }
        return status;
    }

    private HttpRequest signed(String note, Instant now) {
        String id = "msg_" + HexFormat.of().formatHex(Merkle.sha256(note.getBytes(StandardCharsets.UTF_8)), 0, 16);
        String time = String.valueOf(now.getEpochSecond());
        return HttpRequest.newBuilder(receiver)
                .timeout(patience)
                .header("Content-Type", "text/plain; charset=utf-8")
                .header("webhook-id", id)
                .header("webhook-timestamp", time)
                .header("webhook-signature", "v1," + signature(id + "." + time + "." + note))
                .POST(HttpRequest.BodyPublishers.ofString(note, StandardCharsets.UTF_8))
                .build();
    }

    private String signature(String content) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(secret);
            return Base64.getEncoder().encodeToString(mac.doFinal(content.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HMAC-SHA256 is part of every Java", e);
        }
    }

    /// Seconds or a date, at most an hour; zero for what is neither.
    static Duration pause(@Nullable String retryAfter, Instant now) {
        if (retryAfter == null) {
            return Duration.ZERO;
        }
        Duration asked;
        if (retryAfter.matches("[0-9]{1,9}")) {
            asked = Duration.ofSeconds(Long.parseLong(retryAfter));
        } else {
            try {
                asked = Duration.between(now, ZonedDateTime.parse(retryAfter, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
            } catch (DateTimeParseException e) {
                return Duration.ZERO;
            }
        }
        return asked.isNegative() ? Duration.ZERO : asked.compareTo(LONGEST_ASKED) > 0 ? LONGEST_ASKED : asked;
    }
}
