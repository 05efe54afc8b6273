package dev.countersign.audit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.List;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Writes the record as files. NDJSON carries everything that the digests cover, so that a stranger can check the chain;
/// CSV is for reading in a spreadsheet, where no cell may ever become a formula.
@Component
public class AuditExport {
    private static final List<String> HEADINGS = List.of("number", "time", "kind", "actor", "subject kind", "subject", "sentence", "digest");

    /// First characters that spreadsheets take for the beginning of a formula, and their full-width twins.
    private static final String FORMULA_STARTS = "=+-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20\u2212";

    private final AuditReader reader;
    private final JsonMapper json = JsonMapper.builder().build();

    AuditExport(AuditReader reader) {
        this.reader = reader;
    }

    /// One object a line: `seq`, `at` (RFC 3339 UTC, microseconds), `previousDigest`, `digest`, and `content` as a JSON string
    /// holding the exact text. How they hang together: `AuditEntry`.
    public void ndjson(Writer out) {
        reader.all(line -> {
            ObjectNode node = json.createObjectNode();
            node.put("seq", line.seq());
            node.put("at", line.at().toString());
            node.put("previousDigest", line.entry().previousDigest());
            node.put("digest", line.entry().digest());
            node.put("content", line.entry().content());
            write(out, json.writeValueAsString(node) + "\n");
        });
    }

    public void csv(Writer out) {
        write(out, row(HEADINGS));
        reader.all(line -> write(out, row(List.of(Long.toString(line.seq()), line.at().toString(), line.kind(), line.actor().name(),
                line.subject().kind(), line.subject().id(), line.sentence(), line.entry().digest()))));
    }

    static String row(List<String> cells) {
        return String.join(",", cells.stream().map(AuditExport::cell).toList()) + "\r\n";
    }

    /// Always quoted; a cell that a spreadsheet would compute begins with an apostrophe instead.
    static String cell(String text) {
        String start = text.stripLeading();
        boolean formula = !text.isEmpty() && (FORMULA_STARTS.indexOf(text.charAt(0)) >= 0 || (!start.isEmpty() && FORMULA_STARTS.indexOf(start.charAt(0)) >= 0));
        return '"' + (formula ? "'" : "") + text.replace("\"", "\"\"") + '"';
    }

    private static void write(Writer out, String text) {
        try {
            out.write(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
