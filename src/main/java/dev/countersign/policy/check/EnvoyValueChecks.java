package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.E7;
import static dev.countersign.policy.check.FindingCode.E8;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// E7 and E8: what a patch value says to Envoy. We know which packages of Envoy's API there are, and the fields of the
/// filter wrapper and of the local rate limit, which we write; istiod knows every message.
final class EnvoyValueChecks {
    private static final Pattern KNOWN_TYPE = Pattern.compile("type\\.googleapis\\.com/("
            + "envoy\\.(config|extensions|data|service|type|admin|watchdog)\\."
            + "[a-z0-9_.]*v[3-9](alpha|beta)?[0-9]*\\.[A-Za-z0-9.]+"
            + "|(udpa|xds)\\.type\\.v[0-9]+\\.TypedStruct"
            + "|(xds|google\\.protobuf|istio)\\..+"
            + "|stats\\.PluginConfig)");
    private static final Set<String> FILTERS =
            Set.of("HTTP_FILTER", "NETWORK_FILTER", "LISTENER_FILTER", "EXTENSION_CONFIG");
    private static final Map<String, Set<String>> WRAPPER_FIELDS = Map.of(
            "HTTP_FILTER", Set.of("name", "typed_config", "config_discovery", "is_optional", "disabled"),
            "NETWORK_FILTER", Set.of("name", "typed_config", "config_discovery"),
            "LISTENER_FILTER", Set.of("name", "typed_config", "filter_disabled", "config_discovery"),
            "EXTENSION_CONFIG", Set.of("name", "typed_config"));
    private static final String RATE_LIMIT =
            "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit";
    private static final Set<String> RATE_LIMIT_FIELDS = Set.of(
            "@type",
            "stat_prefix",
            "status",
            "token_bucket",
            "filter_enabled",
            "filter_enforced",
            "request_headers_to_add_when_not_enforced",
            "response_headers_to_add",
            "descriptors",
            "stage",
            "local_rate_limit_per_downstream_connection",
            "local_cluster_rate_limit",
            "enable_x_ratelimit_headers",
            "vh_rate_limits",
            "always_consume_default_token_bucket",
            "rate_limited_as_resource_exhausted",
            "rate_limits",
            "max_dynamic_descriptors",
            "local_rate_limits_per_downstream_connection");
    private static final Set<String> OLD_NAMES = Set.of(
            "envoy.buffer",
            "envoy.cors",
            "envoy.csrf",
            "envoy.ext_authz",
            "envoy.fault",
            "envoy.grpc_http1_bridge",
            "envoy.grpc_json_transcoder",
            "envoy.grpc_web",
            "envoy.gzip",
            "envoy.health_check",
            "envoy.http_dynamo_filter",
            "envoy.ip_tagging",
            "envoy.lua",
            "envoy.rate_limit",
            "envoy.router",
            "envoy.squash",
            "envoy.client_ssl_auth",
            "envoy.listener.http_inspector",
            "envoy.listener.original_dst",
            "envoy.listener.original_src",
            "envoy.listener.proxy_protocol",
            "envoy.listener.tls_inspector",
            "envoy.echo",
            "envoy.http_connection_manager",
            "envoy.mongo_proxy",
            "envoy.ratelimit",
            "envoy.redis_proxy",
            "envoy.tcp_proxy");

    private EnvoyValueChecks() {}

    static void check(String applyTo, Node value, Findings findings) {
        if (!value.isPresent()) {
            return;
        }
        if (unknownType(value, findings)) {
            return;
        }
        Set<String> fields = WRAPPER_FIELDS.getOrDefault(applyTo, Set.of());
        boolean unknown = unknownFields(value, fields, findings);
        Node typed = value.get("typed_config");
        if (typed.get("@type").text().equals(RATE_LIMIT)) {
            unknown |= unknownFields(typed, RATE_LIMIT_FIELDS, findings);
        }
        // Where the strict reading fails, istiod looks no further.
        if (!unknown && FILTERS.contains(applyTo) && !typed.isPresent() && !typed(value)) {
            findings.add(E8, value, "the filter has no typed_config");
        }
        Node socket = value.get("transport_socket");
        if (socket.isPresent() && !socket.get("typed_config").isPresent()) {
            findings.add(E8, socket, "the transport socket has no typed_config");
        }
    }

    static void name(Node name, Findings findings) {
        if (OLD_NAMES.contains(name.text())) {
            findings.add(E8, name, "the filter name " + name.text() + " is retired");
        }
    }

    private static boolean typed(Node value) {
        return List.of("typedConfig", "config_discovery", "configDiscovery").stream()
                .anyMatch(key -> value.get(key).isPresent());
    }

    private static boolean unknownFields(Node message, Set<String> fields, Findings findings) {
        boolean found = false;
        for (var entry : message.entries()) {
            if (!fields.isEmpty()
                    && !fields.contains(entry.getKey())
                    && !fields.contains(Node.protoName(entry.getKey()))) {
                findings.add(E8, entry.getValue(), "Envoy has no field " + entry.getKey() + " here");
                found = true;
            }
        }
        return found;
    }

    /// Every `@type` below, whatever holds it.
    private static boolean unknownType(Node node, Findings findings) {
        boolean found = false;
        for (var entry : node.entries()) {
            String type = entry.getValue().text();
            if (entry.getKey().equals("@type") && !KNOWN_TYPE.matcher(type).matches()) {
                findings.add(E7, entry.getValue(), "Envoy has no type " + type);
                found = true;
            }
            found |= unknownType(entry.getValue(), findings);
        }
        for (Node item : node.items()) {
            found |= unknownType(item, findings);
        }
        return found;
    }
}
