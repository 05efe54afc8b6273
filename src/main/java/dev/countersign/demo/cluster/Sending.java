package dev.countersign.demo.cluster;

import com.sun.net.httpserver.HttpExchange;
import dev.countersign.demo.cluster.Faults.Effect;
import java.io.IOException;
import java.util.Optional;

/// An answer on its way out, whole, as a stream, or mangled by a fault.
record Sending(HttpExchange exchange) {
    void send(Answer answer, Optional<Effect> fault) throws IOException, InterruptedException {
        answer.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
        if (answer.streaming().isPresent()) {
            exchange.sendResponseHeaders(answer.status(), 0);
            var out = exchange.getResponseBody();
            out.flush();
            answer.streaming().get().to(out);
            out.close();
            return;
        }
        var body = answer.body();
        var isHead = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(answer.status(), isHead || body.length == 0 ? -1 : body.length);
        if (isHead || body.length == 0) {
            return;
        }
        var out = exchange.getResponseBody();
        switch (fault.orElse(null)) {
            case Effect.HalfReply() -> {
                out.write(body, 0, body.length / 2);
                out.flush();
                return; // closing the exchange short of its length cuts the connection
            }
            case Effect.Trickle(var piece) -> {
                for (int at = 0; at < body.length; at += piece) {
                    out.write(body, at, Math.min(piece, body.length - at));
                    out.flush();
                    Thread.sleep(1000);
                }
            }
            case null, default -> out.write(body);
        }
        out.close();
    }
}
