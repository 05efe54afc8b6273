package dev.countersign.api;

import dev.countersign.requests.Finding;
import java.util.Locale;

/// A remark on a request; an error refuses it. `path` is a JSON Pointer into what was sent, `help` says what to do.
record RequestFindingDocument(String code, Severity severity, String path, String message, String help) {
    enum Severity {
        error,
        warning,
        info
    }

    static RequestFindingDocument of(Finding finding) {
        return new RequestFindingDocument(finding.code(), Severity.valueOf(finding.severity().name().toLowerCase(Locale.ROOT)), finding.path(),
                finding.message(), finding.help());
    }
}
