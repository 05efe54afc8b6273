package dev.countersign.requests;

import dev.countersign.web.HelpTopic;
import dev.countersign.web.HelpTopics;
import java.util.Arrays;
import java.util.List;
import org.springframework.stereotype.Component;

/// A help page for every code that asking can give.
@Component
class AskFindingHelp implements HelpTopics {
    @Override
    public List<HelpTopic> topics() {
        return Arrays.stream(AskFinding.values())
                .map(code -> new HelpTopic(code.code(), code.title(), code.meaning() + " " + code.help()))
                .toList();
    }
}
