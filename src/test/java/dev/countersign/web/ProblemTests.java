package dev.countersign.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProblemTests {
    private static BareShell shell;

    @BeforeAll
    static void start() {
        shell = new BareShell();
    }

    @AfterAll
    static void stop() {
        shell.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "/help", "/help/CS9404", "/nothing/here", "/throw/missing", "/throw/accident", "/throw/gone", "/api/throw/accident", "/api/nothing",
        "/elsewhere", "/error", "/typed/seven", "/assets/old/countersign.css", "/assets/old/none.css", "/assets/x/../../web.yaml", "/a;b", "/%2e%2e/x"
    })
    void everyAnswerCarriesTheSecurityHeaders(String path) {
        assertGuarded(shell.get(path));
    }

    @Test
    void refusalsBeforeAnyRoomCarryTheSecurityHeadersToo() {
        assertGuarded(shell.post("/echo", "x".repeat(70_000)));
        assertGuarded(shell.post("/help", ""));
        assertGuarded(shell.post("/guarded", ""));
        assertGuarded(shell.send(HttpRequest.newBuilder(shell.base.resolve("/help")).method("TRACE", HttpRequest.BodyPublishers.noBody())));
        assertGuarded(shell.send(HttpRequest.newBuilder(shell.base.resolve("/help")).method("OPTIONS", HttpRequest.BodyPublishers.noBody())));
        assertGuarded(shell.send(HttpRequest.newBuilder(shell.base.resolve("/help")).method("HEAD", HttpRequest.BodyPublishers.noBody())));
    }

    @Test
    void aPageIsNeverKeptAndAnAssetForEver() {
        assertThat(shell.get("/help").headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(shell.get(shell.assets().address("countersign.css")).headers().firstValue("Cache-Control"))
                .hasValueSatisfying(value -> assertThat(value).contains("immutable").contains("max-age=31536000"));
        assertThat(shell.get("/assets/another-version/countersign.css").headers().firstValue("Cache-Control")).hasValue("no-cache");
    }

    @ParameterizedTest
    @CsvSource({
        "/throw/missing, 404, CS9404", "/throw/forbidden, 403, CS9403", "/throw/conflict, 409, CS9409", "/throw/refused, 422, CS0107",
        "/throw/often, 429, CS9429", "/throw/gone, 503, CS9503", "/throw/late, 503, CS9503", "/throw/locked, 503, CS9503", "/throw/held, 503, CS9503", "/throw/taken, 503, CS9503", "/throw/broken, 500, CS9500", "/throw/accident, 500, CS9500", "/nothing/here, 404, CS9404", "/typed/seven, 404, CS9404"
    })
    void theSameProblemSpeaksToPeopleAndToPrograms(String path, int status, String code) {
        HttpResponse<String> page = shell.get(path, "Accept", "text/html");
        assertThat(page.statusCode()).isEqualTo(status);
        assertThat(page.headers().firstValue("Content-Type")).hasValueSatisfying(type -> assertThat(type).startsWith("text/html"));
        assertThat(page.body()).contains(code).contains("</html>").contains("<h1>").doesNotContain("innards").doesNotContain("Exception");

        HttpResponse<String> document = shell.get(path.startsWith("/throw") ? "/api" + path : path, "Accept", "application/json");
        assertThat(document.statusCode()).isEqualTo(status);
        assertThat(document.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(document.body())
                .contains("\"code\":\"" + code + "\"")
                .contains("\"type\":\"/help/" + code + "\"")
                .contains("\"detail\":")
                .doesNotContain("innards")
                .doesNotContain("Exception");
    }

    @Test
    void aProblemSaysWhatToChangeAndWhenToComeBack() {
        assertThat(shell.get("/api/throw/refused").body()).contains("\"pointer\":\"/ask/to\"").contains("payment is not a workload of west.");
        assertThat(shell.get("/api/throw/conflict").body()).contains("\"digest\":\"sha256:new\"");
        assertThat(shell.get("/api/throw/often").headers().firstValue("Retry-After")).hasValue("60");
    }

    @Test
    void htmxGetsANoticePlacedWhereNothingIsLost() {
        HttpResponse<String> notice = shell.get("/throw/conflict", "HX-Request", "true");

        assertThat(notice.statusCode()).isEqualTo(409);
        assertThat(notice.headers().firstValue("HX-Retarget")).hasValue("#notices");
        assertThat(notice.body()).contains("Version 3 stands now.").contains("class=\"notice").doesNotContain("<html");
    }

    /// Thymeleaf refuses a view named by an expression when the path holds one too, or a parameter says the same.
    @ParameterizedTest
    @ValueSource(strings = {"/typed/__x__", "/typed/$%7Bx%7D", "/typed/*%7Bx%7D", "/typed/~%7B::x%7D", "/typed/seven?words=$%7Bproblem%7D"})
    void whatLooksLikeAnExpressionIsNoAccident(String path) {
        HttpResponse<String> notice = shell.get(path, "HX-Request", "true");

        assertThat(notice.statusCode()).isEqualTo(404);
        assertThat(notice.body()).contains("class=\"notice").doesNotContain("<html");
    }

    @Test
    void anAccidentShowsAReferenceAndNothingElse() {
        assertThat(shell.get("/throw/accident").body()).containsPattern("Reference <code class=\"chip\">[0-9a-f]{8}</code>");
        assertThat(shell.get("/api/throw/accident").body()).containsPattern("\"reference\":\"[0-9a-f]{8}\"");
    }

    @Test
    void aBodyLargerThanItsDoorIsRefused() {
        String large = "a=" + "x".repeat(70_000);
        assertThat(shell.post("/echo", large, "Content-Type", "text/plain").statusCode()).isEqualTo(413);
        assertThat(shell.post("/guarded", large, "Content-Type", "application/x-www-form-urlencoded").statusCode()).isEqualTo(413);
        assertThat(shell.post("/echo", "x".repeat(60_000), "Content-Type", "text/plain").body()).isEqualTo("read 60000");

        var unannounced = HttpRequest.BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(large.getBytes()));
        assertThat(shell.send(HttpRequest.newBuilder(shell.base.resolve("/api/echo")).POST(unannounced), "Content-Type", "text/plain").statusCode())
                .isEqualTo(413);
    }

    @Test
    void aBodyThatIsNoJsonIsUnreadable() {
        assertThat(shell.post("/api/json", "{", "Content-Type", "application/json").statusCode()).isEqualTo(400);
        assertThat(shell.post("/api/json", "a;1", "Content-Type", "text/csv").statusCode()).isEqualTo(415);
    }

    @ParameterizedTest
    @EnumSource
    void everyCodeHasItsHelpPage(ProblemCode code) {
        assertThat(shell.get("/help/" + code.code()).body()).contains(code.title().replace("'", "&#39;"));
    }

    private static void assertGuarded(HttpResponse<String> answer) {
        SecurityHeaders.ALWAYS.forEach((name, value) -> assertThat(answer.headers().allValues(name))
                .as("%s of %s, status %s", name, answer.request(), answer.statusCode())
                .containsExactly(value));
        assertThat(answer.headers().firstValue("Cache-Control")).as("%s", answer.request()).isPresent();
    }
}
