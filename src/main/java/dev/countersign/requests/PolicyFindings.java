package dev.countersign.requests;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.policy.check.CheckContext;
import dev.countersign.policy.check.FindingCode;
import dev.countersign.policy.check.PolicyCheck;
import dev.countersign.policy.compile.CompiledPolicy;
import dev.countersign.policy.yaml.PolicyWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What Istio would say about the policy that an Ask alone compiles to, told at the place of the Ask that it comes from.
final class PolicyFindings {
    /// Said by `AskLint` at its exact place, or no news about a policy that we write.
    private static final Set<FindingCode> SAID_ELSEWHERE = Set.of(
            FindingCode.CLOSED_PORT, FindingCode.HTTP_ON_TCP, FindingCode.MISSES_COLLECTION, FindingCode.ALLOWS_NOTHING);

    private PolicyFindings() {}

    static List<Finding> of(List<CompiledPolicy> compiled, CatalogWorkload target) {
        CheckContext context = new CheckContext(
                Optional.empty(), Optional.of(List.of(workload(target))), Optional.empty(), CheckContext.NOTHING_KNOWN.rootNamespace(), Optional.empty());
        return compiled.stream()
                .flatMap(policy -> PolicyCheck.check(PolicyWriter.tree(policy.policy()), context).findings().stream())
                .filter(finding -> !SAID_ELSEWHERE.contains(finding.code()))
                .map(finding -> new Finding(finding.code().code(), Finding.Severity.valueOf(finding.severity().name()),
                        pointer(finding.path()), finding.message(), finding.advice()))
                .distinct()
                .toList();
    }

    private static CheckContext.KnownWorkload workload(CatalogWorkload target) {
        Map<Integer, Boolean> ports = target.ports().stream()
                .collect(Collectors.toMap(CatalogWorkload.Port::number, port -> !AskLint.STREAMS.contains(port.protocol()), (a, b) -> a || b));
        return new CheckContext.KnownWorkload(target.namespace(), target.podLabels(), ports, target.dataPlane(), false);
    }

    /// The compiler sorts and joins, so only the part of the Ask is known.
    private static String pointer(String path) {
        if (path.contains(".to[")) {
            return "/ask/operations";
        }
        if (path.contains(".when[")) {
            return "/ask/conditions";
        }
        return path.contains(".from[") ? "/ask/from" : "/ask";
    }
}
