package dev.countersign.workbench;

import dev.countersign.policy.check.FindingCode;
import dev.countersign.web.HelpTopic;
import dev.countersign.web.HelpTopics;
import java.util.Arrays;
import java.util.List;
import org.springframework.stereotype.Component;

/// A help page for every code that the checker can give.
@Component
class FindingHelp implements HelpTopics {
    @Override
    public List<HelpTopic> topics() {
        return Arrays.stream(FindingCode.values())
                .map(code -> new HelpTopic(code.code(), code.title(), who(code) + " " + code.help()))
                .toList();
    }

    private static String who(FindingCode code) {
        String rule = code.istioRule().isEmpty() ? "" : " (its rule " + code.istioRule() + ")";
        return switch (code.layer()) {
            case WEBHOOK -> switch (code.severity()) {
                case ERROR -> "Istio's webhook refuses the object" + rule + ".";
                case WARNING, INFO -> "Istio accepts the object and warns" + rule + ".";
            };
            case CRD -> "The API server refuses the object before Istio sees it" + rule + ".";
            case LINT -> switch (code.severity()) {
                case ERROR -> "Istio accepts the object, and it does harm.";
                case WARNING -> "Istio accepts the object, but it hardly does what it seems to say.";
                case INFO -> "Istio accepts the object; this is worth knowing.";
            };
        };
    }
}
