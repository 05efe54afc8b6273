package dev.countersign.bench;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Starts the benchmark of one row of the targets, or of several: `mvn -Pbench verify -Dbench=P4` or `-Dbench=P1,P4`.
/// Every row runs in a virtual machine of its own with the heap and flags that it needs; system properties whose names begin
/// with `bench.` or with the row, `k2.`, are handed on; from Maven they come as `-Dbench.options=k2.approvals=60,bench.seed=7`. The last line of a row is `id value ratio verdict`. Figures are ratios taken in one run;
/// absolute times orient only.
public final class Bench {
    private static final String KNOWN = "P1, P2, P3, P4, P5, P6, P9, P10, K1 to K9, L1 to L5, L7, L8, L9, Q1 to Q6, S3, S33, W1 to W5, W8, W10";

    private Bench() {}

    public static void main(String[] arguments) throws Exception {
        for (String option : System.getProperty("bench.options", "").split(",")) {
            String[] named = option.split("=", 2);
            if (named.length == 2) {
                System.setProperty(named[0].strip(), named[1].strip());
            }
        }
        for (String row : arguments[0].split(",")) {
            switch (row) {
                case "P1", "P2" -> run(row, DecisionPeersBench.class, "-Xmx3g", "-XX:+UseTransparentHugePages");
                case "P3" -> run(row, LoadBench.class, "-Xmx2g");
                case "P4" -> run(row, PolicyDiffSolverBench.class, "-Xmx1g");
                case "P5", "P6" -> run(row, MeshReachBench.class, "-Xmx1g");
                case "P9" -> run(row, CauseBench.class, "-Xmx1g");
                case "P10" -> run(row, HygieneSolverBench.class, "-Xmx1g");
                case "K1" -> run(row, ApplyRateBench.class, "-Xmx2g");
                case "K2" -> run(row, ApprovalLatencyBench.class, "-Xmx1g");
                case "K3" -> run(row, FanOutBench.class, "-Xmx2g");
                case "K4" -> run(row, ResyncBench.class, "-Xmx2g");
                case "K5" -> run(row, DriftBench.class, "-Xmx1g");
                case "K6" -> run(row, WatchMemoryBench.class, "-Xmx2g");
                case "K7" -> run(row, PolitenessBench.class, "-Xmx1g");
                case "K8" -> run(row, PushKindnessBench.class, "-Xmx1g");
                case "K9" -> run(row, dev.countersign.faults.TakeoverBench.class, "-Xmx1g");
                case "L1", "L3", "L4", "L9" -> run(row, dev.countersign.audit.RecordBench.class, "-Xmx1g");
                case "L2" -> run(row, dev.countersign.audit.SealLatencyBench.class, "-Xmx1g");
                case "L5" -> run(row, dev.countersign.audit.proof.TamperBench.class, "-Xmx512m");
                case "L7" -> run(row, dev.countersign.audit.RebuildBench.class, "-Xmx1g");
                case "L8" -> run(row, ErasureBench.class, "-Xmx1g");
                case "Q1", "Q4" -> run(row, dev.countersign.delivery.ClaimBench.class, "-Xmx1g");
                case "Q2" -> run(row, LifecycleBench.class, "-Xmx1g");
                case "Q3" -> run(row, QuorumRaceBench.class, "-Xmx1g");
                case "Q5" -> run(row, FairnessBench.class, "-Xmx1g");
                case "Q6" -> run(row, TimerBench.class, "-Xmx1g");
                case "S3" -> run(row, ExistenceBench.class, "-Xmx1g");
                case "S33" -> run(row, RefusalBench.class, "-Xmx1g");
                case "W1", "W3", "W4" -> run(row, ListPageBench.class, "-Xmx2g");
                case "W2" -> run(row, OpenLoopBench.class, "-Xmx1g");
                case "W10" -> run(row, LiveBench.class, "-Xmx2g");
                case "W5" -> run(row, RenderBench.class, "-Xmx1g");
                case "W8" -> run(row, StartBench.class);
                default -> throw new IllegalArgumentException("no benchmark " + row + ". There are: " + KNOWN + ".");
            }
        }
    }

    /// The program with the row's name as its argument; a row that fails ends the whole run.
    private static void run(String row, Class<?> program, String... flags) throws Exception {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(flags));
        command.add("--enable-native-access=ALL-UNNAMED");
        System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith("bench.") || name.startsWith(row.toLowerCase(Locale.ROOT) + "."))
                .sorted()
                .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName(), row));
        System.out.println(row + ": " + program.getSimpleName() + " " + String.join(" ", flags) + ", Java " + Runtime.version().feature()
                + ", " + Runtime.getRuntime().availableProcessors() + " processors");
        int code = new ProcessBuilder(command).directory(new File(".")).inheritIO().start().waitFor();
        if (code != 0) {
            throw new IllegalStateException(row + " ended with " + code);
        }
    }
}
