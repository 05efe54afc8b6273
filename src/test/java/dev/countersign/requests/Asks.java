package dev.countersign.requests;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Bodies of the API as JSON values, changed one member at a time: `Asks.body().with("/ask/to/workload", "x")`.
final class Asks {
    private final Map<String, Object> body;

    private Asks(Map<String, Object> body) {
        this.body = body;
    }

    /// The example of api.md.
    static Asks body() {
        return new Asks(new LinkedHashMap<>())
                .with("/ask/kind", "ServiceAccess")
                .with("/ask/clusters", List.of("demo"))
                .with("/ask/from", List.of(source("production", "order-service")))
                .with("/ask/to/namespace", "production")
                .with("/ask/to/workload", "payment-service")
                .with("/ask/operations", List.of(operation(List.of("GET", "POST"), List.of("/api/v1/payments/*"))))
                .with("/justification/reason", "Checkout settles card payments when an order is placed.")
                .with("/justification/ticket", "PAY-1432")
                .with("/grantFor", "P90D");
    }

    static Map<String, Object> source(String namespace, String account) {
        return Map.of("namespace", namespace, "serviceAccount", account);
    }

    static Map<String, Object> operation(List<String> methods, List<String> paths) {
        return Map.of("methods", methods, "paths", paths);
    }

    @SuppressWarnings("unchecked")
    Asks with(String pointer, Object value) {
        String[] names = pointer.substring(1).split("/");
        Map<String, Object> at = body;
        for (int i = 0; i < names.length - 1; i++) {
            at = (Map<String, Object>) at.computeIfAbsent(names[i], name -> new LinkedHashMap<>());
        }
        at.put(names[names.length - 1], value);
        return this;
    }

    @SuppressWarnings("unchecked")
    Asks without(String pointer) {
        String[] names = pointer.substring(1).split("/");
        Map<String, Object> at = body;
        for (int i = 0; i < names.length - 1; i++) {
            at = (Map<String, Object>) at.get(names[i]);
        }
        at.remove(names[names.length - 1]);
        return this;
    }

    Asks from(Object... sources) {
        return with("/ask/from", List.of(sources));
    }

    Asks wholeService() {
        return without("/ask/operations").with("/ask/wholeService", true);
    }

    Asks permanent() {
        return without("/grantFor");
    }

    Map<String, Object> tree() {
        return body;
    }

    Draft draft() {
        return switch (DraftReader.read(body)) {
            case DraftReader.Reading.Read(Draft draft) -> draft;
            case DraftReader.Reading.Unreadable(var problems) -> throw new AssertionError(problems.toString());
        };
    }

    ServiceAccess ask() {
        return (ServiceAccess) draft().ask();
    }

    String sentence() {
        Draft draft = draft();
        return draft.ask().sentence(draft.period()).text();
    }

    List<FieldProblem> problems() {
        return switch (DraftReader.read(body)) {
            case DraftReader.Reading.Read(Draft draft) -> List.of();
            case DraftReader.Reading.Unreadable(var problems) -> problems;
        };
    }

    List<String> pointers() {
        return problems().stream().map(FieldProblem::pointer).toList();
    }
}
