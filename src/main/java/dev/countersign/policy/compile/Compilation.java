package dev.countersign.policy.compile;

import java.util.List;

/// What compiling gave. One workload that cannot be compiled does not hold up the others.
public sealed interface Compilation {
    /// What may be delivered.
    PolicySet policies();

    /// Every workload has its policy.
    record Complete(PolicySet policies) implements Compilation {}

    /// Some workloads have none. What the cluster holds for them stays as it is until the refusal is resolved.
    record Partial(PolicySet policies, List<Refusal> refusals) implements Compilation {
        public Partial {
            refusals = List.copyOf(refusals);
            if (refusals.isEmpty()) {
                throw new IllegalArgumentException("a partial compilation says what it refused");
            }
        }
    }

    /// Why a workload has no policy, and what to do.
    sealed interface Refusal {
        /// The workload, `namespace/name`.
        String workload();

        String message();

        /// Kubernetes or Istio would refuse an object of this size.
        record TooLarge(String workload, String what, long size, long limit) implements Refusal {
            @Override
            public String message() {
                return workload + " would need a policy with " + size + " " + what + "; at most " + limit
                        + " are possible. Let some of its grants share operations or name a namespace instead of single"
                        + " callers, or revoke grants that are no longer used.";
            }
        }

        /// Grants disagree about the labels by which the workload is found.
        record ConflictingSelectors(String workload, List<String> selectors) implements Refusal {
            public ConflictingSelectors {
                selectors = List.copyOf(selectors);
            }

            @Override
            public String message() {
                return workload + " is selected by different labels: " + String.join(" and ", selectors)
                        + ". Refresh the workload from its cluster and grant the access again with its present labels.";
            }
        }

        /// The compiled policy would decide a call otherwise than its grants do: a fault of ours. See `CompilationProof`.
        record NotAsGranted(String workload, String difference) implements Refusal {
            @Override
            public String message() {
                return workload + " keeps its present policy, because the new one would not be what was granted: " + difference
                        + ". Nothing was delivered. This is a fault in Countersign: report it with this sentence.";
            }
        }
    }
}
