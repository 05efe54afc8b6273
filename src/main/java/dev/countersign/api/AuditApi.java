package dev.countersign.api;

import dev.countersign.api.AuditEntryDocument.AuditEntryListDocument;
import dev.countersign.api.Parameters.Name;
import dev.countersign.audit.AuditReader;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Role;
import dev.countersign.identity.Scope;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/// The record, for those who may read it in the browser.
@RestController
class AuditApi {
    private final AuditReader record;
    private final SignedText signed;

    AuditApi(AuditReader record, SignedText signed) {
        this.record = record;
        this.signed = signed;
    }

    @Endpoint(summary = "The record, oldest first", scope = Scope.READ, answer = AuditEntryListDocument.class, query = {"after", "limit", "cursor"}, refusals = 422,
            description = "For auditors, security and administrators. Numbers have no gaps: poll with after set to the last number you have.")
    @GetMapping(path = "/api/v1/audit/entries", produces = "application/json")
    ResponseEntity<byte[]> entries(@AuthenticationPrincipal CurrentPerson me, HttpServletRequest request) {
        if (Stream.of(Role.AUDITOR, Role.SECURITY, Role.ADMINISTRATOR).noneMatch(me::is)) {
            throw new Problem.Forbidden("Reading the record needs the role AUDITOR, SECURITY or ADMINISTRATOR. Ask an administrator of your tenant.");
        }
        Parameters wanted = Parameters.of(request, Name.after, Name.limit, Name.cursor);
        Optional<Long> after = wanted.number(Name.after, 0, Long.MAX_VALUE);
        int limit = wanted.limit();
        long from = wanted.position(signed).map(Long::valueOf).or(() -> after).orElse(0L);
        wanted.check();
        List<AuditReader.Line> lines = record.after(from, limit + 1);
        List<AuditEntryDocument> items = lines.stream().limit(limit).map(AuditEntryDocument::of).toList();
        Optional<String> next = lines.size() > limit ? Optional.of(wanted.cursor(signed, Long.toString(items.getLast().number()))) : Optional.empty();
        return Listing.answer(request, wanted, new AuditEntryListDocument(items, next), next);
    }
}
