package dev.countersign.policy.reason;

import dev.countersign.policy.eval.TrustDomainBundle;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Reads single rules as the cubes that they cover, the way the workload's proxy reads them.
///
/// `authorizers`: all that CUSTOM policies of the workload ask, for several of them refuse everything.
record RuleCubes(TrustDomainBundle domains, boolean ztunnel, Set<String> authorizers) {
    private static final Set<SourceField> NOT_AT_ZTUNNEL =
            Set.of(SourceField.REQUEST_PRINCIPALS, SourceField.REMOTE_IP_BLOCKS);
    private static final Set<String> ZTUNNEL_CONDITIONS =
            Set.of("source.ip", "source.namespace", "source.principal", "destination.ip", "destination.port");

    static RuleCubes of(MeshSettings mesh, Workload workload, List<AuthorizationPolicy> enforced) {
        Set<String> authorizers = new TreeSet<>();
        for (AuthorizationPolicy policy : enforced) {
            if (policy.action() == Action.CUSTOM) {
                authorizers.add(policy.provider().orElse(""));
            }
        }
        return new RuleCubes(
                TrustDomainBundle.of(mesh.trustDomains()), workload.dataPlane() == DataPlane.ZTUNNEL, authorizers);
    }

    /// `principals` as the proxy reads them.
    List<String> principals(List<String> values) {
        return ztunnel ? values : domains.principals(values);
    }

    /// None for an AUDIT rule, which decides nothing; for a CUSTOM rule where it refuses.
    List<Cube> cubes(AuthorizationPolicy policy, Rule rule) {
        Attributes attributes = new Attributes(domains, ztunnel, policy.metadata().namespace());
        List<Cube> cubes = ztunnel
                ? atZtunnel(attributes, policy.action(), rule)
                : atEnvoy(attributes, policy.action(), rule);
        return switch (policy.action()) {
            case ALLOW, DENY -> cubes;
            case CUSTOM -> asking(cubes);
            case AUDIT -> List.of();
        };
    }

    /// One authorizer is asked; several on a workload, or none by that name, refuse all that matches.
    private List<Cube> asking(List<Cube> cubes) {
        if (authorizers.size() > 1) {
            return cubes;
        }
        DimensionKey key = new DimensionKey(DimensionKey.Kind.AUTHORIZER, authorizers.iterator().next());
        List<Cube> asking = new ArrayList<>();
        for (Cube cube : cubes) {
            asking.add(with(cube, Literal.some(DimensionKey.PROTOCOL, Formula.HTTP), Literal.some(key, Formula.REFUSES_HTTP)));
            asking.add(with(cube, Literal.not(DimensionKey.PROTOCOL, Formula.HTTP), Literal.some(key, Formula.REFUSES_TCP)));
        }
        return asking;
    }

    private static Cube with(Cube cube, Literal... more) {
        List<Literal> literals = new ArrayList<>(cube.literals());
        literals.addAll(List.of(more));
        return new Cube(literals);
    }

    /// On a TCP connection an ALLOW rule with an HTTP-only field anywhere is dropped; any other rule loses the field and
    /// widens (istio.md 1.9).
    private static List<Cube> atEnvoy(Attributes attributes, Action action, Rule rule) {
        boolean httpRule = rule.from().stream().anyMatch(source -> source.fields().keySet().stream().anyMatch(SourceField::httpOnly))
                || rule.to().stream().anyMatch(operation -> operation.fields().keySet().stream().anyMatch(OperationField::httpOnly))
                || rule.when().stream().anyMatch(condition -> httpOnly(condition));
        List<Cube> cubes = new ArrayList<>();
        for (Optional<Source> source : entries(rule.from())) {
            for (Optional<Operation> operation : entries(rule.to())) {
                boolean needsHttp = httpRule;
                List<Literal> all = new ArrayList<>();
                List<Literal> onTcp = new ArrayList<>();
                boolean possible = true;
                boolean possibleOnTcp = true;
                if (source.isPresent()) {
                    source.get().fields().forEach((field, values) -> {
                        Literal literal = attributes.source(field, values);
                        all.add(literal);
                        if (!field.httpOnly()) {
                            onTcp.add(literal);
                        }
                    });
                }
                if (operation.isPresent()) {
                    operation.get().fields().forEach((field, values) -> {
                        Literal literal = attributes.operation(field, values);
                        all.add(literal);
                        if (!field.httpOnly()) {
                            onTcp.add(literal);
                        }
                    });
                }
                for (Condition condition : rule.when()) {
                    Optional<Literal> literal = attributes.condition(condition);
                    literal.ifPresent(all::add);
                    possible &= literal.isPresent() || condition.values().any().isEmpty();
                    if (!httpOnly(condition)) {
                        literal.ifPresent(onTcp::add);
                        possibleOnTcp &= literal.isPresent() || condition.values().any().isEmpty();
                    }
                }
                if (!needsHttp) {
                    if (possible) {
                        cubes.add(new Cube(all));
                    }
                    continue;
                }
                if (possible) {
                    cubes.add(with(new Cube(all), Literal.some(DimensionKey.PROTOCOL, Formula.HTTP)));
                }
                if (possibleOnTcp && action != Action.ALLOW) {
                    cubes.add(with(new Cube(onTcp), Literal.not(DimensionKey.PROTOCOL, Formula.HTTP)));
                }
            }
        }
        return cubes;
    }

    /// ztunnel drops an ALLOW rule with anything of HTTP; of another rule's entries what it knows must match, and an entry
    /// of which it knows nothing never does.
    private static List<Cube> atZtunnel(Attributes attributes, Action action, Rule rule) {
        boolean unknown = false;
        List<List<Literal>> from = new ArrayList<>();
        for (Source source : rule.from()) {
            List<Literal> known = new ArrayList<>();
            source.fields().forEach((field, values) -> {
                if (!NOT_AT_ZTUNNEL.contains(field) && field != SourceField.TRUST_DOMAINS) {
                    known.add(attributes.source(field, values));
                }
            });
            unknown |= source.fields().keySet().stream().anyMatch(NOT_AT_ZTUNNEL::contains);
            if (!known.isEmpty()) {
                from.add(known);
            }
        }
        List<List<Literal>> to = new ArrayList<>();
        for (Operation operation : rule.to()) {
            unknown |= operation.fields().keySet().stream().anyMatch(field -> field != OperationField.PORTS);
            if (operation.fields().containsKey(OperationField.PORTS)) {
                to.add(List.of(attributes.operation(OperationField.PORTS, operation.get(OperationField.PORTS))));
            }
        }
        List<Literal> when = new ArrayList<>();
        for (Condition condition : rule.when()) {
            if (!ZTUNNEL_CONDITIONS.contains(condition.key())) {
                return List.of();
            }
            attributes.condition(condition).ifPresent(when::add);
        }
        if (unknown && action == Action.ALLOW) {
            return List.of();
        }
        List<Cube> cubes = new ArrayList<>();
        for (List<Literal> source : rule.from().isEmpty() ? List.of(List.<Literal>of()) : from) {
            for (List<Literal> operation : rule.to().isEmpty() ? List.of(List.<Literal>of()) : to) {
                List<Literal> literals = new ArrayList<>(source);
                literals.addAll(operation);
                literals.addAll(when);
                cubes.add(new Cube(literals));
            }
        }
        return cubes;
    }

    private static boolean httpOnly(Condition condition) {
        return condition.key().startsWith("request.");
    }

    /// Each entry, or the absence of any, which is no demand.
    private static <T> List<Optional<T>> entries(List<T> entries) {
        return entries.isEmpty() ? List.of(Optional.empty()) : entries.stream().map(Optional::of).toList();
    }
}
