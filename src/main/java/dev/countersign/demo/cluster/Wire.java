package dev.countersign.demo.cluster;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.json.JsonMapper;

/// Bytes to trees and back. JSON for everything; YAML only where a client may send it (`application/apply-patch+yaml`,
/// `application/yaml`), which includes JSON. Duplicate keys are refused in both.
final class Wire {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final LoadSettings YAML = LoadSettings.builder()
            .setAllowDuplicateKeys(false)
            .setCodePointLimit(ApiServer.LARGEST_BODY)
            .build();

    private Wire() {}

    static byte[] write(Object tree) {
        return JSON.writeValueAsBytes(tree);
    }

    static Object read(byte[] body, String mediaType) {
        if (mediaType.equals(Protobuf.MEDIA_TYPE)) {
            return Protobuf.read(body);
        }
        try {
            var looksLikeJson = body.length > 0 && (body[0] == '{' || body[0] == '[');
            var read = mediaType.endsWith("yaml") && !looksLikeJson
                    ? new Load(YAML).loadFromString(new String(body, StandardCharsets.UTF_8))
                    : JSON.readValue(body, Object.class);
            var normal = Tree.normal(read);
            if (normal == null) {
                throw Refused.badRequest("the request body is empty");
            }
            return normal;
        } catch (JacksonException e) {
            throw Refused.badRequest("couldn't get version/kind; json parse error: " + e.getOriginalMessage());
        } catch (YamlEngineException e) {
            throw Refused.badRequest("error decoding YAML: " + e.getMessage());
        }
    }

    static Map<String, Object> object(byte[] body, String mediaType) {
        if (read(body, mediaType) instanceof Map<?, ?> map) {
            return Tree.map(map);
        }
        throw Refused.badRequest("the request body must be an object");
    }
}
