package dev.countersign.audit.web;

import dev.countersign.audit.AuditExport;
import dev.countersign.audit.AuditReader;
import dev.countersign.audit.AuditReader.Line;
import dev.countersign.audit.Subject;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.TenantId;
import dev.countersign.tenancy.Tenants;
import dev.countersign.web.Htmx;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
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
    private static final Set<String> STORY = Set.of("request", "grant", "policy");
    private static final Set<String> READERS = Set.of("AUDITOR", "SECURITY", "ADMINISTRATOR");

    private final AuditReader reader;
    private final AuditExport export;
    private final Tenants tenants;

    AuditController(AuditReader reader, AuditExport export, Tenants tenants) {
        this.reader = reader;
        this.export = export;
        this.tenants = tenants;
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
        Line line = reader.entry(seq)
                .filter(found -> STORY.contains(found.subject().kind()) || READERS.stream().anyMatch(request::isUserInRole))
                .orElseThrow(() -> new Problem.NotFound("entry " + seq));
        model.addAttribute("line", AuditLine.of(line));
        model.addAttribute("entry", line.entry());
        return "audit/entries/show";
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
