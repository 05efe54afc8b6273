package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.K1;
import static dev.countersign.policy.check.FindingCode.K2;
import static dev.countersign.policy.check.FindingCode.K3;
import static dev.countersign.policy.check.FindingCode.K4;
import static dev.countersign.policy.check.FindingCode.K5;
import static dev.countersign.policy.check.FindingCode.K6;
import static dev.countersign.policy.check.FindingCode.OTHER_REFUSAL;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// K1 to K6: Sidecars. Where Istio's wording makes its rule list call a listener detail K2, so does this.
final class SidecarChecks {
    private static final Set<String> PROTOCOLS = Set.of(
            "",
            "tcp",
            "udp",
            "grpc",
            "grpc-web",
            "http",
            "http_proxy",
            "http2",
            "https",
            "tls",
            "mongo",
            "redis",
            "mysql",
            "hbone",
            "double-hbone");
    private static final Set<String> HTTP = Set.of("http", "http2", "http_proxy", "grpc", "grpc-web");
    private static final Set<String> LOCAL = Set.of("", "127.0.0.1", "0.0.0.0", "::1", "::");
    private static final String UNIX = "unix://";

    private SidecarChecks() {}

    static void check(Node spec, String namespace, Findings findings) {
        SelectorChecks.labels(spec.get("workloadSelector"), "labels", findings);
        if (findings.list().stream().anyMatch(finding -> finding.severity() == Severity.ERROR)) {
            return;
        }
        boolean lists = spec.get("egress").size() > 0 || spec.get("ingress").size() > 0;
        if (!lists
                && Stream.of("outboundTrafficPolicy", "inboundConnectionPool")
                        .noneMatch(key -> spec.get(key).isPresent())) {
            findings.add(K1, spec, "the Sidecar sets nothing");
            return;
        }
        ingress(spec.get("ingress"), findings);
        ConnectionPoolChecks.check(spec.get("inboundConnectionPool"), findings);
        egress(spec.get("egress"), namespace, findings);
        outbound(spec.get("outboundTrafficPolicy"), findings);
    }

    private static void ingress(Node list, Findings findings) {
        Set<Double> ports = new HashSet<>();
        for (Node listener : list.items()) {
            Node port = listener.get("port");
            if (!port.isPresent()) {
                findings.add(K5, listener, "the listener has no port");
                continue;
            }
            port(port, findings);
            portNumber(port.get("number"), findings);
            address(listener.get("bind"), findings);
            if (!ports.add(port.get("number").number())) {
                findings.add(K5, port, "the port is taken by another listener");
            }
            endpoint(listener.get("defaultEndpoint"), findings);
            ServerTlsChecks.check(listener.get("tls"), port.get("protocol").text(), findings);
            ConnectionPoolChecks.check(listener.get("connectionPool"), findings);
            boolean http = HTTP.contains(port.get("protocol").text().toLowerCase(Locale.ROOT));
            if (listener.get("connectionPool").get("http").isPresent() && !http) {
                findings.add(K3, listener.get("connectionPool"), "HTTP limits have no effect on this port");
            }
        }
    }

    /// What ingress and egress ports share.
    private static void port(Node port, Findings findings) {
        if (port.get("targetPort").number() > 0) {
            findings.add(K5, port.get("targetPort"), "targetPort has no effect in a Sidecar");
        }
        String name = port.get("name").text();
        if (!name.isEmpty() && !HostNames.isLabel(name)) {
            findings.add(K2, port.get("name"), "\"" + name + "\" is not a port name");
        }
        String protocol = port.get("protocol").text().toLowerCase(Locale.ROOT);
        if (!PROTOCOLS.contains(protocol)) {
            findings.add(
                    K5,
                    port.get("protocol"),
                    "Istio does not know the protocol " + port.get("protocol").text());
        }
    }

    private static void portNumber(Node number, Findings findings) {
        if (number.number() < 1 || number.number() > 65535) {
            findings.add(K5, number, "a port is from 1 to 65535");
        }
    }

    private static void address(Node bind, Findings findings) {
        if (!bind.text().isEmpty() && !Addresses.isAddress(bind.text())) {
            findings.add(K5, bind, "\"" + bind.text() + "\" is not an IP address");
        }
    }

    private static void unixPath(Node where, Findings findings) {
        String path = where.text().substring(UNIX.length());
        boolean named = path.startsWith("@") || path.startsWith("/") && !path.endsWith("/");
        if (!named) {
            findings.add(K5, where, "\"" + path + "\" is not the absolute path of a socket");
        }
    }

    private static void endpoint(Node endpoint, Findings findings) {
        String text = endpoint.text();
        if (text.isEmpty()) {
            return;
        }
        if (text.startsWith(UNIX)) {
            unixPath(endpoint, findings);
            return;
        }
        int colon = text.lastIndexOf(':');
        boolean bracketed = text.startsWith("[") && colon > 0 && text.charAt(colon - 1) == ']';
        String host = colon < 0 ? "" : bracketed ? text.substring(1, colon - 1) : text.substring(0, colon);
        boolean splits = colon >= 0 && (bracketed || !host.contains(":"));
        if (!splits) {
            findings.add(K5, endpoint, "\"" + text + "\" is not host:port");
            findings.add(K2, endpoint, "the port of \"" + text + "\" is not a number");
            return;
        }
        if (!LOCAL.contains(host)) {
            findings.add(K5, endpoint, "\"" + host + "\" is not a local address");
        }
        String port = text.substring(colon + 1);
        if (!port.matches("[+-]?[0-9]{1,18}")) {
            findings.add(K2, endpoint, "the port \"" + port + "\" is not a number");
        } else if (Long.parseLong(port) < 1 || Long.parseLong(port) > 65535) {
            findings.add(K5, endpoint, "a port is from 1 to 65535");
        }
    }

    private static void egress(Node list, String namespace, Findings findings) {
        Set<Double> ports = new HashSet<>();
        Set<String> sockets = new HashSet<>();
        List<Node> listeners = list.items();
        for (int i = 0; i < listeners.size(); i++) {
            Node listener = listeners.get(i);
            Node port = listener.get("port");
            if (port.isPresent()) {
                egressPort(listener, port, findings);
                boolean socket = port.get("number").number() == 0;
                boolean first = socket
                        ? sockets.add(listener.get("bind").text())
                        : ports.add(port.get("number").number());
                if (!first) {
                    findings.add(K5, listener, "another listener has the same " + (socket ? "socket" : "port"));
                }
            } else if (i < listeners.size() - 1) {
                findings.add(K4, listener, "the listener without port is not the last");
            }
            hosts(listener, namespace, findings);
        }
    }

    private static void egressPort(Node listener, Node port, Findings findings) {
        port(port, findings);
        Node bind = listener.get("bind");
        if (port.get("number").number() != 0) {
            portNumber(port.get("number"), findings);
            address(bind, findings);
            return;
        }
        if (bind.text().startsWith(UNIX)) {
            unixPath(bind, findings);
        } else {
            findings.add(K5, bind, "a listener without port number binds to a unix socket");
        }
        if (!Set.of("", "DEFAULT", "NONE").contains(listener.get("captureMode").text())) {
            findings.add(K5, listener.get("captureMode"), "a unix socket cannot capture traffic");
        }
    }

    private static void hosts(Node listener, String namespace, Findings findings) {
        if (listener.get("hosts").size() == 0) {
            findings.add(K2, listener, "the egress listener names no host");
            return;
        }
        Map<String, Set<String>> seen = new HashMap<>();
        for (Node item : listener.get("hosts").items()) {
            String[] parts = item.text().split("/", 2);
            if (parts.length == 2 && !parts[0].equals("~")) {
                Set<String> names =
                        seen.computeIfAbsent(parts[0].equals(".") ? namespace : parts[0], _ -> new HashSet<>());
                boolean covered =
                        parts[1].equals("*") ? !names.isEmpty() : names.contains("*") || names.contains(parts[1]);
                if (covered) {
                    findings.add(K3, item, "\"" + item.text() + "\" is covered twice");
                }
                names.add(parts[1]);
            }
            host(item, parts, findings);
        }
        if (seen.getOrDefault("*", Set.of()).contains("*") && seen.size() > 1) {
            findings.add(K3, listener.get("hosts"), "*/* already covers every other host");
        }
    }

    private static void host(Node item, String[] parts, Findings findings) {
        if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
            findings.add(K2, item, "\"" + item.text() + "\" is not namespace/dnsName");
            return;
        }
        if (!Set.of("*", ".", "~").contains(parts[0]) && !HostNames.isLabel(parts[0])) {
            findings.add(K2, item, "\"" + parts[0] + "\" is not a namespace");
        }
        if (!parts[1].equals("*") && !parts[1].contains(".")) {
            findings.add(K2, item, "\"" + parts[1] + "\" is a short name");
        }
        HostNames.wildcardProblem(parts[1]).ifPresent(problem -> findings.add(K2, item, problem));
        if (parts[1].contains("*") && parts[1].length() > 1 && !parts[1].startsWith("*.")) {
            findings.add(K2, item, "a star stands for a whole label only");
        }
    }

    private static void outbound(Node policy, Findings findings) {
        String mode = policy.get("mode").text();
        if (mode.equals("ALLOW_ANY_DYNAMIC_DNS")) {
            findings.add(K6, policy.get("mode"), "the mode ALLOW_ANY_DYNAMIC_DNS is not for a Sidecar");
        }
        Node proxy = policy.get("egressProxy");
        if (!proxy.isPresent()) {
            return;
        }
        if (!mode.equals("ALLOW_ANY")) {
            findings.add(K6, proxy, "egressProxy goes with mode ALLOW_ANY only");
            return;
        }
        HostNames.nameProblem(proxy.get("host").text())
                .ifPresent(problem -> findings.add(K2, proxy.get("host"), problem));
        if (!proxy.get("port").isPresent()) {
            findings.add(K6, proxy, "the egress proxy has no port");
            return;
        }
        portNumber(proxy.get("port").get("number"), findings);
        String subset = proxy.get("subset").text();
        if (!subset.isEmpty() && !HostNames.isLabel(subset)) {
            findings.add(OTHER_REFUSAL, proxy.get("subset"), "\"" + subset + "\" is not a subset name");
        }
    }
}
