package dev.countersign.demo.cluster;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One request as it came in: method, path, query, the headers that matter, body.
record ApiCall(
        String method,
        List<String> path,
        Map<String, String> query,
        String rawQuery,
        Map<String, String> headers,
        byte[] body) {

    static ApiCall read(HttpExchange exchange) throws IOException {
        var body = exchange.getRequestBody().readNBytes(ApiServer.LARGEST_BODY + 1);
        var uri = exchange.getRequestURI();
        var headers = new LinkedHashMap<String, String>();
        for (var name : List.of("Accept", "Authorization", "Content-Type", "User-Agent", "Upgrade")) {
            Optional.ofNullable(exchange.getRequestHeaders().getFirst(name))
                    .ifPresent(value -> headers.put(name, value));
        }
        var path = Arrays.stream(uri.getRawPath().split("/"))
                .filter(s -> !s.isEmpty())
                .map(s -> decoded(s.replace("+", "%2B")))
                .toList();
        var rawQuery = Optional.ofNullable(uri.getRawQuery()).orElse("");
        return new ApiCall(exchange.getRequestMethod(), path, query(rawQuery), rawQuery, headers, body);
    }

    String param(String name) {
        return query.getOrDefault(name, "");
    }

    boolean flag(String name) {
        var value = query.get(name);
        return value != null && !value.equals("false") && !value.equals("0");
    }

    String header(String name) {
        return headers.getOrDefault(name, "");
    }

    String mediaType() {
        var type = header("Content-Type");
        return type.isEmpty() ? "application/json" : type.split(";", 2)[0].strip();
    }

    /// The manager that owns what this request writes: as told, or the first word of the user agent.
    String fieldManager() {
        var told = param("fieldManager");
        return told.isEmpty() ? header("User-Agent").split("/", 2)[0] : told;
    }

    String pathText() {
        return "/" + String.join("/", path);
    }

    private static Map<String, String> query(String raw) {
        var query = new LinkedHashMap<String, String>();
        for (var pair : raw.split("&")) {
            var sides = pair.split("=", 2);
            if (!sides[0].isEmpty()) {
                query.putIfAbsent(decoded(sides[0]), sides.length > 1 ? decoded(sides[1]) : "");
            }
        }
        return query;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
