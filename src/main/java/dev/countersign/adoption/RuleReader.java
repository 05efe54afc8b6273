package dev.countersign.adoption;

import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Values;
import dev.countersign.requests.Ask;
import dev.countersign.requests.DraftReader;
import dev.countersign.requests.ServiceAccess;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Reads a rule of a foreign policy as an Ask: exactly, or with every reason why it cannot be. Nothing is rounded: a rule that
/// says a little more or less than any Ask can say is refused. What an Ask may contain is decided by `DraftReader`.
final class RuleReader {
    private final String cluster;
    private final String namespace;
    private final String workload;
    private final Set<String> trustDomains;
    private final List<String> reasons = new ArrayList<>();

    private RuleReader(String cluster, String namespace, String workload, MeshSettings mesh) {
        this.cluster = cluster;
        this.namespace = namespace;
        this.workload = workload;
        // Istio reads cluster.local as the mesh's own domain, whatever that is called.
        this.trustDomains = new TreeSet<>(List.of(mesh.trustDomains().trustDomain(), "cluster.local"));
    }

    /// `ask` is empty exactly where there are `reasons`.
    record RuleReading(Optional<ServiceAccess> ask, List<String> reasons) {
        RuleReading {
            reasons = List.copyOf(reasons);
        }
    }

    /// The rule as access to this workload of this cluster.
    static RuleReading read(String cluster, String namespace, String workload, MeshSettings mesh, Rule rule) {
        return new RuleReader(cluster, namespace, workload, mesh).read(rule);
    }

    private RuleReading read(Rule rule) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("kind", ServiceAccess.KIND);
        tree.put("clusters", List.of(cluster));
        tree.put("from", rule.from().stream().flatMap(source -> callers(source).stream()).distinct().toList());
        tree.put("to", Map.of("namespace", namespace, "workload", workload));
        if (rule.from().isEmpty()) {
            reasons.add("it names no caller, so it lets in everyone, in plain text too; a grant always names who calls");
        }
        if (rule.to().isEmpty()) {
            tree.put("wholeService", true);
        } else {
            tree.put("operations", rule.to().stream().map(this::operation).toList());
        }
        tree.put("conditions", rule.when().stream().map(RuleReader::condition).toList());
        if (!reasons.isEmpty()) {
            return new RuleReading(Optional.empty(), reasons.stream().distinct().toList());
        }
        return switch (DraftReader.readAsk(tree)) {
            case DraftReader.AskReading.Read(Ask ask) -> switch (ask) {
                case ServiceAccess access -> new RuleReading(Optional.of(access), List.of());
            };
            case DraftReader.AskReading.Unreadable(var problems) -> new RuleReading(Optional.empty(),
                    problems.stream().map(problem -> problem.pointer().replaceFirst("^/ask/", "") + ": " + problem.message()).distinct().toList());
        };
    }

    private List<Map<String, Object>> callers(Source source) {
        source.fields().forEach((field, values) -> {
            if (!values.none().isEmpty()) {
                reasons.add("it says " + field.notKey() + ", and a grant excludes nobody");
            }
            if (field != SourceField.PRINCIPALS && !values.any().isEmpty()) {
                reasons.add("it says " + field.key() + " of its callers, and a grant names them by principal");
            }
        });
        return source.get(SourceField.PRINCIPALS).any().stream().flatMap(principal -> caller(principal).stream()).toList();
    }

    private Optional<Map<String, Object>> caller(String principal) {
        if (principal.equals("*")) {
            return Optional.of(Map.of("namespace", "*", "serviceAccount", "*"));
        }
        Optional<Spiffe> identity = Spiffe.parse(principal)
                .filter(spiffe -> trustDomains.contains(spiffe.trustDomain()))
                .filter(spiffe -> !spiffe.namespace().contains("*"))
                .filter(spiffe -> spiffe.serviceAccount().equals("*") || !spiffe.serviceAccount().contains("*"));
        if (identity.isEmpty()) {
            reasons.add("the principal " + principal + " is neither a service account of this mesh, nor a whole namespace of it, nor *");
        }
        return identity.map(spiffe -> Map.of("namespace", spiffe.namespace(), "serviceAccount", spiffe.serviceAccount()));
    }

    private Map<String, Object> operation(Operation operation) {
        Map<String, Object> tree = new LinkedHashMap<>();
        operation.fields().forEach((field, values) -> {
            if (!values.none().isEmpty()) {
                reasons.add("it says " + field.notKey() + ", and a grant excludes nothing");
            }
            if (!values.any().isEmpty()) {
                tree.put(field.key(), field == OperationField.PORTS ? values.any().stream().map(this::port).toList() : values.any());
            }
        });
        return tree;
    }

    private Object port(String port) {
        if (port.matches("[0-9]{1,5}")) {
            return Long.valueOf(port);
        }
        reasons.add("the port " + port + " is no number");
        return port;
    }

    private static Map<String, Object> condition(Condition condition) {
        Map<String, Object> tree = new LinkedHashMap<>();
        Values values = condition.values();
        tree.put("key", condition.key());
        if (!values.any().isEmpty()) {
            tree.put("values", values.any());
        }
        if (!values.none().isEmpty()) {
            tree.put("notValues", values.none());
        }
        return tree;
    }
}
