package dev.countersign.policy.yaml;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// Text to trees of JSON values with the line of each path. Takes events one by one and stops at the first that YAML
/// has and JSON has not, or that exceeds a limit: nothing is ever expanded.
final class YamlParser {
    private static final Pattern JSON = Pattern.compile("\\s*+[{\\[]");
    private static final Pattern INDENT = Pattern.compile("(?m)^[ \\t]++");
    private final YamlLimits limits;
    private final Iterator<Event> events;
    private Map<String, Integer> lines = new HashMap<>();
    private List<Remark> remarks = new ArrayList<>();
    private int nodes;

    private YamlParser(YamlLimits limits, Iterator<Event> events) {
        this.limits = limits;
        this.events = events;
    }

    /// A document as it was written. `tree` may be any JSON value.
    record Parsed(int line, @Nullable Object tree, Map<String, Integer> lines, List<Remark> remarks) {}

    /// Throws `Refusal`, and nothing else.
    static List<Parsed> parse(String text, YamlLimits limits) {
        refuseSize(text, limits);
        refuseHalfCharacters(text);
        LoadSettings settings = LoadSettings.builder()
                .setLabel("text")
                .setCodePointLimit(Integer.MAX_VALUE) // measured above, in bytes
                .setBufferSize(text.length() + 2) // the library fails where a surrogate pair straddles two buffers
                .build();
        try {
            return new YamlParser(
                            limits,
                            new Parse(settings).parseString(jsonTabs(text)).iterator())
                    .documents();
        } catch (MarkedYamlEngineException malformed) {
            Optional<Mark> mark = malformed.getProblemMark().or(malformed::getContextMark);
            throw new Refusal(
                    mark.map(Mark::getLine).orElse(0) + 1,
                    mark.map(Mark::getColumn).orElse(0) + 1,
                    "this is not YAML: " + malformed.getProblem(),
                    "Correct the line, or the one before it");
        } catch (ReaderException unprintable) {
            int line = 1
                    + (int) text.codePoints()
                            .limit(unprintable.getPosition())
                            .filter(c -> c == '\n')
                            .count();
            throw new Refusal(line, 1, "the text holds a character that YAML does not allow", "Remove or escape it");
        } catch (YamlEngineException malformed) {
            throw new Refusal(1, 1, "this is not YAML: " + malformed.getMessage(), "Correct the text");
        }
    }

    private static void refuseSize(String text, YamlLimits limits) {
        if (text.length() > limits.bytes() || text.getBytes(StandardCharsets.UTF_8).length > limits.bytes()) {
            throw new Refusal(1, 1, "the text is longer than " + limits.bytes() + " bytes", "Send it in smaller parts");
        }
    }

    private static void refuseHalfCharacters(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isHighSurrogate(text.charAt(i))
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(text.charAt(i))) {
                int line =
                        1 + (int) text.chars().limit(i).filter(c -> c == '\n').count();
                throw new Refusal(line, 1, "the text holds half of a surrogate pair", "Send it as UTF-8");
            }
        }
    }

    /// JSON may be indented with tabs, which the library takes for a mistake.
    private static String jsonTabs(String text) {
        boolean json = text.indexOf('\t') >= 0 && JSON.matcher(text).lookingAt() && !text.contains("\n---");
        return json
                ? INDENT.matcher(text)
                        .replaceAll(indent -> " ".repeat(indent.group().length()))
                : text;
    }

    private List<Parsed> documents() {
        List<Parsed> documents = new ArrayList<>();
        while (events.hasNext()) {
            Event event = events.next();
            if (event.getEventId() == Event.ID.DocumentStart) {
                if (documents.size() == limits.documents()) {
                    throw refusal(
                            event, "there are more than " + limits.documents() + " documents", "Send fewer at once");
                }
                lines = new HashMap<>();
                remarks = new ArrayList<>();
                Event root = events.next();
                Object tree = node(root, "", 1);
                documents.add(new Parsed(line(root), tree, lines, remarks));
            }
        }
        return documents;
    }

    private @Nullable Object node(Event event, String path, int depth) {
        if (++nodes > limits.nodes()) {
            throw refusal(event, "there are more than " + limits.nodes() + " values", "Send it in smaller parts");
        }
        if (depth > limits.depth()) {
            throw refusal(event, "values are nested deeper than " + limits.depth() + " levels", "Flatten the document");
        }
        refuseReferences(event);
        lines.putIfAbsent(path, line(event));
        return switch (event) {
            case ScalarEvent scalar -> scalar(scalar, path);
            case SequenceStartEvent _ -> sequence(path, depth);
            case MappingStartEvent _ -> mapping(path, depth);
            default -> throw refusal(event, "this is not YAML: unexpected " + event.getEventId(), "Correct the line");
        };
    }

    private void refuseReferences(Event event) {
        if (event instanceof AliasEvent alias) {
            throw refusal(event, "an alias (*" + alias.getAlias() + ") is refused", "Write the value out instead");
        }
        if (event instanceof NodeEvent node && node.getAnchor().isPresent()) {
            throw refusal(
                    event, "an anchor (&" + node.getAnchor().get() + ") is refused", "Write the value out instead");
        }
        Optional<String> tag = switch (event) {
            case ScalarEvent scalar -> scalar.getTag();
            case SequenceStartEvent sequence -> sequence.getTag();
            case MappingStartEvent mapping -> mapping.getTag();
            default -> Optional.empty();
        };
        if (tag.isPresent()) {
            throw refusal(event, "a tag (" + tag.get() + ") is refused", "Leave it out; quote the value if it is text");
        }
    }

    private @Nullable Object scalar(ScalarEvent scalar, String path) {
        if (scalar.getScalarStyle() != ScalarStyle.PLAIN) {
            return scalar.getValue();
        }
        Scalars.readOtherwise(scalar.getValue()).ifPresent(message -> remarks.add(new Remark(path, message)));
        try {
            return Scalars.plain(scalar.getValue());
        } catch (NumberFormatException impossible) {
            throw refusal(scalar, impossible.getMessage(), "Write another value, or put it in quotes if it is text");
        }
    }

    private List<@Nullable Object> sequence(String path, int depth) {
        List<@Nullable Object> items = new ArrayList<>();
        for (Event event = events.next(); event.getEventId() != Event.ID.SequenceEnd; event = events.next()) {
            items.add(node(event, YamlPath.item(path, items.size()), depth + 1));
        }
        return Collections.unmodifiableList(items);
    }

    @SuppressWarnings({"NullAway", "DataFlowIssue"}) // JSON's null is a value of these maps
    private Map<String, Object> mapping(String path, int depth) {
        Map<String, Object> entries = new LinkedHashMap<>();
        for (Event event = events.next(); event.getEventId() != Event.ID.MappingEnd; event = events.next()) {
            refuseReferences(event);
            String key = key(event);
            String child = YamlPath.key(path, key);
            if (entries.containsKey(key)) {
                throw refusal(
                        event,
                        "the key " + key + " appears twice (first on line " + lines.get(child) + ")",
                        "Keep one of them; a list needs one key and several entries");
            }
            lines.put(child, line(event));
            entries.put(key, node(events.next(), child, depth + 1));
        }
        return Collections.unmodifiableMap(entries);
    }

    /// JSON's keys are text. A whole number is taken as its digits, as the API server does; anything else is refused.
    private String key(Event event) {
        if (!(event instanceof ScalarEvent scalar)) {
            throw refusal(event, "a key must be text, this one is a list or a map", "Write a word before the colon");
        }
        String word = scalar.getValue();
        if (scalar.getScalarStyle() != ScalarStyle.PLAIN) {
            return word;
        }
        if (word.equals("<<")) {
            throw refusal(event, "a merge key (<<) is refused", "Write the fields out instead");
        }
        Object value;
        try {
            value = Scalars.plain(word);
        } catch (NumberFormatException impossible) {
            value = null;
        }
        if (value instanceof String && Scalars.readOtherwise(word).isEmpty()
                || value instanceof Number && value.toString().equals(word) && !(value instanceof Double)) {
            return word;
        }
        throw refusal(event, "the key " + (word.isEmpty() ? "(empty)" : word) + " is not text", "Put it in quotes");
    }

    private static int line(Event event) {
        return event.getStartMark().map(Mark::getLine).orElse(0) + 1;
    }

    private static Refusal refusal(Event event, @Nullable String reason, String advice) {
        int column = event.getStartMark().map(Mark::getColumn).orElse(0) + 1;
        return new Refusal(line(event), column, String.valueOf(reason), advice);
    }
}
