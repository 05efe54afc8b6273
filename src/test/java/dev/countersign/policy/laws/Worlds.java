package dev.countersign.policy.laws;

import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.Call.ExternalAuthorizer;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.TrustDomains;
import dev.countersign.policy.model.Values;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.model.Workload.CalledService;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/// Random meshes, policies that Istio would accept, and calls, from alphabets so small that rules match often: values
/// name the very identities, paths and addresses that calls carry. The same seed gives the same worlds in the same
/// order. Not thread-safe; take one per thread with another seed.
public final class Worlds {
    private static final List<String> ACTING_AS = List.of(
            "cluster.local/ns/a/sa/x",
            "cluster.local/ns/a/sa/y",
            "cluster.local/ns/b/sa/x",
            "cluster.local/ns/a-b/sa/x",
            "td1/ns/a/sa/x",
            "old-td/ns/a/sa/x",
            "new-td/ns/b/sa/y",
            "td1/ns/a");
    private static final List<String> HEADERS = List.of("x-tier", "X-Tier", ":authority", "Host", ":path", ":method");

    private final SplittableRandom random;

    /// Where calls arrive: a mesh, all its policies (attached or not), and the workload called.
    public record World(MeshSettings mesh, List<AuthorizationPolicy> policies, Workload workload) {
        public World {
            policies = List.copyOf(policies);
        }

        public World with(List<AuthorizationPolicy> others) {
            return new World(mesh, others, workload);
        }

        public World plus(AuthorizationPolicy another) {
            List<AuthorizationPolicy> more = new ArrayList<>(policies);
            more.add(another);
            return with(more);
        }
    }

    private Worlds(long seed) {
        this.random = new SplittableRandom(seed);
    }

    public static Worlds seeded(long seed) {
        return new Worlds(seed);
    }

    /// Any data plane, any actions, dry run included.
    public World world() {
        return world(pick(DataPlane.values()));
    }

    /// One to five policies, most of which attach.
    public World world(DataPlane plane) {
        MeshSettings mesh = new MeshSettings("istio-system", trustDomains());
        List<AuthorizationPolicy> policies = new ArrayList<>();
        int count = 1 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            policies.add(policy(plane, "p" + i));
        }
        return new World(mesh, policies, workload(plane));
    }

    public TrustDomains trustDomains() {
        return switch (random.nextInt(4)) {
            case 0 -> new TrustDomains("td1", List.of());
            case 1 -> new TrustDomains("new-td", List.of("old-td"));
            default -> TrustDomains.DEFAULT;
        };
    }

    public Workload workload(DataPlane plane) {
        String namespace = pick("a", "a", "b");
        return switch (plane) {
            case SIDECAR, ZTUNNEL -> new Workload(namespace, Map.of("app", pick("one", "two"), "v", "1"), plane,
                    List.of());
            case GATEWAY -> new Workload(
                    namespace,
                    chance(3) ? Map.of("app", "one") : Map.of("app", "one", Workload.GATEWAY_NAME, pick("edge",
                            "other")),
                    plane,
                    List.of());
            case WAYPOINT -> new Workload(
                    namespace,
                    Map.of(Workload.GATEWAY_NAME, "edge"),
                    plane,
                    List.of(new CalledService(pick("a", "b"), pick("one", "two"), chance(4))));
        };
    }

    /// A policy of any action that may attach to a workload of this plane.
    public AuthorizationPolicy policy(DataPlane plane, String name) {
        return policy(plane, pick(Action.ALLOW, Action.ALLOW, Action.ALLOW, Action.DENY, Action.DENY, Action.AUDIT,
                Action.CUSTOM), name);
    }

    public AuthorizationPolicy policy(DataPlane plane, Action action, String name) {
        boolean mayRehearse = action == Action.ALLOW || action == Action.DENY;
        return policy(plane, action, name, mayRehearse && chance(6));
    }

    public AuthorizationPolicy policy(DataPlane plane, Action action, String name, boolean dryRun) {
        ObjectMeta meta = new ObjectMeta(
                pick("a", "a", "a", "b", "istio-system"),
                name,
                Map.of(),
                dryRun ? Map.of(AuthorizationPolicy.DRY_RUN, "true") : Map.of(),
                Optional.empty());
        List<Rule> rules = new ArrayList<>();
        int least = action == Action.DENY || action == Action.CUSTOM ? 1 : 0;
        int count = Math.max(least, random.nextInt(4));
        for (int i = 0; i < count; i++) {
            rules.add(rule(action));
        }
        Optional<String> provider =
                action == Action.CUSTOM ? Optional.of(pick("grpc", "grpc", "http", "missing")) : Optional.empty();
        return new AuthorizationPolicy(meta, target(plane), action, provider, rules);
    }

    public Target target(DataPlane plane) {
        boolean byReference = plane == DataPlane.WAYPOINT ? !chance(6) : chance(plane == DataPlane.GATEWAY ? 3 : 12);
        if (byReference) {
            return new Target.References(List.of(reference()));
        }
        return switch (random.nextInt(4)) {
            case 0 -> new Target.Selector(Map.of("app", pick("one", "one", "two")));
            case 1 -> new Target.Selector(Map.of("app", "one", "v", "1"));
            default -> Target.EVERYTHING;
        };
    }

    private Target.Reference reference() {
        return switch (random.nextInt(6)) {
            case 0 -> new Target.Reference("gateway.networking.k8s.io", "GatewayClass", "istio-waypoint");
            case 1, 2 -> new Target.Reference("gateway.networking.k8s.io", "Gateway", pick("edge", "edge", "other"));
            case 3 -> new Target.Reference("networking.istio.io", "ServiceEntry", pick("one", "two"));
            default -> new Target.Reference(pick("", "core"), "Service", pick("one", "two"));
        };
    }

    public Rule rule(Action action) {
        boolean custom = action == Action.CUSTOM;
        return new Rule(
                upTo(2, () -> source(custom)), upTo(2, this::operation), chance(2) ? List.of() : upTo(2,
                        () -> condition(custom)));
    }

    /// CUSTOM rules may name addresses only: no identity, no token.
    public Source source(boolean addressesOnly) {
        Map<SourceField, Values> fields = new EnumMap<>(SourceField.class);
        SourceField first = addressesOnly
                ? pick(SourceField.IP_BLOCKS, SourceField.REMOTE_IP_BLOCKS)
                : pick(SourceField.values());
        fields.put(first, values(() -> value(first)));
        if (chance(3)) {
            SourceField second = pick(SourceField.IP_BLOCKS, SourceField.REMOTE_IP_BLOCKS);
            fields.put(second, values(() -> value(second)));
        } else if (!addressesOnly && first != SourceField.SERVICE_ACCOUNTS && chance(3)) {
            SourceField second = pick(SourceField.PRINCIPALS, SourceField.NAMESPACES, SourceField.REQUEST_PRINCIPALS);
            fields.put(second, values(() -> value(second)));
        }
        return new Source(fields);
    }

    public Operation operation() {
        Map<OperationField, Values> fields = new EnumMap<>(OperationField.class);
        int count = 1 + random.nextInt(2);
        for (int i = 0; i < count; i++) {
            OperationField field = pick(OperationField.values());
            fields.put(field, values(() -> value(field)));
        }
        return new Operation(fields);
    }

    public Condition condition(boolean addressesOnly) {
        return switch (addressesOnly ? random.nextInt(6) : random.nextInt(14)) {
            case 0 -> new Condition("destination.port", values(() -> value(OperationField.PORTS)));
            case 1 -> new Condition("destination.ip", values(() -> pick("10.9.0.1", "10.9.0.0/16", "10.8.0.0/16")));
            case 2 -> new Condition("connection.sni", values(() -> pick("*", "in.example", "*.example", "out*")));
            case 3 -> new Condition(
                    "experimental.envoy.filters.sql[t]", values(() -> pick("select", "[select]", "[ins*]", "*")));
            case 4 -> new Condition("request.headers[" + pick(HEADERS) + "]", values(this::headerValue));
            case 5 -> addressCondition();
            case 6 -> new Condition("request.auth.audiences", values(() -> pick("web", "w*", "*", "api")));
            case 7 -> new Condition("request.auth.presenter", values(() -> pick("web", "*")));
            case 8 -> new Condition("request.auth.claims[groups]", values(() -> pick("dev", "ops", "*", "d*")));
            case 9 -> new Condition("request.auth.claims[realm][roles]", values(() -> pick("owner", "*r")));
            case 10 -> new Condition("request.auth.claims[scope]", values(() -> pick("read", "read write", "*")));
            default -> {
                SourceField field = pick(SourceField.values());
                yield new Condition(field.attribute(), values(() -> value(field)));
            }
        };
    }

    private Condition addressCondition() {
        SourceField field = pick(SourceField.IP_BLOCKS, SourceField.REMOTE_IP_BLOCKS);
        return new Condition(field.attribute(), values(() -> value(field)));
    }

    private String headerValue() {
        return pick("gold", "g*", "*d", "*", "shop.example", "/api/1", "GET", "gold,silver");
    }

    private String value(SourceField field) {
        return switch (field) {
            case PRINCIPALS -> pick(
                    "*", "cluster.local/ns/a/sa/x", "cluster.local/ns/a/sa/y", "cluster.local/ns/b/sa/x",
                            "cluster.local/ns/a/*",
                    "*/sa/x", "*/ns/a/sa/x", "old-td/ns/a/sa/x", "*-td/ns/b/sa/y", "td1/ns/a*",
                            "spiffe://td1/ns/a/sa/x");
            case NAMESPACES -> pick("a", "b", "a*", "*b", "*-*", "*", "istio-system");
            case SERVICE_ACCOUNTS -> pick("x", "y", "a/x", "b/x", "a-b/x");
            case TRUST_DOMAINS -> pick("cluster.local", "td1", "*-td", "old*", "*", "new-td");
            case REQUEST_PRINCIPALS -> pick("*", "iss/ann", "iss/*", "*/ann", "iss*", "*ann", "iss/bob", "*ss/ann",
                    "iss/a*", "iss");
            case IP_BLOCKS, REMOTE_IP_BLOCKS ->
                pick("10.1.2.3", "10.1.0.0/16", "10.1.9.9/16", "0.0.0.0/0", "192.168.0.0/16", "2001:db8::/32", "::/0",
                        "2001:db8::5");
        };
    }

    private String value(OperationField field) {
        return switch (field) {
            case HOSTS -> pick("shop.example", "SHOP.example", "*.example", "shop.example:*", "shop*", "*");
            case PORTS -> pick("8080", "9090", "08080", "443");
            case METHODS -> pick("GET", "POST", "P*", "*", "*T");
            case PATHS -> pick(
                    "/api/1", "/api/*", "*/1", "*", "/api/{*}", "/api/{**}", "/{*}/1", "/api/{**}/1", "/admin*", "/",
                            "/Api/1");
        };
    }

    /// A call that some rule of the world's planes may well match; about a quarter are TCP, always at ztunnel.
    public Call call(World world) {
        boolean tcp = world.workload().dataPlane() == DataPlane.ZTUNNEL || chance(4);
        return call(tcp);
    }

    public Call call(boolean tcp) {
        String ip = address();
        Map<String, ExternalAuthorizer> authorizers = new LinkedHashMap<>();
        authorizers.put("grpc", new ExternalAuthorizer(false, chance(2)));
        authorizers.put("http", new ExternalAuthorizer(true, chance(2)));
        return new Call(
                chance(6) ? Optional.empty() : Optional.of(pick(ACTING_AS)),
                ip,
                chance(2) ? ip : address(),
                pick("10.9.0.1", "10.8.3.3", "2001:db8::9"),
                pick(8080, 9090, 443),
                chance(3) ? Optional.empty() : Optional.of(pick("in.example", "out.example", "outer")),
                tcp ? Optional.empty() : Optional.of(http()),
                chance(3) ? Map.of("envoy.filters.sql", Map.of("t", chance(2) ? "select" : List.of("insert",
                        "select"))) : Map.of(),
                authorizers);
    }

    private Call.Http http() {
        Map<String, List<String>> headers = switch (random.nextInt(5)) {
            case 0 -> Map.of("x-tier", List.of("gold"));
            case 1 -> Map.of("X-Tier", List.of("gold", "silver"));
            case 2 -> Map.of("x-tier", List.of(""));
            default -> Map.of();
        };
        return new Call.Http(
                pick("GET", "POST", "PUT", "get"),
                pick("/api/1", "/api/1?q=/x", "/api/", "/api", "/api/a/b/1", "/admin", "//admin", "/", "/x/1",
                        "/Api/1", "/api/a b"),
                pick("shop.example", "Shop.Example", "shop.example:8080", "example", "other.example"),
                headers,
                chance(2) ? Optional.empty() : Optional.of(claims()));
    }

    private Map<String, Object> claims() {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("iss", pick("iss", "iss", "other", "https://iss"));
        if (!chance(6)) {
            claims.put("sub", pick("ann", "ann", "bob", "*"));
        }
        maybe(claims, "aud", () -> chance(2) ? "web" : List.of("api", "web"));
        maybe(claims, "azp", () -> "web");
        maybe(claims, "groups", () -> pick(List.of("dev"), List.of("ops", "dev"), "ops", true, 7));
        maybe(claims, "realm", () -> chance(2) ? Map.of("roles", List.of("owner")) : "owner");
        maybe(claims, "scope", () -> pick("read", "read write"));
        return claims;
    }

    private void maybe(Map<String, Object> claims, String name, Supplier<Object> value) {
        if (chance(2)) {
            claims.put(name, value.get());
        }
    }

    private String address() {
        return pick("10.1.2.3", "10.1.9.9", "192.168.4.7", "172.16.0.9", "2001:db8::5");
    }

    private Values values(Supplier<String> one) {
        return switch (random.nextInt(8)) {
            case 0, 1 -> new Values(List.of(), atLeastOne(one));
            case 2 -> new Values(atLeastOne(one), atLeastOne(one));
            default -> new Values(atLeastOne(one), List.of());
        };
    }

    private List<String> atLeastOne(Supplier<String> one) {
        return chance(2) ? List.of(one.get()) : List.of(one.get(), one.get());
    }

    private <T> List<T> upTo(int most, Supplier<T> one) {
        List<T> some = new ArrayList<>();
        int count = random.nextInt(most + 1);
        for (int i = 0; i < count; i++) {
            some.add(one.get());
        }
        return some;
    }

    /// One time in `times`.
    public boolean chance(int times) {
        return random.nextInt(times) == 0;
    }

    @SafeVarargs
    public final <T> T pick(T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    public <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
