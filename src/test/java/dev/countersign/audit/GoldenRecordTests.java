package dev.countersign.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.audit.proof.RecordVerifier;
import dev.countersign.audit.proof.Verdict;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// L7: what earlier releases wrote is read as it was meant. Each folder of `record/` is one release: records as it exported them, and what
/// folding them said then. A release adds a folder, with `-Drecord.keep=FOLDER` and `ReplayTests`; what is there is never changed.
class GoldenRecordTests {
    private static final Path RELEASES = Path.of("src/test/resources/record");

    static Stream<Path> records() throws Exception {
        return Files.walk(RELEASES).filter(file -> file.toString().endsWith(".record")).sorted();
    }

    /// The contents of the entries of an exported record, in their order.
    static List<String> contents(String record) {
        return record.lines().filter(line -> line.startsWith("entry ")).map(line -> line.split(" ", 6)[5]).toList();
    }

    @ParameterizedTest
    @MethodSource("records")
    void whatAnEarlierReleaseWroteIsReadAsItWasMeant(Path record) throws Exception {
        byte[] bytes = Files.readAllBytes(record);
        assertThat(new RecordVerifier(List.of(), List.of()).verify(new ByteArrayInputStream(bytes))).isInstanceOf(Verdict.Good.class);
        Fold fold = Fold.of(contents(new String(bytes, StandardCharsets.UTF_8)));
        assertThat(fold.inWords()).isEqualTo(Files.readString(Path.of(record.toString().replaceAll("record$", "fold")))).isNotEmpty();
    }

    @Test
    void everyKindOfDecisionIsAmongThem() throws Exception {
        StringBuilder all = new StringBuilder();
        for (Path record : records().toList()) {
            all.append(Files.readString(record));
        }
        assertThat(List.of("request.submitted", "request.revised", "request.reviewed", "request.approved", "request.rejected", "request.changes-requested", "request.withdrawn",
                "request.lapsed", "grant.created", "grant.revoked", "grant.expired", "grants.suspended", "grants.resumed", "delivery.stopped", "delivery.released", "rollout.started",
                "rollout.wave-admitted", "rollout.continued", "cluster.delivery-changed", "policy.pushed", "adoption.proposed")).filteredOn(kind -> !all.toString().contains("\"" + kind + "\"")).isEmpty();
    }
}
