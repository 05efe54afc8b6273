package dev.countersign.policy.compile;

import dev.countersign.policy.eval.Call;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.SourceField;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Calls around the grants of one workload and around the rules made of them. For each: calls that it gives, the nearest
/// that it does not give by one dimension alone (caller, protocol, method, path, port, host, every condition), and the same
/// by everyone else's callers, then mixtures. First some by strangers. Deterministic, at most `LIMIT`, every grant and rule in turn.
final class NeighbouringCalls {
    static final int LIMIT = 2048;

    private static final int CALLERS = 6;
    private static final int MIXED = 256;
    private static final String ELSEWHERE = "203.0.113.77";

    /// A grant, or a rule that may be wrong.
    private record Shape(List<String> callers, List<GrantedOperation> operations, List<Condition> conditions) {
        static Shape of(GrantedAccess grant) {
            return new Shape(
                    new TreeSet<>(grant.callers().stream().map(Caller::principal).toList()).stream().limit(CALLERS).map(NeighbouringCalls::caller).toList(),
                    grant.wholeService() ? List.of(GrantedOperation.WHOLE_SERVICE) : grant.operations(),
                    grant.conditions());
        }

        static Shape of(Rule rule) {
            return new Shape(
                    rule.from().stream()
                            .flatMap(source -> source.get(SourceField.PRINCIPALS).any().stream())
                            .map(NeighbouringCalls::caller)
                            .limit(CALLERS)
                            .toList(),
                    rule.to().isEmpty() ? List.of(GrantedOperation.WHOLE_SERVICE) : rule.to().stream().map(Shape::operation).toList(),
                    rule.when());
        }

        private static GrantedOperation operation(Operation operation) {
            return new GrantedOperation(
                    operation.get(OperationField.METHODS).any(),
                    operation.get(OperationField.PATHS).any(),
                    operation.get(OperationField.PORTS).any().stream().map(Integer::valueOf).toList(),
                    operation.get(OperationField.HOSTS).any());
        }
    }

    private static final Pattern PORT = Pattern.compile("[0-9]{1,4}|[1-5][0-9]{4}");

    private NeighbouringCalls() {}

    static Stream<Call> of(List<GrantedAccess> grants, List<Rule> rules) {
        List<Shape> shapes = Stream.concat(grants.stream().map(Shape::of), rules.stream().map(Shape::of)).toList();
        List<String> everyone = shapes.stream().flatMap(shape -> shape.callers().stream()).distinct().toList();
        List<Iterator<Draft>> turns = new ArrayList<>();
        shapes.forEach(shape -> turns.add(around(shape, everyone).iterator()));
        List<Call> calls = new ArrayList<>();
        strangers(calls);
        while (!turns.isEmpty() && calls.size() < LIMIT) {
            turns.removeIf(drafts -> !drafts.hasNext());
            turns.stream().limit(LIMIT - calls.size()).forEach(drafts -> calls.add(drafts.next().call()));
        }
        return calls.stream();
    }

    private static void strangers(List<Call> calls) {
        for (Draft draft : List.of(new Draft(), new Draft().by(Optional.of("cluster.local/ns/nowhere/sa/nobody")))) {
            calls.add(draft.call());
            calls.add(draft.plain().call());
        }
    }

    /// The nearest first: of a large set only these are reached.
    private static Stream<Draft> around(Shape shape, List<String> everyone) {
        String caller = shape.callers().isEmpty() ? "any.example/ns/any/sa/any" : shape.callers().getFirst();
        Supplier<Stream<Draft>> members = () -> shape.operations().stream().map(operation -> member(shape, caller, operation));
        Supplier<Stream<Draft>> neighbours = () -> shape.operations().stream()
                .flatMap(operation -> Stream.concat(
                        beside(member(shape, caller, operation), operation),
                        shape.conditions().stream()
                                .flatMap(condition -> otherwise(condition)
                                        .map(value -> member(shape, caller, operation).under(condition.key(), value)))));
        return Stream.of(
                        members.get(),
                        members.get().flatMap(member -> shape.callers().stream().skip(1).map(other -> member.by(Optional.of(other)))),
                        members.get().flatMap(member -> strangersTo(caller).map(member::by)),
                        neighbours.get(),
                        members.get().flatMap(member -> everyone.stream().map(other -> member.by(Optional.of(other)))),
                        everyone.stream().flatMap(other -> Stream.concat(
                                neighbours.get().map(draft -> draft.by(Optional.of(other))),
                                strangersTo(other).flatMap(stranger -> members.get().map(draft -> draft.by(stranger))))),
                        Stream.of(0).flatMap(late -> mixed(shape, caller, everyone, neighbours)))
                .flatMap(stage -> stage);
    }

    /// What differs in one dimension may be given by another grant, and only two that differ together be nobody's.
    private static Stream<Draft> mixed(Shape shape, String caller, List<String> everyone, Supplier<Stream<Draft>> neighbours) {
        List<Draft> all = neighbours.get().toList();
        List<Optional<String>> callers = Stream.concat(everyone.stream().map(Optional::of), strangersTo(caller)).toList();
        List<String> methods = all.stream().map(Draft::method).distinct().toList();
        List<String> paths = all.stream().map(Draft::path).distinct().toList();
        List<String> hosts = all.stream().map(Draft::host).distinct().toList();
        List<Integer> ports = all.stream().map(Draft::port).distinct().toList();
        List<Map<String, Optional<String>>> under = all.stream().map(Draft::under).distinct().toList();
        List<Draft> members = shape.operations().stream().map(operation -> member(shape, caller, operation)).toList();
        SplittableRandom random = new SplittableRandom(all.size());
        return IntStream.range(0, MIXED).mapToObj(i -> {
            Draft like = members.get(random.nextInt(members.size()));
            return new Draft(
                    some(random, like.caller(), callers), some(random, like.port(), ports), random.nextInt(16) > 0, some(random, like.method(), methods),
                    some(random, like.path(), paths), some(random, like.host(), hosts), some(random, like.under(), under));
        });
    }

    private static <T> T some(SplittableRandom random, T one, List<T> others) {
        return random.nextInt(3) == 0 ? one : others.get(random.nextInt(others.size()));
    }

    private static Draft member(Shape shape, String caller, GrantedOperation operation) {
        Draft draft = new Draft().by(Optional.of(caller));
        if (!operation.methods().isEmpty()) {
            draft = draft.method(text(operation.methods().getFirst()));
        }
        if (!operation.paths().isEmpty()) {
            draft = draft.path(path(operation.paths().getFirst()));
        }
        if (!operation.ports().isEmpty()) {
            draft = draft.port(operation.ports().getFirst());
        }
        if (!operation.hosts().isEmpty()) {
            draft = draft.host(text(operation.hosts().getFirst()));
        }
        for (Condition condition : shape.conditions()) {
            List<String> any = condition.values().any();
            draft = draft.under(condition.key(), any.isEmpty() ? Optional.of("other") : Optional.of(text(any.getFirst())));
        }
        return draft;
    }

    private static Stream<Draft> beside(Draft member, GrantedOperation operation) {
        List<Draft> drafts = new ArrayList<>();
        drafts.add(member.plain());
        operation.methods().forEach(method -> drafts.add(member.method(text(method))));
        List.of("GET", "DELETE", "PURGE").forEach(method -> drafts.add(member.method(method)));
        for (String pattern : operation.paths()) {
            String path = path(pattern);
            drafts.add(member.path(path));
            drafts.add(member.path(path + "?q=1"));
            drafts.add(member.path(path + "/x"));
            drafts.add(member.path(path + "x"));
            if (path.length() > 1) {
                drafts.add(member.path(path.substring(0, path.length() - 1)));
                drafts.add(member.path(path.substring(0, Math.max(1, path.lastIndexOf('/')))));
            }
        }
        drafts.add(member.path("/"));
        drafts.add(member.path("/zz"));
        operation.ports().forEach(port -> drafts.add(member.port(port)));
        int free = member.port() + 1;
        while (operation.ports().contains(free)) {
            free++;
        }
        drafts.add(member.port(free > 65535 ? 1 : free));
        for (String pattern : operation.hosts()) {
            String host = text(pattern);
            List.of(host, host.toUpperCase(Locale.ROOT), "x" + host, host + "x").forEach(one -> drafts.add(member.host(one)));
        }
        drafts.add(member.host("elsewhere.example"));
        return drafts.stream();
    }

    private static Stream<Optional<String>> strangersTo(String caller) {
        String[] parts = caller.split("/", -1);
        String account = parts[parts.length - 1];
        return Stream.of(
                Optional.empty(),
                Optional.of(caller + "x"),
                Optional.of(caller.substring(0, caller.length() - account.length()) + "other"),
                Optional.of("elsewhere.example" + caller.substring(parts[0].length())),
                Optional.of(caller.replaceFirst("/ns/([^/]*)/", "/ns/$1-other/")));
    }

    private static Stream<Optional<String>> otherwise(Condition condition) {
        List<Optional<String>> values = new ArrayList<>();
        values.add(Optional.empty());
        values.add(Optional.of("other"));
        condition.values().any().forEach(value -> values.add(Optional.of(text(value))));
        condition.values().none().forEach(value -> values.add(Optional.of(text(value))));
        return values.stream();
    }

    /// Someone whom the value of `principals` means.
    private static String caller(String principal) {
        return principal.equals("*") ? "any.example/ns/any/sa/any" : text(principal);
    }

    /// A text that the pattern matches.
    private static String text(String pattern) {
        return pattern.equals("*") ? "any" : pattern.startsWith("*") ? "x" + pattern.substring(1)
                : pattern.endsWith("*") ? pattern.substring(0, pattern.length() - 1) + "x" : pattern;
    }

    private static String path(String pattern) {
        return pattern.contains("{*") ? pattern.replace("{**}", "x/y").replace("{*}", "x") : text(pattern);
    }

    /// A call that is being varied.
    private record Draft(
            Optional<String> caller, int port, boolean http, String method, String path, String host, Map<String, Optional<String>> under) {
        Draft() {
            this(Optional.empty(), 8080, true, "GET", "/", "shop.example", Map.of());
        }

        Draft by(Optional<String> other) {
            return new Draft(other, port, http, method, path, host, under);
        }

        Draft plain() {
            return new Draft(caller, port, false, method, path, host, under);
        }

        Draft method(String other) {
            return new Draft(caller, port, http, other, path, host, under);
        }

        Draft path(String other) {
            return new Draft(caller, port, http, method, other, host, under);
        }

        Draft host(String other) {
            return new Draft(caller, port, http, method, path, other, under);
        }

        Draft port(int other) {
            return new Draft(caller, other, http, method, path, host, under);
        }

        /// With the attribute of a condition set, or absent.
        Draft under(String key, Optional<String> value) {
            Map<String, Optional<String>> more = new HashMap<>(under);
            more.put(key, value);
            return new Draft(caller, port, http, method, path, host, more);
        }

        Call call() {
            if (under.isEmpty()) {
                return new Call(caller, "10.0.0.1", "10.0.0.1", "10.0.0.2", port, Optional.empty(),
                        http ? Optional.of(new Call.Http(method, path, host, Map.of(), Optional.empty())) : Optional.empty(), Map.of(), Map.of());
            }
            Map<String, List<String>> headers = new HashMap<>();
            Map<String, Object> claims = new HashMap<>();
            Map<String, Map<String, Object>> metadata = new HashMap<>();
            under.forEach((key, value) -> value.ifPresent(text -> attribute(key, text, headers, claims, metadata)));
            Optional<Call.Http> part = http
                    ? Optional.of(new Call.Http(method, path, host, headers, claims.isEmpty() ? Optional.empty() : Optional.of(claims)))
                    : Optional.empty();
            return new Call(
                    caller, address("source.ip", "10.0.0.1"), address("remote.ip", address("source.ip", "10.0.0.1")), address("destination.ip", "10.0.0.2"),
                    destination(), under.getOrDefault("connection.sni", Optional.empty()), part, metadata, Map.of());
        }

        private String address(String key, String otherwise) {
            return under.getOrDefault(key, Optional.of(otherwise))
                    .map(value -> value.equals("other") ? ELSEWHERE : value.split("/", 2)[0])
                    .orElse(otherwise);
        }

        private int destination() {
            String value = under.getOrDefault("destination.port", Optional.empty()).orElse("");
            return PORT.matcher(value).matches() ? Integer.parseInt(value) : port;
        }

        private static void attribute(
                String key, String value, Map<String, List<String>> headers, Map<String, Object> claims, Map<String, Map<String, Object>> metadata) {
            String inner = key.substring(key.indexOf('[') + 1, Math.max(key.indexOf('[') + 1, key.lastIndexOf(']')));
            if (key.startsWith("request.headers[")) {
                headers.put(inner, List.of(value));
            } else if (key.startsWith("request.auth.claims[")) {
                nest(claims, List.of(inner.split("]\\[")), value);
            } else if (key.equals("request.auth.audiences")) {
                claims.put("aud", value);
            } else if (key.equals("request.auth.presenter")) {
                claims.put("azp", value);
            } else if (key.equals("request.auth.principal")) {
                int slash = value.lastIndexOf('/');
                claims.put("iss", slash < 0 ? value : value.substring(0, slash));
                claims.put("sub", value.substring(slash + 1));
            } else if (key.startsWith("experimental.")) {
                boolean list = value.startsWith("[") && value.endsWith("]");
                metadata.computeIfAbsent(key.substring("experimental.".length(), key.indexOf('[')), name -> new HashMap<>())
                        .put(inner, list ? List.of(value.substring(1, value.length() - 1)) : value);
            }
        }

        @SuppressWarnings("unchecked")
        private static void nest(Map<String, Object> claims, List<String> path, String value) {
            Map<String, Object> at = claims;
            for (String step : path.subList(0, path.size() - 1)) {
                at = (Map<String, Object>) at.compute(step, (name, old) -> old instanceof Map<?, ?> ? old : new HashMap<String, Object>());
            }
            at.put(path.getLast(), value);
        }
    }
}
