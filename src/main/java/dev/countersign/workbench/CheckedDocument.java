package dev.countersign.workbench;

import dev.countersign.policy.check.CheckResult;
import dev.countersign.policy.check.Finding;
import dev.countersign.policy.check.Severity;
import dev.countersign.policy.yaml.Document;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What is said about one pasted object: a judgement first, then the findings by the place that they are about, in the order
/// of the text.
public record CheckedDocument(String kind, String name, int line, String state, String judgement, List<PlaceOfFindings> places) {
    private static final int QUOTED = 200;

    /// Findings about one line of the text; `quoted` is that line, `path` empty where they are about several places in it.
    public record PlaceOfFindings(int line, String path, String quoted, List<Said> findings) {}

    /// - `state`: `fails` where something refuses the object, `waits` for a warning, `over` for what is worth knowing.
    /// - `who`: who says it.
    /// - `corrected`: the corrected form as YAML, where there is one.
    public record Said(String code, String path, String state, String who, String title, String message, String advice, @Nullable String corrected) {}

    static CheckedDocument of(Document document, CheckResult result, List<String> lines) {
        Map<Integer, List<Finding>> byLine = new TreeMap<>();
        result.findings().forEach(finding ->
                byLine.computeIfAbsent(document.lineOf(finding.path()), line -> new ArrayList<>()).add(finding));
        List<PlaceOfFindings> places = byLine.entrySet().stream().map(place -> place(place.getKey(), place.getValue(), lines)).toList();
        return new CheckedDocument(word(document.tree(), "kind", "an object without kind"), name(document.tree()), document.line(),
                state(result), judgement(result), places);
    }

    public boolean refused() {
        return state.equals("fails");
    }

    private static PlaceOfFindings place(int line, List<Finding> findings, List<String> lines) {
        boolean one = findings.stream().map(Finding::path).distinct().count() == 1;
        return new PlaceOfFindings(line, one ? findings.getFirst().path() : "", quoted(lines, line), findings.stream()
                .sorted(Comparator.comparing(Finding::severity).thenComparing(Finding::code))
                .map(finding -> said(finding, one))
                .toList());
    }

    private static String state(CheckResult result) {
        if (!result.accepted()) {
            return "fails";
        }
        return result.findings().stream().anyMatch(finding -> finding.severity() != Severity.INFO) ? "waits" : "done";
    }

    private static String judgement(CheckResult result) {
        if (!result.accepted()) {
            return result.webhookValid() ? "the API server refuses it" : "Istio refuses it";
        }
        if (result.findings().isEmpty()) {
            return "accepted, nothing to say";
        }
        return result.webhookWarning() ? "accepted with a warning" : state(result).equals("waits") ? "accepted, and not what it seems" : "accepted";
    }

    private static Said said(Finding finding, boolean placed) {
        String advice = finding.advice();
        int cut = advice.indexOf('\n');
        String rule = finding.istioRule().isEmpty() ? "" : ", rule " + finding.istioRule();
        String who = switch (finding.layer()) {
            case WEBHOOK -> "Istio's webhook" + rule;
            case CRD -> "the API server" + rule;
            case LINT -> "Countersign";
        };
        String state = switch (finding.severity()) {
            case ERROR -> "fails";
            case WARNING -> "waits";
            case INFO -> "over";
        };
        return new Said(finding.code().code(), placed ? "" : finding.path(), state, who, finding.code().title(), finding.message(),
                cut < 0 ? advice : advice.substring(0, cut), cut < 0 ? null : advice.substring(cut + 1).strip() + "\n");
    }

    static String quoted(List<String> lines, int line) {
        String text = line >= 1 && line <= lines.size() ? lines.get(line - 1).stripTrailing() : "";
        return text.length() > QUOTED ? text.substring(0, QUOTED) + " …" : text;
    }

    private static String name(Map<String, Object> tree) {
        if (!(tree.get("metadata") instanceof Map<?, ?> metadata)) {
            return "without a name";
        }
        String name = metadata.get("name") instanceof String text ? text : "without a name";
        return metadata.get("namespace") instanceof String namespace ? namespace + "/" + name : name;
    }

    private static String word(Map<String, Object> tree, String key, String otherwise) {
        return tree.get(key) instanceof String text ? text : otherwise;
    }
}
