package dev.countersign.demo.cluster;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads the few kinds that `kubectl` insists on sending as protobuf: `create namespace`, `create serviceaccount`,
/// `create configmap` and the questions of `auth`. Answers are JSON, which every client accepts beside it. Other kinds
/// are
/// refused with 415, as a server without protobuf does. Source of the field numbers: the `generated.proto` files of
/// k8s.io/api.
final class Protobuf {
    static final String MEDIA_TYPE = "application/vnd.kubernetes.protobuf";
    private static final byte[] MAGIC = {'k', '8', 's', 0};

    /// How a field is read.
    private sealed interface Type {
        record Text() implements Type {}

        record Bool() implements Type {}

        record Texts() implements Type {}

        record TextMap() implements Type {}

        record Inner(Map<Integer, Field> fields) implements Type {}
    }

    private record Field(String name, Type type) {}

    private static final Type TEXT = new Type.Text();
    private static final Type TEXT_MAP = new Type.TextMap();
    private static final Map<Integer, Field> METADATA = Map.of(
            1,
            new Field("name", TEXT),
            2,
            new Field("generateName", TEXT),
            3,
            new Field("namespace", TEXT),
            5,
            new Field("uid", TEXT),
            6,
            new Field("resourceVersion", TEXT),
            11,
            new Field("labels", TEXT_MAP),
            12,
            new Field("annotations", TEXT_MAP));
    private static final Field OBJECT_METADATA = new Field("metadata", new Type.Inner(METADATA));
    private static final Map<Integer, Field> RESOURCE_ATTRIBUTES = Map.of(
            1,
            new Field("namespace", TEXT),
            2,
            new Field("verb", TEXT),
            3,
            new Field("group", TEXT),
            4,
            new Field("version", TEXT),
            5,
            new Field("resource", TEXT),
            6,
            new Field("subresource", TEXT),
            7,
            new Field("name", TEXT));
    private static final Map<Integer, Field> PATH_ATTRIBUTES =
            Map.of(1, new Field("path", TEXT), 2, new Field("verb", TEXT));
    private static final Map<String, Map<Integer, Field>> KINDS = Map.of(
            "Namespace",
                    Map.of(1, OBJECT_METADATA, 2, inner("spec", Map.of(1, new Field("finalizers", new Type.Texts())))),
            "ServiceAccount", Map.of(1, OBJECT_METADATA, 4, new Field("automountServiceAccountToken", new Type.Bool())),
            "ConfigMap",
                    Map.of(
                            1,
                            OBJECT_METADATA,
                            2,
                            new Field("data", TEXT_MAP),
                            4,
                            new Field("immutable", new Type.Bool())),
            "SelfSubjectAccessReview",
                    Map.of(
                            1,
                            OBJECT_METADATA,
                            2,
                            inner(
                                    "spec",
                                    Map.of(
                                            1,
                                            inner("resourceAttributes", RESOURCE_ATTRIBUTES),
                                            2,
                                            inner("nonResourceAttributes", PATH_ATTRIBUTES)))),
            "SelfSubjectRulesReview",
                    Map.of(1, OBJECT_METADATA, 2, inner("spec", Map.of(1, new Field("namespace", TEXT)))),
            "SelfSubjectReview", Map.of(1, OBJECT_METADATA),
            "DeleteOptions",
                    Map.of(
                            2,
                            inner(
                                    "preconditions",
                                    Map.of(1, new Field("uid", TEXT), 2, new Field("resourceVersion", TEXT))),
                            4,
                            new Field("propagationPolicy", TEXT),
                            5,
                            new Field("dryRun", new Type.Texts())));

    private final byte[] bytes;
    private int at;
    private final int end;

    private Protobuf(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    static Map<String, Object> read(byte[] body) {
        if (body.length < 4 || !Arrays.equals(Arrays.copyOf(body, 4), MAGIC)) {
            throw Refused.badRequest(
                    "the provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
        }
        try {
            return envelope(body);
        } catch (IndexOutOfBoundsException e) {
            throw Refused.badRequest("protobuf: unexpected EOF");
        }
    }

    private static Map<String, Object> envelope(byte[] body) {
        var identity = Map.of(1, new Field("apiVersion", TEXT), 2, new Field("kind", TEXT));
        var object = new LinkedHashMap<String, Object>();
        var raw = new byte[0];
        var reader = new Protobuf(body, 4, body.length);
        while (reader.at < reader.end) {
            var tag = (int) reader.varint();
            if (tag == (1 << 3 | 2)) {
                var type = reader.slice();
                object.putAll(type.message(identity));
            } else if (tag == (2 << 3 | 2)) {
                var content = reader.slice();
                raw = Arrays.copyOfRange(body, content.at, content.end);
            } else {
                reader.skip(tag & 7);
            }
        }
        var fields = KINDS.get(String.valueOf(object.get("kind")));
        if (fields == null) {
            throw Refused.unsupportedMediaType(MEDIA_TYPE + " of a " + object.get("kind"));
        }
        object.putAll(new Protobuf(raw, 0, raw.length).message(fields));
        return object;
    }

    private Map<String, Object> message(Map<Integer, Field> fields) {
        var read = new LinkedHashMap<String, Object>();
        while (at < end) {
            var tag = (int) varint();
            var field = fields.get(tag >>> 3);
            if (field == null) {
                skip(tag & 7);
                continue;
            }
            switch (field.type()) {
                case Type.Text() -> {
                    var text = slice().text();
                    if (!text.isEmpty()) {
                        read.put(field.name(), text);
                    }
                }
                case Type.Bool() -> read.put(field.name(), varint() != 0);
                case Type.Texts() -> {
                    var all = new ArrayList<Object>(Tree.list(read.getOrDefault(field.name(), List.of())));
                    all.add(slice().text());
                    read.put(field.name(), all);
                }
                case Type.TextMap() -> {
                    var pair = slice().message(Map.of(1, new Field("key", TEXT), 2, new Field("value", TEXT)));
                    Tree.child(read, field.name())
                            .put(String.valueOf(pair.get("key")), String.valueOf(pair.getOrDefault("value", "")));
                }
                case Type.Inner(var inner) -> {
                    var value = slice().message(inner);
                    if (!value.isEmpty() || field.name().equals("metadata")) {
                        read.put(field.name(), value);
                    }
                }
            }
        }
        return read;
    }

    private static Field inner(String name, Map<Integer, Field> fields) {
        return new Field(name, new Type.Inner(fields));
    }

    private String text() {
        return new String(bytes, at, end - at, StandardCharsets.UTF_8);
    }

    private Protobuf slice() {
        var length = (int) varint();
        if (length < 0 || length > end - at) {
            throw new IndexOutOfBoundsException(length);
        }
        var slice = new Protobuf(bytes, at, at + length);
        at += length;
        return slice;
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte next = bytes[at++];
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                break;
            }
        }
        return value;
    }

    private void skip(int wireType) {
        switch (wireType) {
            case 0 -> varint();
            case 1 -> at += 8;
            case 2 -> slice();
            case 5 -> at += 4;
            default -> throw new IndexOutOfBoundsException("wire type " + wireType);
        }
    }
}
