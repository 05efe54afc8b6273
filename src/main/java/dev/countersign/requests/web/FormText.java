package dev.countersign.requests.web;

import dev.countersign.policy.compile.GrantedOperation;
import dev.countersign.policy.model.Condition;
import dev.countersign.requests.AskSource;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.requests.RequestView;
import dev.countersign.requests.ServiceAccess;
import dev.countersign.requests.web.AskForm.ConditionRow;
import dev.countersign.requests.web.AskForm.OperationRow;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// An Ask as people type and read its parts: the way back from a request to its form.
final class FormText {
    private FormText() {}

    static AskForm form(RequestView request) {
        return switch (request.ask()) {
            case ServiceAccess ask -> new AskForm(
                    ask.from().stream().map(FormText::account).toList(),
                    ask.to().namespace() + "/" + ask.workload(),
                    ask.clusters(),
                    ask.wholeService(),
                    ask.wholeService() ? List.of(OperationRow.EMPTY) : ask.operations().stream().map(FormText::row).toList(),
                    ask.conditions().stream().flatMap(condition -> rows(condition).stream()).toList(),
                    request.justification().reason(),
                    request.justification().ticket().orElse(""),
                    period(request.period()),
                    request.period() instanceof GrantPeriod.Until(var end) ? end.atOffset(ZoneOffset.UTC).toLocalDate().toString() : "",
                    UUID.randomUUID().toString(),
                    Integer.toString(request.version()));
        };
    }

    /// For people: `production/order-service`, `every service in staging`.
    static String source(AskSource source) {
        return switch (source) {
            case AskSource.Account(String namespace, String account) -> namespace + "/" + account;
            case AskSource.WholeNamespace(String namespace) -> "every service in " + namespace;
            case AskSource.AnyIdentity() -> "any service of the mesh";
        };
    }

    static String operation(GrantedOperation operation) {
        List<String> words = new ArrayList<>();
        words.add(operation.methods().isEmpty() ? "any method" : String.join(" or ", operation.methods()));
        words.add(operation.paths().isEmpty() ? "any path" : String.join(" or ", operation.paths()));
        if (!operation.ports().isEmpty()) {
            words.add("port " + String.join(" or ", operation.ports().stream().map(String::valueOf).toList()));
        }
        if (!operation.hosts().isEmpty()) {
            words.add("host " + String.join(" or ", operation.hosts()));
        }
        return String.join(", ", words);
    }

    static String condition(Condition condition) {
        List<String> words = new ArrayList<>();
        if (!condition.values().any().isEmpty()) {
            words.add("is " + String.join(" or ", condition.values().any()));
        }
        if (!condition.values().none().isEmpty()) {
            words.add("is not " + String.join(" or ", condition.values().none()));
        }
        return condition.key() + " " + String.join(" and ", words);
    }

    /// Unmistakably a service account, whatever workloads there are.
    private static String account(AskSource source) {
        return switch (source) {
            case AskSource.Account(String namespace, String account) -> namespace + "/sa/" + account;
            case AskSource.WholeNamespace(String namespace) -> namespace + "/*";
            case AskSource.AnyIdentity() -> "*/*";
        };
    }

    private static OperationRow row(GrantedOperation operation) {
        return new OperationRow(operation.methods(), String.join("\n", operation.paths()),
                String.join(" ", operation.ports().stream().map(String::valueOf).toList()), String.join(" ", operation.hosts()));
    }

    /// A condition with both values and their negation becomes two rows, which together say the same.
    private static List<ConditionRow> rows(Condition condition) {
        List<ConditionRow> rows = new ArrayList<>();
        Optional.of(condition.values().any()).filter(any -> !any.isEmpty())
                .ifPresent(any -> rows.add(new ConditionRow(condition.key(), String.join("\n", any), false)));
        Optional.of(condition.values().none()).filter(none -> !none.isEmpty())
                .ifPresent(none -> rows.add(new ConditionRow(condition.key(), String.join("\n", none), true)));
        return rows;
    }

    private static String period(GrantPeriod period) {
        return switch (period) {
            case GrantPeriod.For(var length) -> length.toHoursPart() == 0 && length.toMinutesPart() == 0 ? "P" + length.toDays() + "D" : length.toString();
            case GrantPeriod.Until(var end) -> "until";
            case GrantPeriod.Permanent() -> "permanent";
        };
    }
}
