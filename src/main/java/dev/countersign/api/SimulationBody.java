package dev.countersign.api;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A call to try. Without `from`, or with `mtls: false`, it comes in plain text and proves no identity.
///
/// - `path`: as the client sends it; it is normalised as the mesh does.
/// - `host`: the Host header; the workload's name where it is left out. `port`: the workload's port.
record SimulationBody(String cluster, Optional<From> from, To to, CallBody call) {
    enum Protocol {
        http,
        tcp
    }

    record From(String namespace, String serviceAccount) {}

    record To(String namespace, String workload) {}

    record CallBody(
            Optional<Protocol> protocol, Optional<Boolean> mtls, Optional<String> method, Optional<String> path, Optional<String> host, int port,
            Optional<Map<String, String>> headers, Optional<String> sourceIp) {
        boolean isHttp() {
            return protocol.orElse(Protocol.http) == Protocol.http;
        }
    }

    static SimulationBody read(Member body) {
        body.objectOf("cluster", "from", "to", "call");
        Member from = body.of("from");
        Optional<From> caller = Optional.empty();
        if (!from.absent()) {
            from.objectOf("namespace", "serviceAccount");
            caller = Optional.of(new From(plain(from.of("namespace")), plain(from.of("serviceAccount"))));
        }
        return new SimulationBody(body.of("cluster").text(253), caller, to(body.of("to")), call(body.of("call"), caller.isPresent()));
    }

    static To to(Member to) {
        to.objectOf("namespace", "workload");
        return new To(to.of("namespace").text(253), to.of("workload").text(253));
    }

    private static String plain(Member name) {
        String text = name.text(253);
        if (text.contains("/") || text.contains("*")) {
            name.wrong("A call comes from one service account: no * and no / here.");
        }
        return text;
    }

    private static CallBody call(Member call, boolean identified) {
        call.objectOf("protocol", "mtls", "method", "path", "host", "port", "headers", "sourceIp");
        CallBody read = new CallBody(call.of("protocol").word(Protocol.class), call.of("mtls").truth(), call.of("method").optionalText(100),
                call.of("path").optionalText(8_192), call.of("host").optionalText(253), call.of("port").whole(1, 65_535).orElse(0),
                call.of("headers").absent() ? Optional.empty() : Optional.of(call.of("headers").map(100, header -> header.text(8_192))),
                call.of("sourceIp").optionalText(100));
        if (call.of("port").absent()) {
            call.of("port").wrong("This is missing.");
        }
        if (read.mtls().orElse(identified) && !identified) {
            call.of("mtls").wrong("With mutual TLS the call has an identity: name it in /from, or say mtls: false.");
        }
        if (!read.isHttp()) {
            for (String member : List.of("method", "path", "host", "headers")) {
                if (!call.of(member).absent()) {
                    call.of(member).wrong("A TCP connection has none. Leave it out, or say protocol: http.");
                }
            }
        } else if (!read.path().orElse("/").startsWith("/")) {
            call.of("path").wrong("A path begins with /.");
        }
        read.sourceIp().filter(ip -> dev.countersign.policy.eval.Address.parse(ip).isEmpty())
                .ifPresent(ip -> call.of("sourceIp").wrong("This is not an IPv4 or IPv6 address."));
        return read;
    }
}
