package dev.countersign.audit.web;

import dev.countersign.audit.AuditExport;
import dev.countersign.audit.AuditReader;
import dev.countersign.audit.AuditReader.Line;
import dev.countersign.audit.RecordProofs;
import dev.countersign.audit.Subject;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.TenantId;
import dev.countersign.tenancy.Tenants;
import dev.countersign.web.Htmx;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.io.BufferedOutputStream;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/// The record as pages, and as the history of one thing inside another page.
@Controller
class AuditController {
    static final int PAGE = 50;
    private static final Set<String> READERS = Set.of("AUDITOR", "SECURITY", "ADMINISTRATOR");

    private final AuditReader reader;
    private final AuditExport export;
    private final Tenants tenants;
    private final RecordProofs proofs;

    AuditController(AuditReader reader, AuditExport export, Tenants tenants, RecordProofs proofs) {
        this.reader = reader;
        this.export = export;
        this.tenants = tenants;
        this.proofs = proofs;
    }

    @GetMapping("/audit")
    String index(AuditFilter filter, @RequestParam Optional<Long> before, Model model) {
        AuditFilter.Parsed parsed = filter.parse();
        List<Line> lines = reader.search(parsed.search(), before, PAGE + 1);
        boolean more = lines.size() > PAGE;
        List<Line> page = more ? lines.subList(0, PAGE) : lines;
        model.addAttribute("lines", page.stream().map(AuditLine::of).toList());
        model.addAttribute("filter", filter);
        model.addAttribute("problems", parsed.problems());
        model.addAttribute("next", more ? filter.url(page.getLast().seq()) : null);
        return "audit/entries/index";
    }

    /// Everyone of the tenant may open the entries that tell the story of a request; the rest is for those who read the record.
    @GetMapping("/audit/{seq:[0-9]{1,18}}")
    String show(@PathVariable long seq, Model model, HttpServletRequest request) {
        Line line = readable(seq, request);
        model.addAttribute("line", AuditLine.of(line));
        model.addAttribute("entry", line.entry());
        model.addAttribute("proof", proofs.checkpoint().flatMap(signed -> proofs.inclusion(seq, signed.size())).map(ProofLines::of).orElse(null));
        return "audit/entries/show";
    }

    /// Until it is sealed, which takes about a second, there is none.
    @GetMapping("/audit/{seq:[0-9]{1,18}}/receipt")
    ResponseEntity<byte[]> receipt(@PathVariable long seq, HttpServletRequest request) {
        readable(seq, request);
        String receipt = proofs.receipt(seq).orElseThrow(() -> new Problem.NotFound("receipt yet; try again in a second"));
        return ResponseEntity.ok()
                .contentType(new MediaType("text", "plain", StandardCharsets.UTF_8))
                .header(HttpHeaders.CONTENT_DISPOSITION, ContentDisposition.attachment().filename("entry-" + seq + ".receipt").build().toString())
                .body(receipt.getBytes(StandardCharsets.UTF_8));
    }

    private Line readable(long seq, HttpServletRequest request) {
        return reader.entry(seq)
                .filter(found -> found.tellsAStory() || READERS.stream().anyMatch(request::isUserInRole))
                .orElseThrow(() -> new Problem.NotFound("entry " + seq));
    }

    /// The timeline of a request, for the slot on its page.
    @GetMapping("/requests/{number:[0-9]{1,18}}/history")
    String history(@PathVariable long number, Model model, HttpServletRequest request) {
        model.addAttribute("number", number);
        model.addAttribute("lines", reader.of(new Subject("request", Long.toString(number))).reversed().stream().map(AuditLine::of).toList());
        return Htmx.view(request, "audit/entries/history", "history");
    }

    @GetMapping("/audit/export.ndjson")
    ResponseEntity<StreamingResponseBody> ndjson() {
        return file("record.ndjson", MediaType.APPLICATION_NDJSON, export::ndjson);
    }

    /// Everything that a stranger needs to check the record: docs/record.md.
    @GetMapping("/audit/export.record")
    ResponseEntity<StreamingResponseBody> record() {
        TenantId tenant = CurrentTenant.require();
        StreamingResponseBody body = stream -> {
            BufferedOutputStream out = new BufferedOutputStream(stream, 1 << 16);
            CurrentTenant.run(tenant, () -> proofs.export(out));
            out.flush();
        };
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM)
                .header(HttpHeaders.CONTENT_DISPOSITION, ContentDisposition.attachment().filename("record.countersign").build().toString())
                .body(body);
    }

    @GetMapping("/audit/export.csv")
    ResponseEntity<StreamingResponseBody> csv() {
        return file("record.csv", new MediaType("text", "csv", StandardCharsets.UTF_8), export::csv);
    }

    /// The body is written by another thread, which has to be told whose record it is.
    private ResponseEntity<StreamingResponseBody> file(String name, MediaType type, Consumer<Writer> content) {
        TenantId tenant = CurrentTenant.require();
        StreamingResponseBody body = stream -> {
            Writer out = new BufferedWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), 1 << 16);
            tenants.doInTenant(tenant, () -> content.accept(out));
            flush(out);
        };
        return ResponseEntity.ok()
                .contentType(type)
                .header(HttpHeaders.CONTENT_DISPOSITION, ContentDisposition.attachment().filename(name).build().toString())
                .body(body);
    }

    private static void flush(Writer out) throws IOException {
        out.flush();
    }
}
