package dev.countersign.policy.reason;

import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Condition;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Values;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A policy rewritten so that, read as documented, it says what a version with the weakness makes of it. Where a dot stands
/// for any character, one other character stands for all others: no policy names it by chance but in that place.
record AsEnforced(VersionGap.Weakness weakness) {
    private static final String OTHER = "x";

    AuthorizationPolicy policy(AuthorizationPolicy policy) {
        List<Rule> rules = policy.rules().stream().flatMap(rule -> rules(rule).stream()).toList();
        return new AuthorizationPolicy(policy.metadata(), policy.target(), policy.action(), policy.provider(), rules);
    }

    private List<Rule> rules(Rule rule) {
        return switch (weakness) {
            case HOST_CASE -> hosts(rule);
            case SERVICE_ACCOUNT_DOTS, IDENTITY_PATTERN_DOTS -> List.of(new Rule(
                    rule.from().stream().map(this::source).toList(),
                    rule.to(),
                    rule.when().stream().map(this::condition).toList()));
            case SLASHES, FRAGMENT -> List.of(rule);
        };
    }

    /// `hosts` is `request.headers[:authority]` with case. A rule for each operation, for a condition is for all of them.
    private static List<Rule> hosts(Rule rule) {
        if (rule.to().isEmpty()) {
            return List.of(rule);
        }
        List<Rule> rules = new ArrayList<>();
        for (Operation operation : rule.to()) {
            Map<OperationField, Values> rest = new EnumMap<>(operation.fields());
            List<Condition> when = new ArrayList<>(rule.when());
            Optional.ofNullable(rest.remove(OperationField.HOSTS))
                    .ifPresent(hosts -> when.add(new Condition("request.headers[:authority]", hosts)));
            rules.add(new Rule(rule.from(), rest.isEmpty() ? List.of() : List.of(new Operation(rest)), when));
        }
        return rules;
    }

    private Source source(Source source) {
        Map<SourceField, Values> fields = new EnumMap<>(SourceField.class);
        source.fields().forEach((field, values) -> fields.put(field, values(field, values)));
        return new Source(fields);
    }

    private Condition condition(Condition condition) {
        return SourceField.ofAttribute(condition.key())
                .map(field -> new Condition(condition.key(), values(field, condition.values())))
                .orElse(condition);
    }

    private Values values(SourceField field, Values values) {
        return new Values(wider(field, values.any()), wider(field, values.none()));
    }

    private List<String> wider(SourceField field, List<String> values) {
        List<String> wider = new ArrayList<>(values);
        for (String value : values) {
            boolean pattern = switch (field) {
                case SERVICE_ACCOUNTS -> weakness == VersionGap.Weakness.SERVICE_ACCOUNT_DOTS;
                case NAMESPACES -> weakness == VersionGap.Weakness.IDENTITY_PATTERN_DOTS;
                case PRINCIPALS -> weakness == VersionGap.Weakness.IDENTITY_PATTERN_DOTS && value.startsWith("*");
                default -> false;
            };
            if (pattern && value.indexOf('.') >= 0) {
                wider.add(value.replace(".", OTHER));
            }
        }
        return wider;
    }
}
