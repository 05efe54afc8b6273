package dev.countersign.audit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.text.Normalizer;
import java.util.List;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Writes the record as files. NDJSON carries everything that the digests cover, so that a stranger can check the chain;
/// CSV is for reading in a spreadsheet, where no cell may ever become a formula. NDJSON has
/// the marks of people, as the digests do; CSV has their names, those of now.
@Component
public class AuditExport {
    private static final List<String> HEADINGS = List.of("number", "time", "kind", "actor", "subject kind", "subject", "sentence", "digest");

    /// What a spreadsheet computes, whatever its width; the minus sign is what narrow hyphens become.
    private static final String FORMULA_STARTS = "=+-@\u2212";

    /// Where a spreadsheet that splits elsewhere than at commas would begin a cell: no quote holds it there.
    private static final String SEPARATORS = ";\t\r\n";

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

    /// Always quoted. Wherever a cell begins, or would begin for a spreadsheet of another country, an apostrophe stands before
    /// what would be computed, and before an apostrophe that is the text's own: taking one off at each such place gives the
    /// text back.
    static String cell(String text) {
        StringBuilder cell = new StringBuilder("\"");
        int seen = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean separates = SEPARATORS.indexOf(c) >= 0;
            boolean begins = i == 0 || SEPARATORS.indexOf(text.charAt(i - 1)) >= 0;
            if (begins) {
                seen = firstSeen(text, Math.max(i, seen));
            }
            if (begins && (c == '\'' || (separates ? i == 0 : isFormula(text, seen)))) {
                cell.append('\'');
            }
            cell.append(c == '"' ? "\"\"" : Character.toString(c));
        }
        return cell.append('"').toString();
    }

    private static int firstSeen(String text, int from) {
        int at = from;
        while (at < text.length() && !isSeen(text.codePointAt(at))) {
            at += Character.charCount(text.codePointAt(at));
        }
        return at;
    }

    private static boolean isFormula(String text, int at) {
        return at < text.length() && FORMULA_STARTS.contains(Normalizer.normalize(Character.toString(text.codePointAt(at)), Normalizer.Form.NFKC));
    }

    private static boolean isSeen(int c) {
        return c != '"' && !Character.isWhitespace(c) && !Character.isSpaceChar(c) && !Character.isISOControl(c) && Character.getType(c) != Character.FORMAT;
    }

    private static void write(Writer out, String text) {
        try {
            out.write(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
