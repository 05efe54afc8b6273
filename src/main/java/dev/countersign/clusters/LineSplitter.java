package dev.countersign.clusters;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// Cuts a stream of bytes at line feeds. A line longer than the limit is an accident that ends the stream.
final class LineSplitter {
    private final int limit;
    private final Consumer<String> lines;
    private final ByteArrayOutputStream partial = new ByteArrayOutputStream();

    LineSplitter(int limit, Consumer<String> lines) {
        this.limit = limit;
        this.lines = lines;
    }

    void take(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            byte next = bytes.get();
            if (next == '\n') {
                String line = partial.toString(StandardCharsets.UTF_8);
                partial.reset();
                if (!line.isBlank()) {
                    lines.accept(line);
                }
            } else if (partial.size() == limit) {
                throw new IllegalArgumentException("a line of the watch is longer than " + limit + " bytes");
            } else {
                partial.write(next);
            }
        }
    }
}
