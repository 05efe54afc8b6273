package dev.countersign.bench;

/// Starts the benchmark of one row of the targets: `mvn -Pbench verify -Dbench=P4`. Figures are ratios taken in one run;
/// absolute times orient only.
public final class Bench {
    private Bench() {}

    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "P1", "P2" -> DecisionBench.main(arguments);
            case "P9", "P10" -> HygieneBench.main(arguments);
            case "P4" -> {
                PolicyDiffBench.main(arguments);
                PolicyDiffSolverBench.main(arguments);
            }
            case "K2" -> ApprovalLatencyBench.main(arguments);
            case "K8" -> PushKindnessBench.main(arguments);
            case "W1", "W3", "W4" -> ListPageBench.main(arguments);
            default -> throw new IllegalArgumentException("no benchmark " + arguments[0] + ". There are: P1, P2, P4, P9, P10, K2, K8, W1, W3, W4.");
        }
    }
}
