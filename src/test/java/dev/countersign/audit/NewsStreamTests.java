package dev.countersign.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;

import dev.countersign.portal.Fixtures;
import dev.countersign.portal.PortalTest;
import dev.countersign.tenancy.TenantId;
import dev.countersign.tenancy.Tenants;
import jakarta.servlet.http.Cookie;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.MockMvc;

/// The stream of news as the server sends it, on a connection that is the stream's own (`web/OwnConnection`).
@PortalTest
class NewsStreamTests {
    private static final int PATIENCE = 10_000;

    @Autowired
    Fixtures fixtures;

    @Autowired
    Tenants tenants;

    @Autowired
    AuditLog audit;

    @Autowired
    News news;

    @Autowired
    MockMvc mvc;

    @Autowired
    JdbcClient jdbc;

    @LocalServerPort
    int port;

    private TenantId tenant = new TenantId(new java.util.UUID(0, 0));
    private String name = "";
    private String cookie = "";

    @BeforeEach
    void signIn() throws Exception {
        jdbc.sql("delete from sign_in_attempt").update();
        var made = fixtures.tenant();
        tenant = made.tenant().id();
        name = "engineer@" + made.tenant().slug();
        Cookie given = Objects.requireNonNull(mvc.perform(post("/sign-in").with(csrf()).param("username", name).param("password", "engineer password"))
                .andReturn().getResponse().getCookie("countersign"));
        cookie = given.getName() + "=" + given.getValue();
    }

    private Socket open() throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(PATIENCE);
        ask(socket);
        return socket;
    }

    private void ask(Socket socket) throws IOException {
        socket.getOutputStream().write(("GET /news HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nAccept: text/event-stream\r\nCookie: " + cookie + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    }

    /// What comes until and with these words; the connection's end is the text `(end)`.
    private static String until(Socket socket, String words) throws IOException {
        StringBuilder said = new StringBuilder();
        InputStream from = socket.getInputStream();
        while (said.indexOf(words) < 0) {
            int next = from.read();
            if (next < 0) {
                return said.append("(end)").toString();
            }
            said.append((char) next);
        }
        return said.toString();
    }

    private void record(long number) {
        tenants.doInTenant(tenant, () -> audit.append(
                new AuditEvent("test.happened", Actor.system("test"), new Subject("request", Long.toString(number)), "did it", Map.of())));
    }

    private void waitForPlaces(int wanted) throws InterruptedException {
        for (int i = 0; i < PATIENCE / 10 && news.places(tenant, name) != wanted; i++) {
            Thread.sleep(10);
        }
        assertThat(news.places(tenant, name)).isEqualTo(wanted);
    }

    @Test
    void itIsAnAnswerAsAnyOtherAndEndsWithItsConnection() throws Exception {
        try (Socket socket = open()) {
            String head = until(socket, "\r\n\r\n");
            assertThat(head).startsWith("HTTP/1.1 200")
                    .containsIgnoringCase("\r\ncontent-type: text/event-stream")
                    .containsIgnoringCase("\r\nconnection: close\r\n")
                    .containsIgnoringCase("\r\ncache-control: no-store\r\n")
                    .containsIgnoringCase("\r\ncontent-security-policy: default-src 'none'")
                    .containsIgnoringCase("\r\nx-accel-buffering: no\r\n")
                    .doesNotContainIgnoringCase("transfer-encoding").doesNotContainIgnoringCase("\r\nupgrade:");
            assertThat(until(socket, "\n\n")).isEqualTo("retry:1000\n:listening\n\n");
            record(17);
            assertThat(until(socket, "\n\n")).isEqualTo("event:request\ndata:17\n\n");
        }
    }

    @Test
    void withoutASessionThereIsNone() throws Exception {
        cookie = "countersign=made-up";
        try (Socket socket = open()) {
            assertThat(until(socket, "\r\n\r\n")).startsWith("HTTP/1.1 302");
        }
        waitForPlaces(0);
    }

    @Test
    void whoLeavesGivesUpTheirPlaceAtOnce() throws Exception {
        try (Socket socket = open()) {
            until(socket, ":listening\n\n");
            assertThat(news.places(tenant, name)).isEqualTo(1);
        }
        waitForPlaces(0);
    }

    @Test
    void nothingElseIsAnsweredOnItsConnection() throws Exception {
        try (Socket socket = open()) {
            until(socket, ":listening\n\n");
            ask(socket);
            assertThat(until(socket, "HTTP/1.1")).isEqualTo("(end)");
        }
        waitForPlaces(0);
    }

    @Test
    void whoseOldestPlaceIsTakenIsLetGo() throws Exception {
        try (Socket first = open()) {
            until(first, ":listening\n\n");
            java.util.List<News.Listener> others = new java.util.ArrayList<>();
            for (int i = 0; i < News.MOST_OF_A_LISTENER; i++) {
                others.add(news.listen(tenant, name).orElseThrow());
            }
            assertThat(until(first, "event:")).endsWith("(end)");
            others.forEach(News.Listener::close);
        }
        waitForPlaces(0);
    }
}
