package dev.countersign.policy.laws;

import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.DestinationRule;
import dev.countersign.policy.model.EnvoyFilter;
import dev.countersign.policy.model.IstioObject;
import dev.countersign.policy.model.LocalRateLimit;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.PeerAuthentication;
import dev.countersign.policy.model.RequestAuthentication;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Sidecar;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.TlsMode;
import dev.countersign.policy.model.Tree;
import dev.countersign.policy.model.Values;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;

/// Any object that the model can hold, from a seed: mostly plausible words, sometimes the ones that readers trip over.
public final class GeneratedObjects {
    private static final List<String> PLAUSIBLE = List.of(
            "payments",
            "cluster.local/ns/production/sa/order-service",
            "/api/v1/payments/*",
            "GET",
            "10.0.0.0/8",
            "8080",
            "https://issuer.example/keys",
            "*.example.com",
            "/store/{**}/cart",
            "request.headers[x-channel]",
            "v1.2",
            "*");
    private static final List<String> TREACHEROUS = List.of(
            "",
            " ",
            "yes",
            "NO",
            "on",
            "Off",
            "y",
            "true",
            "False",
            "null",
            "~",
            "0777",
            "0o17",
            "0x1F",
            "1e3",
            ".5",
            "+1",
            "-",
            "- a",
            "a: b",
            "a #b",
            "#",
            "&a",
            "*a",
            "!t",
            "|",
            ">",
            "%",
            "@",
            "`",
            "'",
            "\"",
            "\\",
            "{}",
            "[a]",
            "?",
            ":",
            "::",
            "12:30:45",
            "1_000",
            "2026-01-31",
            ".inf",
            ".NaN",
            "=",
            "<<",
            "---",
            "...",
            "a\nb",
            "a\r\nb",
            "\ttab",
            "trailing ",
            "nel\u0085",
            "ls\u2028",
            "ps\u2029",
            "bom\uFEFF",
            "nul\u0000",
            "esc\u001b",
            "bidi\u202e",
            "nbsp\u00a0",
            "é",
            "日本",
            "\uD83D\uDE00",
            "\uFFFE",
            "\uE000",
            "a:",
            "a:b",
            "https://x",
            "/",
            "//",
            "Y",
            "N",
            "NULL",
            "0",
            "00",
            "-0",
            "1.0",
            "0b1");
    private final SplittableRandom random;

    public GeneratedObjects(long seed) {
        random = new SplittableRandom(seed);
    }

    public IstioObject next() {
        return switch (random.nextInt(10)) {
            case 0 -> peerAuthentication();
            case 1 -> requestAuthentication();
            case 2 -> destinationRule();
            case 3 -> envoyFilter();
            case 4 -> new Sidecar(metadata(), selector(), tree(3));
            default -> authorizationPolicy();
        };
    }

    public AuthorizationPolicy authorizationPolicy() {
        Action action = pick(Action.values());
        Optional<String> provider = action == Action.CUSTOM ? optional(this::word) : Optional.empty();
        List<Rule> rules =
                list(3, () -> new Rule(list(2, this::source), list(2, this::operation), list(2, this::condition)));
        return new AuthorizationPolicy(metadata(), target(), action, provider, rules);
    }

    private Source source() {
        Map<SourceField, Values> fields = new EnumMap<>(SourceField.class);
        do {
            fields.put(pick(SourceField.values()), values());
        } while (random.nextBoolean());
        return new Source(fields);
    }

    private Operation operation() {
        Map<OperationField, Values> fields = new EnumMap<>(OperationField.class);
        do {
            fields.put(pick(OperationField.values()), values());
        } while (random.nextBoolean());
        return new Operation(fields);
    }

    private Condition condition() {
        return new Condition(word(), values());
    }

    private Values values() {
        Values values = new Values(list(3, this::text), list(2, this::text));
        return values.isEmpty() ? Values.any(text()) : values;
    }

    private PeerAuthentication peerAuthentication() {
        Map<Integer, TlsMode> ports = new TreeMap<>();
        list(3, () -> ports.put(random.nextInt(65536), pick(TlsMode.values())));
        return new PeerAuthentication(metadata(), selector(), pick(TlsMode.values()), ports);
    }

    private RequestAuthentication requestAuthentication() {
        return new RequestAuthentication(
                metadata(),
                target(),
                list(
                        2,
                        () -> new RequestAuthentication.JwtRule(
                                text(),
                                list(2, this::text),
                                optional(this::text),
                                optional(this::text),
                                list(2, () -> new RequestAuthentication.TokenHeader(text(), text())),
                                list(2, this::text),
                                list(2, this::text),
                                optional(this::word),
                                random.nextBoolean(),
                                list(2, () -> new RequestAuthentication.ClaimHeader(text(), text())),
                                optional(this::duration))));
    }

    private DestinationRule destinationRule() {
        Optional<DestinationRule.ConnectionPool> pool = optional(() -> new DestinationRule.ConnectionPool(
                Optional.of(random.nextInt()),
                optional(this::duration),
                optional(random::nextInt),
                optional(random::nextInt),
                optional(random::nextInt),
                optional(random::nextInt),
                optional(this::duration)));
        Optional<DestinationRule.OutlierDetection> outliers = optional(() -> new DestinationRule.OutlierDetection(
                optional(random::nextInt),
                optional(random::nextInt),
                optional(this::duration),
                optional(this::duration),
                optional(random::nextInt),
                optional(random::nextInt)));
        return new DestinationRule(metadata(), word(), pool, outliers);
    }

    private EnvoyFilter envoyFilter() {
        if (random.nextBoolean()) {
            Duration interval = Duration.ofMillis(random.nextInt(50, 100_000));
            return new LocalRateLimit(random.nextInt(1, 1000), random.nextInt(1, 1000), interval)
                    .filter(metadata(), selector());
        }
        return new EnvoyFilter(
                metadata(), target(), list(2, () -> new EnvoyFilter.Patch(text(), tree(2), text(), tree(3))));
    }

    private ObjectMeta metadata() {
        Optional<Instant> created = random.nextInt(4) == 0
                ? Optional.of(Instant.ofEpochSecond(random.nextLong(4_000_000_000L)))
                : Optional.empty();
        return new ObjectMeta(word(), word(), texts(), texts(), created);
    }

    private Map<String, String> texts() {
        Map<String, String> texts = new TreeMap<>();
        list(3, () -> texts.put(text(), text()));
        return texts;
    }

    private Target selector() {
        Map<String, String> labels = texts();
        return labels.isEmpty() ? Target.EVERYTHING : new Target.Selector(labels);
    }

    private Target target() {
        if (random.nextInt(3) == 0) {
            return new Target.References(
                    java.util.stream.Stream.generate(() -> new Target.Reference(text(), word(), word()))
                            .limit(random.nextInt(1, 4))
                            .toList());
        }
        return selector();
    }

    private Map<String, Object> tree(int depth) {
        Map<String, Object> tree = new TreeMap<>();
        list(3, () -> tree.put(word(), value(depth - 1)));
        // What the model holds elsewhere is not among a Sidecar's settings.
        List.of("workloadSelector", "selector", "targetRef", "targetRefs").forEach(tree::remove);
        return Tree.copyOf(tree);
    }

    private Object value(int depth) {
        return switch (random.nextInt(depth > 0 ? 6 : 4)) {
            case 0 -> text();
            case 1 -> random.nextLong();
            case 2 -> random.nextBoolean();
            case 3 -> random.nextInt(-1000, 1000) / 8.0 + 0.0625;
            case 4 -> list(3, () -> value(depth - 1));
            default -> tree(depth - 1);
        };
    }

    private Duration duration() {
        return switch (random.nextInt(3)) {
            case 0 -> Duration.ofSeconds(random.nextInt(1_000_000));
            case 1 -> Duration.ofMillis(random.nextInt(1_000_000));
            default -> Duration.ofNanos(random.nextLong(1_000_000_000_000L));
        };
    }

    /// Text that is not empty.
    private String word() {
        String text = text();
        return text.isEmpty() ? "n" : text;
    }

    private String text() {
        return switch (random.nextInt(8)) {
            case 0 -> TREACHEROUS.get(random.nextInt(TREACHEROUS.size()));
            case 1 ->
                TREACHEROUS.get(random.nextInt(TREACHEROUS.size()))
                        + TREACHEROUS.get(random.nextInt(TREACHEROUS.size()));
            case 2 -> Character.toString(character()) + Character.toString(character());
            default -> PLAUSIBLE.get(random.nextInt(PLAUSIBLE.size()));
        };
    }

    private int character() {
        int c = random.nextBoolean() ? random.nextInt(0x300) : random.nextInt(0x11_0000);
        return c >= 0xD800 && c <= 0xDFFF ? 'x' : c;
    }

    private <T> T pick(T[] all) {
        return all[random.nextInt(all.length)];
    }

    private <T> Optional<T> optional(Supplier<T> value) {
        return random.nextBoolean() ? Optional.of(value.get()) : Optional.empty();
    }

    private <T> List<T> list(int most, Supplier<T> value) {
        List<T> list = new ArrayList<>();
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            list.add(value.get());
        }
        return list;
    }
}
