package dev.countersign.api;

import java.util.List;
import java.util.Optional;

/// What is asked for, as it is sent and answered. Members that say "any" are left out. Widening is explicit: all of a
/// namespace is `serviceAccount: "*"`, everything of the service is `wholeService: true`.
record AskDocument(
        Kind kind,
        List<String> clusters,
        List<SourceDocument> from,
        TargetDocument to,
        Optional<List<OperationDocument>> operations,
        Optional<Boolean> wholeService,
        Optional<List<ConditionDocument>> conditions) {
    enum Kind {
        ServiceAccess
    }

    record SourceDocument(String namespace, String serviceAccount) {}

    record TargetDocument(String namespace, String workload) {}

    /// Any of the methods on any of the paths, ports and hosts.
    record OperationDocument(
            Optional<List<String>> methods, Optional<List<String>> paths, Optional<List<Integer>> ports, Optional<List<String>> hosts) {}

    record ConditionDocument(String key, Optional<List<String>> values, Optional<List<String>> notValues) {}
}
