package dev.countersign.workbench;

import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.web.util.UriComponentsBuilder;

/// The question exactly as it was typed; every member may be empty. The URL of a simulation is its form.
///
/// - `from`: a service or service account (`production/order-service`, with the cluster before it where it matters), or a
///   whole identity (`cluster.local/ns/production/sa/order-service`).
/// - `tls`: `mutual`, `plain`, or empty for what the caller does today.
/// - `headers`, `claims`: a line each, `name: value`.
public record SimulationForm(
        String from,
        String to,
        String method,
        String path,
        String host,
        String port,
        String tls,
        String ip,
        String headers,
        String claims) {
    static final int MOST = 8_000;

    static SimulationForm of(Map<String, String[]> sent) {
        return new SimulationForm(
                one(sent, "from"),
                one(sent, "to"),
                one(sent, "method"),
                one(sent, "path"),
                one(sent, "host"),
                one(sent, "port"),
                one(sent, "tls"),
                one(sent, "ip"),
                one(sent, "headers"),
                one(sent, "claims"));
    }

    boolean untouched() {
        return from.isEmpty() && to.isEmpty();
    }

    public boolean detailed() {
        return !(host + port + tls + ip + headers + claims).isEmpty();
    }

    /// The shareable address: what is empty is left out.
    String url() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("from", from);
        values.put("to", to);
        values.put("method", method);
        values.put("path", path);
        values.put("host", host);
        values.put("port", port);
        values.put("tls", tls);
        values.put("ip", ip);
        values.put("headers", headers);
        values.put("claims", claims);
        values.values().removeIf(String::isEmpty);
        UriComponentsBuilder url = UriComponentsBuilder.fromPath("/simulate");
        values.keySet().forEach(name -> url.queryParam(name, "{" + name + "}"));
        return url.encode().buildAndExpand(values).toUriString();
    }

    private static String one(Map<String, String[]> sent, String name) {
        String[] values = sent.get(name);
        String value = values == null || values.length == 0 ? "" : values[0].strip();
        return value.length() > MOST ? value.substring(0, MOST) : value;
    }
}
