package dev.countersign.requests.web;

import dev.countersign.catalog.MeshCatalog;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.requests.TenantSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the form shows besides what was typed: clusters to choose from, lengths, and what the tenant expects of a reason.
/// `action` is where it is sent; `title` and `verb` say what it does.
public record AskPage(
        String action, String preview, String title, String verb, List<String> clusters, Map<String, String> periods, String reasonHint, List<String> methods) {
    static AskPage fresh(MeshCatalog catalog, TenantSettings settings, AskForm form) {
        return of("/requests", "/requests/preview", "Ask for access", "Submit", catalog, settings, form);
    }

    static AskPage change(long number, MeshCatalog catalog, TenantSettings settings, AskForm form) {
        return of("/requests/" + number + "/edit", "/requests/" + number + "/preview", "Change request " + number, "Submit as a new version",
                catalog, settings, form);
    }

    private static AskPage of(String action, String preview, String title, String verb, MeshCatalog catalog, TenantSettings settings, AskForm form) {
        Map<String, String> periods = new LinkedHashMap<>();
        periods.put("P1D", "1 day from approval");
        periods.put("P7D", "7 days from approval");
        periods.put("P30D", "30 days from approval");
        periods.put("P90D", "90 days from approval");
        periods.put("P180D", "180 days from approval");
        periods.put("P365D", "365 days from approval");
        periods.put("until", "Until a day");
        if (settings.permanentAllowed()) {
            periods.put("permanent", "Without an end (costs more approvals)");
        }
        periods.putIfAbsent(form.period(), form.period());
        return new AskPage(action, preview, title, verb, catalog.clusters().stream().map(ClusterRef::name).toList(), periods,
                "What breaks without it, and for whom? At least " + settings.reasonMinimum() + " characters.", AskForm.METHODS);
    }
}
