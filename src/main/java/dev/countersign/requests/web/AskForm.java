package dev.countersign.requests.web;

import dev.countersign.requests.Limits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/// The form of a request exactly as it was typed: nothing else of what was sent is read, so nothing else can be set.
///
/// - `from`: a line each: `production/order-service`, `demo/production/order-service`, `staging/*`, `*/*`.
/// - `period`: an ISO 8601 length, `until` or `permanent`.
/// - `key`: the one-time key of the form; `version`: the version that is being changed, "" for a new request.
public record AskForm(
        List<String> from,
        String to,
        List<String> clusters,
        boolean whole,
        List<OperationRow> operations,
        List<ConditionRow> conditions,
        String reason,
        String ticket,
        String period,
        String until,
        String key,
        String version) {
    static final List<String> METHODS = List.of("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS");

    /// One operation: `paths`, `ports` and `hosts` are lists as typed, with spaces, commas or line ends between.
    public record OperationRow(List<String> methods, String paths, String ports, String hosts) {
        static final OperationRow EMPTY = new OperationRow(List.of(), "", "", "");

        boolean blank() {
            return methods.isEmpty() && paths.isBlank() && ports.isBlank() && hosts.isBlank();
        }

        /// Methods that no box stands for. Public, like all that a template calls.
        public List<String> otherMethods() {
            return methods.stream().filter(method -> !METHODS.contains(method)).toList();
        }
    }

    /// One condition; one value a line.
    public record ConditionRow(String attribute, String values, boolean not) {
        boolean blank() {
            return attribute.isBlank() && values.isBlank();
        }
    }

    static AskForm of(Map<String, String[]> sent) {
        List<String> from = new ArrayList<>();
        for (int i = 0; i < Limits.SOURCES && sent.containsKey("from-" + i); i++) {
            from.add(one(sent, "from-" + i));
        }
        List<OperationRow> operations = new ArrayList<>();
        for (int i = 0; i < Limits.OPERATIONS && sent.containsKey("paths-" + i); i++) {
            operations.add(new OperationRow(many(sent, "methods-" + i), one(sent, "paths-" + i), one(sent, "ports-" + i), one(sent, "hosts-" + i)));
        }
        List<ConditionRow> conditions = new ArrayList<>();
        for (int i = 0; i < Limits.CONDITIONS && sent.containsKey("condition-" + i); i++) {
            conditions.add(new ConditionRow(one(sent, "condition-" + i).strip(), one(sent, "values-" + i), one(sent, "not-" + i).equals("true")));
        }
        return new AskForm(from.isEmpty() ? List.of("") : from, one(sent, "to").strip(), many(sent, "clusters"), one(sent, "whole").equals("true"),
                operations.isEmpty() ? List.of(OperationRow.EMPTY) : operations, conditions, one(sent, "reason"), one(sent, "ticket"),
                one(sent, "period").isEmpty() ? "P90D" : one(sent, "period"), one(sent, "until"), one(sent, "key"), one(sent, "version"));
    }

    /// An empty form, or one that a link filled: `?from=…&to=…&method=…&path=…&port=…&cluster=…`.
    static AskForm fresh(Map<String, String[]> link, String template) {
        String[] from = link.getOrDefault("from", new String[] {""});
        String paths = String.join("\n", Arrays.stream(link.getOrDefault("path", new String[0])).limit(Limits.PATHS).toList());
        return new AskForm(Arrays.stream(from).limit(Limits.SOURCES).toList(), one(link, "to").strip(), many(link, "cluster"), false,
                List.of(new OperationRow(many(link, "method"), paths, String.join("\n", many(link, "port")), "")), List.of(), template, "", "P90D", "", UUID.randomUUID().toString(), "");
    }

    AskForm withSource() {
        return from.size() >= Limits.SOURCES ? this
                : new AskForm(plus(from, ""), to, clusters, whole, operations, conditions, reason, ticket, period, until, key, version);
    }

    AskForm withOperation() {
        return operations.size() >= Limits.OPERATIONS ? this : with(plus(operations, OperationRow.EMPTY));
    }

    AskForm withCondition() {
        return conditions.size() >= Limits.CONDITIONS ? this : new AskForm(from, to, clusters, whole, operations,
                plus(conditions, new ConditionRow("", "", false)), reason, ticket, period, until, key, version);
    }

    /// Every `/x/*` also as `/x`.
    AskForm withCollections() {
        return with(operations.stream()
                .map(row -> {
                    Set<String> paths = new java.util.LinkedHashSet<>();
                    for (String path : items(row.paths())) {
                        if (path.length() > 2 && path.startsWith("/") && path.endsWith("/*")) {
                            paths.add(path.substring(0, path.length() - 2));
                        }
                        paths.add(path);
                    }
                    return new OperationRow(row.methods(), String.join("\n", paths), row.ports(), row.hosts());
                })
                .toList());
    }

    private AskForm with(List<OperationRow> rows) {
        return new AskForm(from, to, clusters, whole, rows, conditions, reason, ticket, period, until, key, version);
    }

    /// Whether nobody has begun to fill it: then there is nothing to foresee.
    boolean untouched() {
        return to.isBlank() && from.stream().allMatch(String::isBlank) && operations.stream().allMatch(OperationRow::blank);
    }

    /// What stands between spaces, commas and line ends.
    static List<String> items(String typed) {
        return Arrays.stream(typed.split("[\\s,]+")).filter(item -> !item.isEmpty()).toList();
    }

    private static <T> List<T> plus(List<T> list, T more) {
        List<T> longer = new ArrayList<>(list);
        longer.add(more);
        return List.copyOf(longer);
    }

    private static String one(Map<String, String[]> sent, String name) {
        String[] values = sent.get(name);
        return values == null || values.length == 0 ? "" : values[0];
    }

    private static List<String> many(Map<String, String[]> sent, String name) {
        return Arrays.stream(sent.getOrDefault(name, new String[0])).filter(value -> !value.isBlank()).limit(100).toList();
    }
}
