package dev.countersign.conformance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.countersign.conformance.ConformanceFile.Case;
import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.Call.ExternalAuthorizer;
import dev.countersign.policy.eval.Verdict;
import dev.countersign.policy.eval.Verdict.Considered;
import dev.countersign.policy.eval.Verdict.Decision;
import dev.countersign.policy.eval.Verdict.DecidingRule;
import dev.countersign.policy.eval.Verdict.DryRun;
import dev.countersign.policy.eval.Verdict.Reason;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.TrustDomains;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.naive.NaiveInterpreter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Every call of `decisions.jsonl` is decided as Istio's own code decides it: decision, reason, deciding policy and
/// rule, audit, dry run, and the policies selected and rules matched on the way.
class DecisionsTests {
    @Test
    void everyCallIsDecidedAsIstioDecidesIt() {
        Optional<ConformanceFile> file = ConformanceFile.find("decisions.jsonl");
        assumeTrue(file.isPresent(), "skipped: no decisions.jsonl in the folder");
        file.get().run(DecisionsTests::complaint);
    }

    @Test
    void theNaiveInterpreterDecidesThemAlike() {
        Optional<ConformanceFile> file = ConformanceFile.find("decisions.jsonl");
        assumeTrue(file.isPresent(), "skipped: no decisions.jsonl in the folder");
        file.get().run(DecisionsTests::naiveComplaint);
    }

    private static Optional<String> naiveComplaint(Case one) {
        Map<String, Object> expected = one.map("expected");
        DataPlane plane = DataPlane.valueOf(one.fields().get("dataplane").toString().toUpperCase(Locale.ROOT));
        NaiveInterpreter.Answer answer = new NaiveInterpreter(
                        mesh(one.map("mesh")),
                        Objects.list(one.fields(), "policies").stream().map(Objects::policy).toList(),
                        workload(one.map("workload"), plane))
                .decide(call(one.map("request")));
        Map<String, Object> wanted = decisive(expected);
        Map<String, Object> found = decisive(
                answer.decision(), answer.reason(), answer.decidedBy(), answer.audited(), answer.dryRun());
        return wanted.equals(found) ? Optional.empty() : Optional.of("wanted " + wanted + " found " + found);
    }

    private static Optional<String> complaint(Case one) {
        Map<String, Object> expected = one.map("expected");
        DataPlane plane = DataPlane.valueOf(one.fields().get("dataplane").toString().toUpperCase(Locale.ROOT));
        List<AuthorizationPolicy> policies =
                Objects.list(one.fields(), "policies").stream().map(Objects::policy).toList();
        Verdict verdict = Authorizer.decide(mesh(one.map("mesh")), policies, workload(one.map("workload"), plane),
                call(one.map("request")));

        Map<String, Object> wanted = decisive(expected);
        wanted.put("matched", sorted(Objects.map(expected, "matched")));
        wanted.put("selected", sorted(Objects.map(expected, "selected")));
        Map<String, Object> found = found(verdict, plane == DataPlane.ZTUNNEL);
        return wanted.equals(found) ? Optional.empty() : Optional.of("wanted " + wanted + " found " + found);
    }

    /// The expectation without what is informative only.
    private static Map<String, Object> decisive(Map<String, Object> expected) {
        Map<String, Object> wanted = new LinkedHashMap<>();
        for (String field : List.of("decision", "reason", "policy", "rule", "audit")) {
            wanted.put(field, expected.get(field));
        }
        wanted.put("dryRun", new TreeMap<>(Objects.map(expected, "dryRun")));
        return wanted;
    }

    /// The same of an answer.
    private static Map<String, Object> decisive(
            Decision decision,
            Reason reason,
            Optional<DecidingRule> decidedBy,
            boolean audited,
            Map<Action, DryRun> dryRuns) {
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("decision", decision.name());
        found.put("reason", reason.word());
        found.putAll(named(decidedBy));
        found.put("audit", audited);
        Map<String, Object> dryRun = new TreeMap<>();
        dryRuns.forEach((action, result) -> {
            Map<String, Object> said = new LinkedHashMap<>();
            said.put("result", result.result() == Decision.ALLOW ? "allowed" : "denied");
            said.putAll(named(result.rule()));
            dryRun.put(action.name().toLowerCase(Locale.ROOT), said);
        });
        found.put("dryRun", dryRun);
        return found;
    }

    private static Map<String, Object> found(Verdict verdict, boolean ztunnel) {
        Map<String, Object> found = decisive(
                verdict.decision(), verdict.reason(), verdict.decidedBy(), verdict.audited(), verdict.dryRun());
        Map<String, Set<String>> matched = new TreeMap<>();
        Map<String, Set<String>> selected = new TreeMap<>();
        for (Considered one : verdict.considered()) {
            String action = one.action().name();
            selected.computeIfAbsent(action, unused -> new TreeSet<>()).add(one.policy());
            if (one.matched() && !one.dryRun()) {
                matched.computeIfAbsent(action, unused -> new TreeSet<>()).addAll(keys(one, ztunnel));
            }
        }
        found.put("matched", matched);
        found.put("selected", selected);
        return found;
    }

    private static Set<String> keys(Considered one, boolean ztunnel) {
        if (ztunnel) {
            return Set.of(one.policy());
        }
        String[] names = one.policy().split("/");
        Set<String> keys = new TreeSet<>();
        one.matchedRules().forEach(rule -> keys.add("ns[" + names[0] + "]-policy[" + names[1] + "]-rule[" + rule
                + "]"));
        return keys;
    }

    private static Map<String, Object> named(Optional<DecidingRule> rule) {
        Map<String, Object> named = new LinkedHashMap<>();
        named.put("policy", rule.map(DecidingRule::policy).orElse(null));
        named.put("rule", rule.flatMap(DecidingRule::rule).orElse(null));
        return named;
    }

    /// Keys without entries are left out: the data writes them in `selected` and not in `matched`.
    private static Map<String, Set<String>> sorted(Map<String, Object> byAction) {
        Map<String, Set<String>> sorted = new TreeMap<>();
        for (Action action : Action.values()) {
            List<String> entries = Objects.strings(byAction, action.name());
            if (!entries.isEmpty()) {
                sorted.put(action.name(), new TreeSet<>(entries));
            }
        }
        return sorted;
    }

    static MeshSettings mesh(Map<String, Object> mesh) {
        return new MeshSettings(
                Objects.text(mesh, "rootNamespace", "istio-system"),
                new TrustDomains(Objects.text(mesh, "trustDomain", ""), Objects.strings(mesh, "trustDomainAliases")));
    }

    static Workload workload(Map<String, Object> workload, DataPlane plane) {
        return new Workload(
                Objects.text(workload, "namespace", ""),
                Objects.texts(workload, "labels"),
                plane,
                Objects.list(workload, "services").stream()
                        .map(service -> new Workload.CalledService(
                                Objects.text(service, "namespace", ""),
                                Objects.text(service, "name", ""),
                                Objects.text(service, "registry", "Kubernetes").equals("External")))
                        .toList());
    }

    private static Call call(Map<String, Object> request) {
        Map<String, Object> source = Objects.map(request, "source");
        Map<String, Object> destination = Objects.map(request, "destination");
        boolean mutualTls = Boolean.TRUE.equals(request.get("mtls"));
        Optional<Call.Http> http = request.get("protocol").equals("http")
                ? Optional.of(new Call.Http(
                        Objects.text(request, "method", ""),
                        Objects.text(request, "path", ""),
                        Objects.text(request, "host", ""),
                        headers(Objects.map(request, "headers")),
                        request.get("jwt") == null ? Optional.empty() : Optional.of(Objects.map(request, "jwt"))))
                : Optional.empty();
        Map<String, Map<String, Object>> metadata = new TreeMap<>();
        Objects.map(request, "filterMetadata")
                .forEach((filter, ignored) -> metadata.put(filter, Objects.map(Objects.map(request, "filterMetadata"),
                        filter)));
        Map<String, ExternalAuthorizer> authorizers = new TreeMap<>();
        Map<String, Object> providers = Objects.map(request, "extAuthz");
        providers.keySet().forEach(name -> {
            Map<String, Object> provider = Objects.map(providers, name);
            authorizers.put(
                    name, new ExternalAuthorizer("http".equals(provider.get("type")),
                            Boolean.TRUE.equals(provider.get("allow"))));
        });
        String ip = Objects.text(source, "ip", "");
        return new Call(
                Optional.ofNullable((String) source.get("principal")).filter(unused -> mutualTls),
                ip,
                Objects.text(source, "remoteIp", ip),
                Objects.text(destination, "ip", ""),
                ((Number) destination.get("port")).intValue(),
                Optional.ofNullable((String) request.get("sni")),
                http,
                metadata,
                authorizers);
    }

    private static Map<String, List<String>> headers(Map<String, Object> headers) {
        Map<String, List<String>> lines = new TreeMap<>();
        headers.forEach((name, value) ->
                lines.put(name, value instanceof List<?> ? Objects.strings(headers, name)
                        : List.of(String.valueOf(value))));
        return lines;
    }
}
