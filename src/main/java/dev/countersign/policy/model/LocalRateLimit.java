package dev.countersign.policy.model;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How many requests each proxy of a workload lets in: a bucket of `burst` tokens, `perInterval` of them given back
/// every `interval`. The limit holds per pod: with n replicas, n times as much passes. Source: istio.md section 5.
public record LocalRateLimit(int burst, int perInterval, Duration interval) {
    private static final String FILTER = "envoy.filters.http.local_ratelimit";
    private static final String TYPE =
            "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit";
    private static final Duration SHORTEST = Duration.ofMillis(50);

    public LocalRateLimit {
        if (burst < 1 || perInterval < 1) {
            throw new IllegalArgumentException("a rate limit lets at least one request in");
        }
        if (interval.compareTo(SHORTEST) < 0) {
            throw new IllegalArgumentException("Envoy refuses a fill interval below 50ms");
        }
    }

    /// The EnvoyFilter that enforces this limit on calls into the targeted workloads.
    public EnvoyFilter filter(ObjectMeta metadata, Target target) {
        Map<String, Object> always = Tree.map("numerator", 100L, "denominator", "HUNDRED");
        Map<String, Object> limit = Tree.map(
                "stat_prefix",
                "http_local_rate_limiter",
                "token_bucket",
                Tree.map(
                        "max_tokens", (long) burst,
                        "tokens_per_fill", (long) perInterval,
                        "fill_interval", GoDuration.seconds(interval)),
                // Without these two Envoy counts and limits nothing.
                "filter_enabled",
                Tree.map("runtime_key", "local_rate_limit_enabled", "default_value", always),
                "filter_enforced",
                Tree.map("runtime_key", "local_rate_limit_enforced", "default_value", always));
        Map<String, Object> typed =
                Tree.map("@type", "type.googleapis.com/udpa.type.v1.TypedStruct", "type_url", TYPE, "value", limit);
        Map<String, Object> match = Tree.map(
                "context",
                "SIDECAR_INBOUND",
                "listener",
                Tree.map(
                        "filterChain",
                        Tree.map("filter", Tree.map("name", "envoy.filters.network.http_connection_manager"))));
        return new EnvoyFilter(
                metadata,
                target,
                List.of(new EnvoyFilter.Patch(
                        "HTTP_FILTER", match, "INSERT_BEFORE", Tree.map("name", FILTER, "typed_config", typed))));
    }

    /// The limit that `filter` enforces, if it is exactly one of those that we write.
    public static Optional<LocalRateLimit> of(EnvoyFilter filter) {
        if (filter.patches().size() != 1
                || !(filter.patches().getFirst().value().get("typed_config") instanceof Map<?, ?> typed)
                || !(typed.get("value") instanceof Map<?, ?> value)
                || !(value.get("token_bucket") instanceof Map<?, ?> bucket)
                || !(bucket.get("max_tokens") instanceof Long burst)
                || !(bucket.get("tokens_per_fill") instanceof Long perInterval)
                || !(bucket.get("fill_interval") instanceof String text)) {
            return Optional.empty();
        }
        return GoDuration.parse(text)
                .filter(interval -> interval.compareTo(SHORTEST) >= 0)
                .filter(interval -> fits(burst) && fits(perInterval))
                .map(interval -> new LocalRateLimit(burst.intValue(), perInterval.intValue(), interval))
                .filter(limit ->
                        limit.filter(filter.metadata(), filter.target()).equals(filter));
    }

    private static boolean fits(long count) {
        return count >= 1 && count <= Integer.MAX_VALUE;
    }
}
