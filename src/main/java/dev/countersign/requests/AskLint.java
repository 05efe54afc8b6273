package dev.countersign.requests;

import dev.countersign.catalog.CallingWorkload;
import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.CatalogWorkload.Membership;
import dev.countersign.policy.check.FindingCode;
import dev.countersign.policy.compile.GrantedOperation;
import dev.countersign.requests.Grounding.Ground;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What people regret about an Ask that Istio would accept: each rule is silent or says one thing for each place. What can be
/// seen from the policy alone is said by `policy.check`; these need to know what runs where.
final class AskLint {
    /// Protocols in which there are no methods and paths.
    static final Set<String> STREAMS = Set.of("tcp", "tls", "mysql", "mongo", "redis", "udp");

    private AskLint() {}

    static List<Finding> findings(ServiceAccess ask, List<Ground> grounds) {
        Set<Finding> findings = new LinkedHashSet<>();
        for (Ground ground : grounds) {
            findings.addAll(targetOutsideTheMesh(ask, ground));
            findings.addAll(targetBehindZtunnel(ask, ground));
            findings.addAll(callersOutsideTheMesh(ask, ground));
            findings.addAll(callersThatRunNowhere(ask, ground));
            findings.addAll(portsThatNobodyOpens(ask, ground));
            findings.addAll(httpOnStreams(ask, ground));
        }
        findings.addAll(pathsThatMissTheCollection(ask));
        return List.copyOf(findings);
    }

    static List<Finding> targetOutsideTheMesh(ServiceAccess ask, Ground ground) {
        if (ground.target().membership() != Membership.NONE) {
            return List.of();
        }
        return List.of(AskFinding.TARGET_OUTSIDE_MESH.at("/ask/to", ask.workload() + " has no sidecar in "
                + ground.cluster().name() + ": nothing enforces policies there, so everyone may call it already"));
    }

    static List<Finding> targetBehindZtunnel(ServiceAccess ask, Ground ground) {
        if (ground.target().membership() != Membership.AMBIENT || !looksIntoHttp(ask)) {
            return List.of();
        }
        return List.of(AskFinding.TARGET_AMBIENT.at("/ask/to", ask.workload() + " is in the ambient mesh of "
                + ground.cluster().name() + ", where methods, paths and hosts are not seen: the access would never match"));
    }

    static List<Finding> callersOutsideTheMesh(ServiceAccess ask, Ground ground) {
        List<Finding> findings = new ArrayList<>();
        for (int i = 0; i < ask.from().size(); i++) {
            List<CallingWorkload> callers = ground.callers().getOrDefault(ask.from().get(i), List.of());
            String pointer = "/ask/from/" + i;
            if (ask.from().get(i) instanceof AskSource.Account) {
                callers.stream().filter(caller -> caller.membership() == Membership.NONE).forEach(caller -> findings.add(
                        AskFinding.CALLER_OUTSIDE_MESH.at(pointer, caller.name() + " has no sidecar in " + ground.cluster().name()
                                + ": it cannot prove who it is, and the access would not reach it")));
            }
        }
        return findings;
    }

    static List<Finding> callersThatRunNowhere(ServiceAccess ask, Ground ground) {
        List<Finding> findings = new ArrayList<>();
        for (int i = 0; i < ask.from().size(); i++) {
            if (ask.from().get(i) instanceof AskSource.Account(String namespace, String account)
                    && ground.callers().getOrDefault(ask.from().get(i), List.of()).isEmpty()) {
                findings.add(AskFinding.CALLER_RUNS_NOWHERE.at("/ask/from/" + i,
                        "nothing runs as " + account + " in " + namespace + " of " + ground.cluster().name()));
            }
        }
        return findings;
    }

    static List<Finding> portsThatNobodyOpens(ServiceAccess ask, Ground ground) {
        List<Integer> open = ground.target().ports().stream().map(CatalogWorkload.Port::number).toList();
        if (open.isEmpty()) {
            return List.of();
        }
        List<Finding> findings = new ArrayList<>();
        for (int i = 0; i < ask.operations().size(); i++) {
            int at = i;
            ask.operations().get(i).ports().stream().filter(port -> !open.contains(port)).forEach(port -> findings.add(
                    Finding.of(FindingCode.CLOSED_PORT, "/ask/operations/" + at + "/ports", "no container of " + ask.workload()
                            + " says that it opens port " + port + " in " + ground.cluster().name() + "; open are "
                            + String.join(", ", open.stream().map(String::valueOf).toList()))));
        }
        return findings;
    }

    static List<Finding> httpOnStreams(ServiceAccess ask, Ground ground) {
        List<Finding> findings = new ArrayList<>();
        for (int i = 0; i < ask.operations().size(); i++) {
            GrantedOperation operation = ask.operations().get(i);
            if (operation.methods().isEmpty() && operation.paths().isEmpty() && operation.hosts().isEmpty()) {
                continue;
            }
            List<CatalogWorkload.Port> meant = ground.target().ports().stream()
                    .filter(port -> operation.ports().isEmpty() || operation.ports().contains(port.number()))
                    .toList();
            boolean allStreams = !meant.isEmpty() && meant.stream().allMatch(port -> STREAMS.contains(port.protocol()));
            if (allStreams) {
                findings.add(Finding.of(FindingCode.HTTP_ON_TCP, "/ask/operations/" + i, ask.workload() + " speaks "
                        + meant.getFirst().protocol() + " on port " + meant.getFirst().number() + " in " + ground.cluster().name()
                        + ": methods, paths and hosts never match there"));
            }
        }
        return findings;
    }

    static List<Finding> pathsThatMissTheCollection(ServiceAccess ask) {
        List<Finding> findings = new ArrayList<>();
        for (int i = 0; i < ask.operations().size(); i++) {
            List<String> paths = ask.operations().get(i).paths();
            for (String path : paths) {
                String collection = path.endsWith("/*") ? path.substring(0, path.length() - 2) : "";
                if (collection.startsWith("/") && !paths.contains(collection)) {
                    findings.add(Finding.of(FindingCode.MISSES_COLLECTION, "/ask/operations/" + i + "/paths",
                            path + " does not match " + collection + " itself"));
                }
            }
        }
        return findings;
    }

    private static boolean looksIntoHttp(ServiceAccess ask) {
        return ask.operations().stream().anyMatch(operation ->
                        !operation.methods().isEmpty() || !operation.paths().isEmpty() || !operation.hosts().isEmpty())
                || ask.conditions().stream().anyMatch(condition -> condition.key().startsWith("request."));
    }
}
