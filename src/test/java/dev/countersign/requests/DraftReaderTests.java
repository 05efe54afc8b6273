package dev.countersign.requests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Each refusal twice: where it speaks, and just beside it where it is silent.
class DraftReaderTests {
    @Test
    void theExampleOfTheApiIsRead() {
        ServiceAccess ask = Asks.body()
                .with("/ask/conditions", List.of(Map.of("key", "request.headers[x-channel]", "values", List.of("checkout"))))
                .ask();
        assertThat(ask.workload()).isEqualTo("payment-service");
        assertThat(ask.from()).containsExactly(new AskSource.Account("production", "order-service"));
        assertThat(ask.operations().getFirst().methods()).containsExactly("GET", "POST");
        assertThat(ask.conditions()).hasSize(1);
    }

    @Test
    void whatIsWrittenIsReadBack() {
        for (Asks body : List.of(Asks.body(), Asks.body().wholeService(), Asks.body().from(Asks.source("*", "*"), Asks.source("staging", "*")),
                Asks.body().with("/ask/operations", List.of(Map.of("ports", List.of(9000)), Map.of("hosts", List.of("payment-service")))),
                Asks.body().with("/ask/conditions", List.of(Map.of("key", "source.ip", "notValues", List.of("10.0.0.0/8")))))) {
            assertThat(AskJson.read(AskJson.write(body.ask()))).isEqualTo(body.ask());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/ask", "/ask/kind", "/ask/clusters", "/ask/from", "/ask/to", "/ask/to/workload", "/ask/to/namespace",
            "/ask/operations", "/justification", "/justification/reason"})
    void nothingThatIsNeededMayBeMissing(String pointer) {
        assertThat(Asks.body().without(pointer).pointers()).contains(pointer);
        assertThat(Asks.body().problems()).isEmpty();
    }

    @Test
    void aForgottenServiceAccountIsNoWholeNamespace() {
        assertThat(Asks.body().from(Map.of("namespace", "production")).pointers()).containsExactly("/ask/from/0/serviceAccount");
        assertThat(Asks.body().from(Asks.source("production", "*")).problems()).isEmpty();
    }

    @Test
    void forgottenOperationsAreNoWholeService() {
        assertThat(Asks.body().with("/ask/operations", List.of()).pointers()).containsExactly("/ask/operations");
        assertThat(Asks.body().with("/ask/operations", List.of(Map.of())).pointers()).containsExactly("/ask/operations/0");
        assertThat(Asks.body().with("/ask/wholeService", true).pointers()).containsExactly("/ask/wholeService");
        assertThat(Asks.body().wholeService().ask().wholeService()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/tenantId", "/ask/tenant", "/justification/approvedBy", "/state", "/ask/to/cluster"})
    void anUnknownMemberIsRefusedAtItsPlace(String pointer) {
        assertThat(Asks.body().with(pointer, "x").pointers()).containsExactly(pointer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Production", "pro duction", "-a", "a-", "pаyments", "a\u200Bb", "ａ", "a/b", "*", "", "x\u202Ey"})
    void namesAreAsciiLabels(String name) {
        assertThat(Asks.body().with("/ask/to/namespace", name).pointers()).containsExactly("/ask/to/namespace");
        assertThat(Asks.body().with("/ask/to/workload", name).pointers()).containsExactly("/ask/to/workload");
    }

    @Test
    void namesEndWhereKubernetesEndsThem() {
        assertThat(Asks.body().with("/ask/to/namespace", "n".repeat(63)).problems()).isEmpty();
        assertThat(Asks.body().with("/ask/to/namespace", "n".repeat(64)).pointers()).containsExactly("/ask/to/namespace");
        assertThat(Asks.body().with("/ask/to/workload", "w".repeat(253)).problems()).isEmpty();
        assertThat(Asks.body().with("/ask/to/workload", "w".repeat(254)).pointers()).containsExactly("/ask/to/workload");
    }

    @Test
    void noOtherCodePointGetsIntoAName() {
        IntStream.rangeClosed(0x80, 0x10FFFF).filter(Character::isDefined).forEach(point -> {
            String name = "a" + Character.toString(point) + "b";
            assertThat(Texts.label(name) || Texts.subdomain(name)).as("U+%04X", point).isFalse();
        });
    }

    @ParameterizedTest
    @CsvSource({"get,false", "GET,true", "*,true", "G*T,false", "P*,true", "'GET ',false", "PROPFIND,true", "G\u0415T,false"})
    void methodsAreCapitals(String method, boolean fine) {
        assertThat(operationIsFine(Map.of("methods", List.of(method)))).isEqualTo(fine);
    }

    @ParameterizedTest
    @CsvSource({"/a,true", "/a/*,true", "*.html,true", "/a/{*}/b,true", "/pkg.Service/Method,true", "a,false", "'/a b',false", "/a?b=c,false",
            "/a#b,false", "/ä,false", "'',false"})
    void pathsAreVisibleAsciiWithoutQuery(String path, boolean fine) {
        assertThat(operationIsFine(Map.of("paths", List.of(path)))).isEqualTo(fine);
    }

    @ParameterizedTest
    @CsvSource({"0,false", "1,true", "65535,true", "65536,false"})
    void portsAreInRange(int port, boolean fine) {
        assertThat(operationIsFine(Map.of("ports", List.of(port)))).isEqualTo(fine);
    }

    @ParameterizedTest
    @CsvSource({"payment-service,true", "payment-service:8080,true", "*.example.com,true", "'a b',false", "<script>,false"})
    void hostsAreHostNames(String host, boolean fine) {
        assertThat(operationIsFine(Map.of("hosts", List.of(host)))).isEqualTo(fine);
    }

    @ParameterizedTest
    @CsvSource({"request.headers[x-channel],true", "request.auth.claims[groups][nested],true", "source.ip,true", "connection.sni,true",
            "request.headers,false", "source.principal,false", "source.namespace,false", "request.headers[a b],false", "nonsense,false"})
    void conditionsLookAtHeadersClaimsAndAddresses(String key, boolean fine) {
        assertThat(Asks.body().with("/ask/conditions", List.of(Map.of("key", key, "values", List.of("x")))).problems().isEmpty()).isEqualTo(fine);
    }

    @Test
    void aConditionNeedsAValue() {
        assertThat(Asks.body().with("/ask/conditions", List.of(Map.of("key", "source.ip"))).pointers()).containsExactly("/ask/conditions/0/values");
        assertThat(Asks.body().with("/ask/conditions", List.of(Map.of("key", "source.ip", "notValues", List.of("10.0.0.1")))).problems()).isEmpty();
    }

    @Test
    void listsEndAtTheirCaps() {
        assertThat(operationIsFine(Map.of("paths", Collections.nCopies(Limits.PATHS, "/a")))).isTrue();
        assertThat(operationIsFine(Map.of("paths", Collections.nCopies(Limits.PATHS + 1, "/a")))).isFalse();
        assertThat(Asks.body().from(Collections.nCopies(Limits.SOURCES, Asks.source("a", "b")).toArray()).problems()).isEmpty();
        assertThat(Asks.body().from(Collections.nCopies(Limits.SOURCES + 1, Asks.source("a", "b")).toArray()).pointers()).containsExactly("/ask/from");
        assertThat(Asks.body().with("/ask/clusters", Collections.nCopies(Limits.CLUSTERS + 1, "demo")).pointers()).containsExactly("/ask/clusters");
    }

    @Test
    void aReasonEndsAtFourThousandCharacters() {
        assertThat(Asks.body().with("/justification/reason", "😀".repeat(4_000)).problems()).isEmpty();
        assertThat(Asks.body().with("/justification/reason", "r".repeat(4_001)).pointers()).containsExactly("/justification/reason");
        assertThat(Asks.body().with("/justification/reason", " \n ").pointers()).containsExactly("/justification/reason");
        assertThat(Asks.body().with("/justification/ticket", "t".repeat(201)).pointers()).containsExactly("/justification/ticket");
        assertThat(Asks.body().with("/justification/ticket", "t".repeat(200)).problems()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\u0000b", "a\u0007b", "half \uD83D of a pair", "a\u009Bb"})
    void aReasonIsText(String reason) {
        assertThat(Asks.body().with("/justification/reason", reason + " and more than enough words").pointers()).containsExactly("/justification/reason");
    }

    @Test
    void aReasonKeepsItsWordsAndItsScript() {
        String words = "مرحبا \u202E bidi, 漢字\nand a second line";
        assertThat(Asks.body().with("/justification/reason", words.replace("\n", "\r\n") + "\n\n").draft().justification().reason()).isEqualTo(words);
    }

    @ParameterizedTest
    @CsvSource({"P90D,true", "PT12H,true", "P2W,true", "p30d,true", "P3M,false", "P1Y,false", "90,false", "P0D,false", "-P1D,false", "PT1M,false",
            "PT30S,false", "P99999D,false", "P999999999999999D,false", "PT5M,true", "P3660D,true"})
    void lengthsAreIso8601InDaysHoursAndMinutes(String length, boolean fine) {
        assertThat(Asks.body().with("/grantFor", length).pointers()).isEqualTo(fine ? List.of() : List.of("/grantFor"));
    }

    @Test
    void aPeriodIsALengthOrAnEndOrNeither() {
        assertThat(Asks.body().with("/until", "2027-03-01T00:00:00Z").pointers()).containsExactly("/until");
        assertThat(Asks.body().permanent().with("/until", "2027-03-01T01:00:00+01:00").draft().period())
                .isEqualTo(new GrantPeriod.Until(java.time.Instant.parse("2027-03-01T00:00:00Z")));
        assertThat(Asks.body().permanent().with("/until", "tomorrow").pointers()).containsExactly("/until");
        assertThat(Asks.body().permanent().draft().period().permanent()).isTrue();
    }

    @Test
    void aWrongTypeIsSaidAtItsPlaceAndNothingThrows() {
        Object[] junk = {1, 1.5, true, "x", List.of(), List.of(List.of()), Map.of(), Arrays.asList((Object) null), Map.of("a", Map.of())};
        for (String pointer : List.of("/ask", "/ask/kind", "/ask/clusters", "/ask/from", "/ask/to", "/ask/operations", "/ask/wholeService",
                "/ask/conditions", "/justification", "/justification/reason", "/grantFor")) {
            for (Object value : junk) {
                List<String> pointers = Asks.body().with(pointer, value).pointers();
                boolean allowed = pointers.isEmpty() && (pointer.equals("/ask/conditions") && value.equals(List.of())
                        || pointer.equals("/justification/reason") && value.equals("x"));
                assertThat(allowed || pointers.stream().anyMatch(said -> said.startsWith(pointer) || said.equals("/ask/kind")))
                        .as(pointer + " = " + value + ": " + pointers).isTrue();
            }
        }
    }

    private static boolean operationIsFine(Map<String, Object> operation) {
        return Asks.body().with("/ask/operations", List.of(operation)).problems().isEmpty();
    }
}
