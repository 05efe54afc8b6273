package dev.countersign.catalog.web;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.LivePolicy;
import dev.countersign.policy.eval.Attachment;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.yaml.PolicyWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// A live policy that concerns a service: what it says rule by rule, and by whose word: the requests that Countersign
/// granted, or the hand that made it.
public record PolicyLine(String key, String action, boolean dryRun, String word, List<Long> requests, List<String> rules, String yaml) {
    private static final String REQUESTS = "countersign.dev/requests";

    static List<PolicyLine> of(CatalogWorkload workload, MeshSettings mesh, List<LivePolicy> live) {
        Workload target = workload.asPoliciesSeeIt();
        List<PolicyLine> lines = new ArrayList<>();
        for (LivePolicy policy : live) {
            if (policy.policy().isEmpty()) {
                lines.add(new PolicyLine(policy.namespace() + "/" + policy.name(), "unreadable", false, by(policy), List.of(),
                        List.of(policy.problem().orElse("The policy cannot be read.")), PolicyWriter.text(policy.tree())));
            } else if (!Attachment.attached(mesh, List.of(policy.policy().get()), target).isEmpty()) {
                lines.add(line(policy, policy.policy().get()));
            }
        }
        return lines;
    }

    private static PolicyLine line(LivePolicy live, AuthorizationPolicy policy) {
        List<String> rules = policy.rules().isEmpty()
                ? List.of(switch (policy.action()) {
                    case ALLOW -> "Nobody: it has no rules, and so closes the service to all whom no other policy allows.";
                    case DENY, AUDIT, CUSTOM -> "Nothing: it has no rules.";
                })
                : policy.rules().stream().map(RuleWords::of).toList();
        return new PolicyLine(policy.metadata().key(), policy.action().name(), policy.dryRun(), by(live), requests(policy), rules,
                PolicyWriter.text(live.tree()));
    }

    private static String by(LivePolicy policy) {
        return policy.managers().isEmpty() ? "made by an unknown hand" : "made by " + String.join(", ", policy.managers());
    }

    /// The annotation is only a word in a cluster: the links lead to the portal's own record of those requests.
    private static List<Long> requests(AuthorizationPolicy policy) {
        String annotation = policy.metadata().annotations().getOrDefault(REQUESTS, "");
        return Arrays.stream(annotation.split(","))
                .map(String::strip)
                .filter(word -> word.matches("[0-9]{1,18}"))
                .limit(50)
                .map(Long::valueOf)
                .collect(Collectors.toList());
    }
}
