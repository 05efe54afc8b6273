package dev.countersign.requests;

import java.util.Optional;

/// Whom an Ask concerns: a workload, or (for kinds that need it) a whole namespace.
public record AskTarget(String namespace, Optional<String> workload) {
    public static AskTarget workload(String namespace, String workload) {
        return new AskTarget(namespace, Optional.of(workload));
    }

    /// The workload's name, else the namespace's.
    public String name() {
        return workload.orElse(namespace);
    }
}
