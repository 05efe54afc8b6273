package dev.countersign.demo.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What goes back: a status, headers, and a body that is there at once or written as it comes.
record Answer(int status, Map<String, String> headers, byte[] body, Optional<Streaming> streaming, boolean stored) {
    interface Streaming {
        void to(OutputStream out) throws IOException, InterruptedException;
    }

    static Answer json(int status, Object tree) {
        return json(status, tree, false);
    }

    static Answer json(int status, Object tree, boolean stored) {
        var headers = new LinkedHashMap<String, String>();
        headers.put("Content-Type", "application/json");
        return new Answer(status, headers, Wire.write(tree), Optional.empty(), stored);
    }

    static Answer text(int status, String text) {
        return new Answer(
                status,
                Map.of("Content-Type", "text/plain"),
                text.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                Optional.empty(),
                false);
    }

    static Answer refused(Refused refused) {
        var answer = json(refused.code(), refused.status());
        refused.retryAfterSeconds().ifPresent(seconds -> answer.headers().put("Retry-After", seconds.toString()));
        return answer;
    }

    static Answer stream(Streaming streaming) {
        return new Answer(200, Map.of("Content-Type", "application/json"), new byte[0], Optional.of(streaming), false);
    }
}
