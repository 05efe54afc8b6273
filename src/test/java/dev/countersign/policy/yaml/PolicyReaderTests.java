package dev.countersign.policy.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.PeerAuthentication;
import dev.countersign.policy.model.Target;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyReaderTests {
    private static final String HEAD = """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: p, namespace: production}
        """;

    private static Reading.Refused refused(String text) {
        return switch (PolicyReader.read(text)) {
            case Reading.Refused refused -> refused;
            case Reading.Read read -> throw new AssertionError("was read: " + read);
        };
    }

    private static List<Document> read(String text) {
        return switch (PolicyReader.read(text)) {
            case Reading.Read read -> read.documents();
            case Reading.Refused refused -> throw new AssertionError(refused.sentence());
        };
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a: &x 1                  | 1 | anchor",
                "a: 1\\nb: *x             | 2 | alias",
                "a: !!str 1               | 1 | tag",
                "a: !mine {}              | 1 | tag",
                "a: 1\\nb: 2\\na: 3       | 3 | twice",
                "`{\"a\": 1,\\n \"a\": 2}` | 2 | twice",
                "a: {<<: {b: 1}}          | 1 | merge",
                "? [a]\\n: 1              | 1 | key must be text",
                "1.5: a                   | 1 | not text",
                "x: 1\\ntrue: a           | 2 | not text",
                "~: a                     | 1 | not text",
                "a: .inf                  | 1 | infinity",
                "a: b: c                  | 1 | not YAML",
                "a: 'b                    | 1 | not YAML",
                "x: 1\\na: BELL          | 2 | does not allow",
                "- a                      | 1 | must be an object",
                "kind: List\\nitems:\\n- 1 | 3 | must be an object",
            })
    void whatJsonCannotSayIsRefusedWithItsLine(String text, int line, String reason) {
        Reading.Refused refused = refused(text.replace("\\n", "\n").replace("BELL", "\u0007"));

        assertThat(refused.line()).as(refused.sentence()).isBetween(line, line + 1);
        assertThat(refused.reason()).contains(reason);
        assertThat(refused.advice()).isNotBlank();
    }

    @Test
    void aCharacterBeyondTheBasicPlaneIsReadWhereverItStands() {
        for (int i = 0; i < 3_000; i++) {
            String text = "x".repeat(i) + "\uD83D\uDE00";
            assertThat(read("a: " + text + "\n").getFirst().tree()).containsEntry("a", text);
        }
        assertThat(refused("a: 1\nb: \uD83D").line()).isEqualTo(2);
    }

    @Test
    void aBillionLaughsIsRefusedAtItsFirstAnchor() {
        String bomb = "a: &a [lol]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\n";

        assertThat(refused(bomb).line()).isEqualTo(1);
    }

    @Test
    void absurdSizesAreRefused() {
        assertThat(refused("a: " + "x".repeat(4_000_000)).reason()).contains("longer than");
        assertThat(refused("a: " + "[".repeat(2_000)).reason()).contains("nested deeper");
        assertThat(refused("a: [" + "1,".repeat(300_000) + "]").reason()).contains("values");
        assertThat(refused("a: 1\n---\n".repeat(1_100)).reason()).contains("documents");
        assertThat(PolicyReader.read("a: [1,2,3]", new YamlLimits(100, 5, 4, 1)))
                .isInstanceOf(Reading.Refused.class);
    }

    @Test
    void severalDocumentsAreReadEachWithItsLinesAndEmptyOnesAreSkipped() {
        List<Document> documents = read("---\n# nothing\n---\n" + HEAD
                + "spec:\n  rules:\n  - from:\n    - source: {namespaces: [a]}\n---\na: 1\n");

        assertThat(documents).hasSize(2);
        assertThat(documents.getFirst().line()).isEqualTo(4);
        assertThat(documents.getFirst().lineOf("spec.rules[0].from[0].source")).isEqualTo(10);
        assertThat(documents.getFirst().lineOf("spec.rules[0].from[0].source.namespaces[0].nowhere"))
                .isEqualTo(10);
        assertThat(documents.get(1).decoding()).isEqualTo(new Decoding.OtherKind("", ""));
    }

    @Test
    void aListIsReadItemByItem() {
        List<Document> documents = read("""
            {"apiVersion": "v1", "kind": "List", "items": [
              {"apiVersion": "security.istio.io/v1beta1", "kind": "PeerAuthentication",
            \t\t"metadata": {"name": "a\\/b"}, "spec": {"mtls": {"mode": "STRICT"}}},
              {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}}]}
            """);

        assertThat(documents).hasSize(2);
        assertThat(documents.getFirst().decoding().as(PeerAuthentication.class)).isPresent();
        assertThat(documents.getFirst().lineOf("metadata.name")).isEqualTo(3);
    }

    @Test
    void unknownFieldsAreKeptAndReported() {
        Document document =
                read(HEAD + "spec:\n  ruls: []\n  rules:\n  - form: []\n").getFirst();

        assertThat(document.decoding())
                .isInstanceOfSatisfying(
                        Decoding.Understood.class,
                        understood -> assertThat(understood.unknown())
                                .extracting(Remark::path)
                                .containsExactlyInAnyOrder("spec.ruls", "spec.rules[0].form"));
        assertThat(document.tree().toString()).contains("ruls");
    }

    @Test
    void aMalformedObjectSaysEveryProblem() {
        Decoding decoding = read("""
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {namespace: a}
            spec: {action: Allow, rules: [{from: [{}], to: [{operation: {ports: [80]}}]}]}
            """).getFirst().decoding();

        assertThat(decoding)
                .isInstanceOfSatisfying(
                        Decoding.Malformed.class,
                        malformed -> assertThat(malformed.problems())
                                .extracting(Remark::path)
                                .containsExactlyInAnyOrder(
                                        "metadata.name",
                                        "spec.action",
                                        "spec.rules[0].from[0].source",
                                        "spec.rules[0].to[0].operation.ports[0]",
                                        "spec.rules[0].to[0].operation"));
    }

    @Test
    void whatTheServerAddsIsPassedOver() {
        Decoding decoding = PolicyReader.decode(Map.of(
                "apiVersion",
                "security.istio.io/v1",
                "kind",
                "AuthorizationPolicy",
                "metadata",
                Map.of(
                        "name",
                        "p",
                        "namespace",
                        "n",
                        "uid",
                        "1",
                        "resourceVersion",
                        "5",
                        "generation",
                        2,
                        "managedFields",
                        List.of(Map.of("manager", "m")),
                        "creationTimestamp",
                        "2026-01-01T00:00:00Z"),
                "status",
                Map.of("conditions", List.of())));

        assertThat(decoding).isInstanceOfSatisfying(Decoding.Understood.class, understood -> {
            assertThat(understood.unknown()).isEmpty();
            assertThat(((AuthorizationPolicy) understood.object()).target()).isEqualTo(Target.EVERYTHING);
        });
    }

    @Test
    void wordsThatKubectlReadsOtherwiseAreRemarked() {
        Document document = read("a: yes\nb: 'yes'\nc: 0777\nd: plain\n").getFirst();

        assertThat(document.remarks()).extracting(Remark::path).containsExactly("a", "c");
    }
}
