package dev.countersign.api;

import dev.countersign.web.Problem;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/// Reads one JSON value of RFC 8259 and nothing more lenient, into maps, lists, texts, numbers, booleans and null. A repeated
/// member is refused at its pointer: two readers would take different ones. Depth and lengths are capped before they cost.
final class JsonText {
    static final int DEPTH = 32;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEPTH)
                    .maxNumberLength(40)
                    .maxNameLength(1_000)
                    .maxStringLength(1024 * 1024)
                    .build())
            .build();

    private JsonText() {}

    /// Throws `Problem.Unreadable` for what is no JSON, `Problem.Refused` for repeated members and for too deep a nesting.
    static @Nullable Object read(byte[] body) {
        String text = utf8(body);
        if (text.isBlank()) {
            throw new Problem.Unreadable("The body is empty. Send a JSON object.");
        }
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            parser.nextToken();
            Object value = value(parser, "");
            if (parser.nextToken() != null) {
                throw new Problem.Unreadable("After the JSON value comes more text" + at(parser) + ". Send one value.");
            }
            return value;
        } catch (StreamConstraintsException tooMuch) {
            throw new Problem.Refused("The JSON goes beyond what is read here: at most " + DEPTH
                    + " levels, names of 1,000 characters and numbers of 40 digits. Make it flatter or shorter.", List.of());
        } catch (JacksonException malformed) {
            throw new Problem.Unreadable("The body is not JSON"
                    + (malformed.getLocation() == null ? "" : ": it breaks off or goes wrong in line " + malformed.getLocation().getLineNr()
                            + ", column " + malformed.getLocation().getColumnNr())
                    + ". Check quotes, commas and brackets there.");
        }
    }

    private static @Nullable Object value(JsonParser parser, String pointer) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser, pointer);
            case START_ARRAY -> array(parser, pointer);
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT -> parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                    ? parser.getBigIntegerValue()
                    : (Object) parser.getLongValue();
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> throw new Problem.Unreadable("The body is not one JSON value" + at(parser) + ".");
        };
    }

    private static Map<String, @Nullable Object> object(JsonParser parser, String pointer) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            String here = pointer + "/" + Member.escaped(name);
            parser.nextToken();
            if (members.containsKey(name)) {
                throw new Problem.Refused("A member stands twice in the same object. Keep one of them.",
                        List.of(new Problem.Wrong(here, "CS9422", "This member stands twice. Keep one of them.")));
            }
            members.put(name, value(parser, here));
        }
        return members;
    }

    private static List<@Nullable Object> array(JsonParser parser, String pointer) {
        List<@Nullable Object> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(value(parser, pointer + "/" + items.size()));
        }
        return items;
    }

    /// RFC 8259: JSON between systems is UTF-8. Anything else could read differently elsewhere.
    static String utf8(byte[] body) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
        } catch (CharacterCodingException malformed) {
            throw new Problem.Unreadable("The body is not UTF-8. Encode it so and send it again.");
        }
    }

    private static String at(JsonParser parser) {
        return " in line " + parser.currentTokenLocation().getLineNr() + ", column " + parser.currentTokenLocation().getColumnNr();
    }
}
