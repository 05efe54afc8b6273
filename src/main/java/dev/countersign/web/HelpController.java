package dev.countersign.web;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;

/// One page a code, and the list of them: where the `type` of a problem and the code of a finding lead.
@Controller
class HelpController {
    private final Map<String, HelpTopic> byCode = new TreeMap<>();

    HelpController(ObjectProvider<HelpTopics> rooms) {
        Stream.concat(own(), rooms.stream().flatMap(room -> room.topics().stream()))
                .sorted(Comparator.comparing(HelpTopic::code))
                .forEach(topic -> {
                    if (byCode.put(topic.code(), topic) != null) throw new IllegalStateException("two topics " + topic.code());
                });
    }

    @GetMapping("/help")
    String index(Model model) {
        model.addAttribute("topics", List.copyOf(byCode.values()));
        return "help/index";
    }

    @GetMapping("/help/{code}")
    String show(@PathVariable String code, Model model) {
        if (!byCode.containsKey(code)) throw new Problem.NotFound("help page of that code");
        model.addAttribute("topic", byCode.get(code));
        return "help/show";
    }

    private static Stream<HelpTopic> own() {
        return Arrays.stream(ProblemCode.values()).map(code -> new HelpTopic(code.code(), code.title(), code.advice()));
    }
}
