package dev.countersign.notices;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// One attempt: bounded whatever the receiver does, to an address that was checked and to no other, signed so that the public reference
/// library takes it.
class PostTests {
    private static final String BODY = "{\"specversion\":\"1.0\",\"a\":\"ü\"}";

    private final byte[] secret = Signature.newSecret();
    private final ReceiverNetworks loopback = new ReceiverNetworks(List.of("127.0.0.0/8"));
    private final StubReceiver receiver = new StubReceiver();
    private Post post;

    @BeforeEach
    void open() {
        post = new Post(loopback, InetAddress::getAllByName, Duration.ofMillis(700));
    }

    @AfterEach
    void close() throws IOException {
        post.destroy();
        receiver.close();
    }

    private Claim claim(String url, byte[]... secrets) {
        return new Claim(UUID.randomUUID(), "origin", url, List.of(secrets), 7, 1, 0, "msg_1_7", BODY, Instant.now());
    }

    private Answered send() {
        return post.send(claim(receiver.url(), secret));
    }

    @Test
    void theReferenceLibraryTakesEitherSecretAndNoOther() throws WebhookVerificationException {
        byte[] former = Signature.newSecret();
        post.send(claim(receiver.url(), secret, former));
        StubReceiver.Received message = receiver.received().getFirst();
        HttpHeaders headers = HttpHeaders.of(message.headers().entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, header -> List.of(header.getValue()))), (name, value) -> true);
        for (byte[] known : List.of(secret, former)) {
            new Webhook(Signature.written(known)).verify(message.body(), headers);
            assertThat(Verification.verifies(message, Signature.written(known))).isTrue();
        }
        byte[] other = Signature.newSecret();
        assertThat(Verification.verifies(message, Signature.written(other))).isFalse();
        assertThatThrownBy(() -> new Webhook(Signature.written(other)).verify(message.body(), headers)).isInstanceOf(WebhookVerificationException.class);
        assertThatThrownBy(() -> new Webhook(Signature.written(secret)).verify(message.body() + " ", headers)).isInstanceOf(WebhookVerificationException.class);
        assertThat(message.headers()).doesNotContainKeys("cookie", "authorization");
    }

    @Test
    void whateverAReceiverDoesAnAttemptEndsInTime() {
        record Case(StubReceiver.Manner manner, String outcome) {}
        for (Case one : List.of(
                new Case(StubReceiver.answers(200, "fine"), "200 fine"),
                new Case(StubReceiver.answers(204, ""), "204 "),
                new Case(StubReceiver.answers(500, "<b>wrong</b>\r\n\u202e\u0007 here"), "500 <b>wrong</b> \ufffd here"),
                new Case(StubReceiver.answers(302, "", "Location: " + receiver.origin() + "/elsewhere"), "302 Redirects are not followed."),
                new Case(StubReceiver.answers(410, "gone"), "410 gone"),
                new Case(StubReceiver.answers(200, "x".repeat(5_000_000)), "200 " + "x".repeat(299) + "…"),
                new Case(StubReceiver.breaksOff(), "nothing"),
                new Case((request, out) -> {}, "nothing"),
                new Case(StubReceiver.hangs(Duration.ofSeconds(30)), "nothing"),
                new Case((request, out) -> out.write("HTTP/1.1 200 Said\r\nContent-Length: 100\r\n\r\nhalf".getBytes(StandardCharsets.US_ASCII)), "200 half"))) {
            receiver.is(one.manner());
            long start = System.nanoTime();
            Answered answered = send();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
            // The end of a connection may overtake what was said before it: then it counts as no answer, and is tried again.
            assertThat(answered instanceof Answered.Said said ? said.status() + " " + said.words() : "nothing").isIn(one.outcome(), one.outcome().equals("200 half") ? "nothing" : one.outcome());
        }
        assertThat(receiver.received()).noneMatch(request -> request.line().contains("elsewhere"));
    }

    @Test
    void anAnswerThatDripsForEverIsCutOff() {
        receiver.is(StubReceiver.drips(500));
        long start = System.nanoTime();
        Answered answered = send();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
        assertThat(((Answered.Said) answered).status()).isEqualTo(500);
        receiver.is((request, out) -> {
            while (true) {
                out.write('H');
                out.flush();
                Thread.sleep(50);
            }
        });
        start = System.nanoTime();
        assertThat(send()).isInstanceOf(Answered.Nothing.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
    }

    /// The name is asked for once, and what was answered is where the connection goes: there is no second answer to fall for.
    @Test
    void aNameThatMovesBetweenCheckAndConnectionLeadsNowhere() throws IOException {
        List<String> asked = new ArrayList<>();
        InetAddress inside = InetAddress.getByAddress("rebind.example.com", new byte[] {127, 0, 0, 1});
        InetAddress outside = InetAddress.getByAddress("rebind.example.com", new byte[] {10, 0, 0, 7});
        String url = "https://rebind.example.com:" + receiver.origin().replaceAll(".*:", "") + "/x";
        Post moving = new Post(loopback, host -> {
            asked.add(host);
            return new InetAddress[] {asked.size() == 1 ? inside : outside};
        }, Duration.ofSeconds(2));
        // It got as far as speaking TLS to the address that was checked, which the receiver does not speak.
        assertThat(moving.send(claim(url, secret)).words()).doesNotContain("Not sent").doesNotContain("10.0.0.7");
        assertThat(asked).containsExactly("rebind.example.com");
        assertThat(moving.send(claim(url, secret)).words()).isEqualTo("Not sent: the address leads to 10.0.0.7, an address of a private network."
                + " The operator of the portal can open that network to webhooks by countersign.webhooks.networks.");
        moving.destroy();
        Post both = new Post(loopback, host -> new InetAddress[] {inside, outside}, Duration.ofSeconds(2));
        assertThat(both.send(claim(url, secret)).words()).startsWith("Not sent");
        both.destroy();
        Post unknown = new Post(loopback, host -> {
            throw new UnknownHostException(host);
        }, Duration.ofSeconds(2));
        assertThat(unknown.send(claim(url, secret)).words()).isEqualTo("The host's name is not known.");
        unknown.destroy();
    }

    @Test
    void whatWasRegisteredAndMayNoLongerBeReachedIsNotSent() throws IOException {
        Post closed = new Post(new ReceiverNetworks(List.of()), InetAddress::getAllByName, Duration.ofSeconds(2));
        assertThat(closed.send(claim(receiver.url(), secret)).words()).startsWith("Not sent: the address leads to 127.0.0.1");
        assertThat(receiver.received()).isEmpty();
        closed.destroy();
    }

    @Test
    void whoWantsToBeLeftAloneIsForAnHourAtMost() {
        Instant now = Instant.parse("2026-11-27T12:00:00Z");
        assertThat(Retry.asked("120", now)).contains(Duration.ofMinutes(2));
        assertThat(Retry.asked("86400", now)).contains(Duration.ofHours(1));
        assertThat(Retry.asked("Fri, 27 Nov 2026 12:10:00 GMT", now)).contains(Duration.ofMinutes(10));
        assertThat(Retry.asked("Fri, 27 Nov 2026 11:00:00 GMT", now)).contains(Duration.ZERO);
        assertThat(Retry.asked("soon", now)).isEmpty();
        receiver.is(StubReceiver.answers(429, "", "Retry-After: 90"));
        assertThat(((Answered.Said) send()).retryAfter()).contains(Duration.ofSeconds(90));
    }
}
