package dev.countersign.requests;

import dev.countersign.policy.compile.Caller;
import dev.countersign.policy.compile.GrantedAccess;
import dev.countersign.policy.compile.GrantedOperation;
import dev.countersign.policy.model.Condition;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Some services may call a workload: any of `from` any of `operations` while every condition holds. No operation means
/// the whole service, which has to be said (`wholeService: true` in JSON).
public record ServiceAccess(
        List<String> clusters,
        List<AskSource> from,
        AskTarget to,
        List<GrantedOperation> operations,
        List<Condition> conditions)
        implements Ask {
    public static final String KIND = "ServiceAccess";

    /// Paths that leave no path out.
    private static final Set<String> ANY_PATH = Set.of("*", "/*", "{**}", "/{**}");

    public ServiceAccess {
        clusters = List.copyOf(new TreeSet<>(clusters));
        from = from.stream().distinct().toList();
        operations = operations.stream().distinct().toList();
        conditions = List.copyOf(conditions);
        if (clusters.isEmpty() || from.isEmpty() || to.workload().isEmpty()) {
            throw new IllegalArgumentException("service access needs a cluster, a caller and a called workload");
        }
        if (operations.stream().anyMatch(GrantedOperation::wholeService)) {
            throw new IllegalArgumentException("an operation without a field is said as the whole service");
        }
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public AskTarget target() {
        return to;
    }

    public boolean wholeService() {
        return operations.isEmpty();
    }

    /// The called workload's name.
    public String workload() {
        return to.workload().orElseThrow();
    }

    @Override
    public List<String> namespaces() {
        TreeSet<String> namespaces = new TreeSet<>(Set.of(to.namespace()));
        from.forEach(source -> source.home().ifPresent(namespaces::add));
        return List.copyOf(namespaces);
    }

    @Override
    public Set<AskFact> facts() {
        EnumSet<AskFact> facts = EnumSet.noneOf(AskFact.class);
        if (!from.stream().allMatch(source -> source.within(to.namespace()))) {
            facts.add(AskFact.CROSS_NAMESPACE);
        }
        if (wholeService() || operations.stream().anyMatch(ServiceAccess::anyPath)) {
            facts.add(AskFact.WHOLE_SERVICE);
        }
        if (!from.stream().allMatch(AskSource.Account.class::isInstance)) {
            facts.add(AskFact.WILDCARD_PRINCIPAL);
        }
        if (wholeService() || operations.stream().anyMatch(ServiceAccess::anyMethod)) {
            facts.add(AskFact.WILDCARD_METHOD);
        }
        if (clusters.size() > 1) {
            facts.add(AskFact.SEVERAL_CLUSTERS);
        }
        if (!facts.contains(AskFact.CROSS_NAMESPACE) && !facts.contains(AskFact.WHOLE_SERVICE)) {
            facts.add(AskFact.SAME_NAMESPACE_PATHS);
        }
        return facts;
    }

    private static boolean anyPath(GrantedOperation operation) {
        return operation.paths().isEmpty() || operation.paths().stream().anyMatch(ANY_PATH::contains);
    }

    private static boolean anyMethod(GrantedOperation operation) {
        return operation.methods().isEmpty() || operation.methods().stream().anyMatch(method -> method.contains("*"));
    }

    @Override
    public Sentence sentence(GrantPeriod period) {
        return new ServiceAccessSentence(this, period).sentence();
    }

    @Override
    public List<GrantedAccess> compile(String grantId, long requestNumber, Place place) {
        Set<Caller> callers = from.stream().map(source -> source.in(place.trustDomain())).collect(Collectors.toSet());
        return List.of(new GrantedAccess(grantId, requestNumber, callers, place.target(), operations, conditions));
    }

    @Override
    public Map<String, Object> tree() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("kind", KIND);
        tree.put("clusters", clusters);
        tree.put("from", from.stream().map(ServiceAccess::tree).toList());
        tree.put("to", pair("namespace", to.namespace(), "workload", workload()));
        if (wholeService()) {
            tree.put("wholeService", true);
        } else {
            tree.put("operations", operations.stream().map(ServiceAccess::tree).toList());
        }
        if (!conditions.isEmpty()) {
            tree.put("conditions", conditions.stream().map(ServiceAccess::tree).toList());
        }
        return tree;
    }

    private static Map<String, Object> tree(AskSource source) {
        return switch (source) {
            case AskSource.Account(String namespace, String account) -> pair("namespace", namespace, "serviceAccount", account);
            case AskSource.WholeNamespace(String namespace) -> pair("namespace", namespace, "serviceAccount", "*");
            case AskSource.AnyIdentity() -> pair("namespace", "*", "serviceAccount", "*");
        };
    }

    private static Map<String, Object> tree(GrantedOperation operation) {
        Map<String, Object> tree = new LinkedHashMap<>();
        putUnlessEmpty(tree, "methods", operation.methods());
        putUnlessEmpty(tree, "paths", operation.paths());
        putUnlessEmpty(tree, "ports", operation.ports());
        putUnlessEmpty(tree, "hosts", operation.hosts());
        return tree;
    }

    private static Map<String, Object> tree(Condition condition) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("key", condition.key());
        putUnlessEmpty(tree, "values", condition.values().any());
        putUnlessEmpty(tree, "notValues", condition.values().none());
        return tree;
    }

    private static void putUnlessEmpty(Map<String, Object> tree, String key, List<?> values) {
        if (!values.isEmpty()) {
            tree.put(key, new ArrayList<>(values));
        }
    }

    private static Map<String, Object> pair(String key, String value, String otherKey, String otherValue) {
        Map<String, Object> pair = new LinkedHashMap<>();
        pair.put(key, value);
        pair.put(otherKey, otherValue);
        return pair;
    }
}
