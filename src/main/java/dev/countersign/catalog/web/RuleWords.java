package dev.countersign.catalog.web;

import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Values;
import java.util.List;
import java.util.stream.Collectors;

/// A rule as one line: who, what, under which conditions. Exact where it is short; the YAML below says everything.
final class RuleWords {
    private RuleWords() {}

    static String of(Rule rule) {
        String who = rule.from().isEmpty() ? "anyone" : join(rule.from().stream().map(RuleWords::source).toList(), " or ");
        String what = rule.to().isEmpty() ? "anything" : join(rule.to().stream().map(RuleWords::operation).toList(), " or ");
        String when = rule.when().isEmpty() ? "" : ", when " + join(rule.when().stream().map(RuleWords::condition).toList(), " and ");
        return who + ": " + what + when;
    }

    private static String source(Source source) {
        return source.fields().entrySet().stream()
                .map(field -> field.getKey() == SourceField.PRINCIPALS && field.getValue().none().isEmpty()
                        ? join(field.getValue().any().stream().map(RuleWords::principal).toList(), ", ")
                        : values(field.getKey().key(), field.getValue()))
                .collect(Collectors.joining(" and "));
    }

    /// `cluster.local/ns/production/sa/frontend` as `production/frontend`; another trust domain is said.
    private static String principal(String principal) {
        String[] parts = principal.split("/", -1);
        return parts.length == 5 && parts[1].equals("ns") && parts[3].equals("sa")
                ? parts[2] + "/" + parts[4] + (parts[0].equals("cluster.local") ? "" : " of " + parts[0])
                : principal;
    }

    private static String operation(Operation operation) {
        Values methods = operation.get(OperationField.METHODS);
        Values paths = operation.get(OperationField.PATHS);
        Values ports = operation.get(OperationField.PORTS);
        String plain = (methods.any().isEmpty() ? "any method" : join(methods.any(), ", "))
                + (paths.any().isEmpty() ? "" : " " + join(paths.any(), ", "))
                + (ports.any().isEmpty() ? "" : " on port " + join(ports.any(), ", "))
                + (operation.get(OperationField.HOSTS).any().isEmpty() ? "" : " at host " + join(operation.get(OperationField.HOSTS).any(), ", "));
        String not = operation.fields().entrySet().stream()
                .filter(field -> !field.getValue().none().isEmpty())
                .map(field -> "not " + field.getKey().key() + " " + join(field.getValue().none(), ", "))
                .collect(Collectors.joining(", "));
        return not.isEmpty() ? plain : plain + ", " + not;
    }

    private static String condition(Condition condition) {
        return values(condition.key(), condition.values());
    }

    private static String values(String name, Values values) {
        String any = values.any().isEmpty() ? "" : name + " " + join(values.any(), ", ");
        String none = values.none().isEmpty() ? "" : name + " not " + join(values.none(), ", ");
        return any.isEmpty() || none.isEmpty() ? any + none : any + ", " + none;
    }

    private static String join(List<String> words, String with) {
        int more = words.size() - 12;
        return more <= 0 ? String.join(with, words) : String.join(with, words.subList(0, 12)) + " and " + more + " more";
    }
}
